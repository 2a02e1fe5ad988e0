"""Asking, answering and ending a mandate: an assignor's dated leave for a broker to act for it (CMF L519-2)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Uuid, func, select
from sqlalchemy.orm import Session

from portal.audit.models import MoveSubject
from portal.audit.moves import trace_move
from portal.audit.trail import record
from portal.brokers.models import Mandate, MandateState
from portal.brokers.states import MANDATE_TRANSITIONS, MandateAction
from portal.config import Settings
from portal.db import look_as
from portal.identity.applications import ApplicantCompany, resume_link, start_application
from portal.identity.models import Organisation
from portal.identity.owners import write_to_owners
from portal.messages.outbox import Draft, write
from portal.messages.wording import compose
from portal.states import next_state

ANSWER_DAYS = 30
MANDATES_PATH = "/brokers/mandates"
CLIENTS_PATH = "/brokers/"


class MandateAlreadyThere(Exception):
    """A mandate between these two is already asked or live."""


@dataclass(frozen=True, slots=True)
class MandateTerms:
    """What a broker asks for: the mission in words, and the last day it may act, if any."""

    mission: str
    ends_on: date | None = None


def ask_mandate(
    session: Session,
    broker: Organisation,
    company: ApplicantCompany,
    email: str,
    terms: MandateTerms,
    *,
    settings: Settings,
    by: UUID,
    at: datetime,
) -> Mandate:
    """Ask a company for a mandate and write to it; the answer is the same whether or not it is here already.

    A company that is here is written to through its owners; another is invited at ``email`` by a link that
    opens its application, and finds the mandate to answer once it has an account.

    Raises:
        MandateAlreadyThere: one is already asked or live between the two.
    """
    name = broker.legal_name
    broker_id = broker.id
    _refuse_second(session, broker_id, company.siren)
    assignor_id = session.scalar(
        select(func.assignor_of_siren(company.siren, type_=Uuid()))
    ) or _invite_company(session, broker_id, name, company, email, settings, at)
    mandate = Mandate(
        broker_id=broker_id,
        assignor_id=assignor_id,
        asked_at=at,
        asked_by=by,
        terms=terms.mission,
        ends_on=terms.ends_on,
    )
    session.add(mandate)
    session.flush()
    record(session, broker_id, "mandate_asked", "mandate", mandate.id, by=by, at=at)
    write_to_owners(
        session,
        assignor_id,
        "mandate_asked",
        key=f"mandate_asked:{mandate.id}",
        at=at,
        broker_name=name,
        assignor_name=company.legal_name,
        url=f"{settings.public_url}{MANDATES_PATH}",
    )
    return mandate


def accept_mandate(
    session: Session, mandate: Mandate, *, settings: Settings, by: UUID, at: datetime, on: date
) -> None:
    """The assignor gives the mandate, from today.

    Raises:
        IllegalTransition: it is no longer waiting for an answer.
    """
    move_mandate(session, mandate, MandateAction.ACCEPT, by=by, at=at)
    mandate.answered_at, mandate.answered_by, mandate.starts_on = at, by, on
    _answered(session, mandate, accepted=True, settings=settings, by=by, at=at)


def decline_mandate(
    session: Session, mandate: Mandate, *, settings: Settings, by: UUID, at: datetime
) -> None:
    """The assignor refuses the mandate.

    Raises:
        IllegalTransition: it is no longer waiting for an answer.
    """
    move_mandate(session, mandate, MandateAction.DECLINE, by=by, at=at)
    mandate.answered_at, mandate.answered_by = at, by
    _answered(session, mandate, accepted=False, settings=settings, by=by, at=at)


def revoke_mandate(
    session: Session, mandate: Mandate, *, acting_for: UUID, by: UUID, at: datetime
) -> None:
    """Either side ends the mandate at once; what was done under it stays.

    Raises:
        IllegalTransition: it has already ended.
    """
    move_mandate(session, mandate, MandateAction.REVOKE, by=by, at=at)
    mandate.revoked_at, mandate.revoked_by = at, by
    record(session, acting_for, "mandate_revoked", "mandate", mandate.id, by=by, at=at)


def expire_mandates(session: Session, *, at: datetime, on: date) -> int:
    """End the mandates past their last day, and the requests nobody answered in time; how many ended."""
    asked_before = at - timedelta(days=ANSWER_DAYS)
    overdue = session.scalars(
        select(Mandate)
        .where(
            (Mandate.state.in_((MandateState.LIVE, MandateState.ASKED)) & (Mandate.ends_on < on))
            | ((Mandate.state == MandateState.ASKED) & (Mandate.asked_at < asked_before))
        )
        .with_for_update(skip_locked=True)
    ).all()
    for mandate in overdue:
        move_mandate(session, mandate, MandateAction.EXPIRE, by=None, at=at)
        record(
            session,
            mandate.assignor_id,
            "mandate_expired",
            "mandate",
            mandate.id,
            by=None,
            at=at,
        )
    return len(overdue)


def move_mandate(
    session: Session,
    mandate: Mandate,
    action: MandateAction,
    *,
    by: UUID | None,
    at: datetime,
) -> None:
    """Change the mandate's state and leave a trace; the only way it ever changes."""
    before = mandate.state
    after = next_state(MANDATE_TRANSITIONS, before, action)
    trace_move(
        session,
        MoveSubject.MANDATE,
        mandate.id,
        action,
        before,
        after,
        assignor_id=mandate.assignor_id,
        by=by,
        at=at,
    )
    session.flush()
    mandate.state = after


def _invite_company(
    session: Session,
    broker_id: UUID,
    broker_name: str,
    company: ApplicantCompany,
    email: str,
    settings: Settings,
    at: datetime,
) -> UUID:
    broker_eyes = session.info["viewer"]
    application = start_application(
        session, company, settings=settings, at=at, email=email, broker_id=broker_id
    )
    organisation_id = application.organisation_id
    wording = compose(
        "mandate_asked",
        "fr",
        broker_name=broker_name,
        assignor_name=company.legal_name,
        url=resume_link(settings, application),
    )
    draft = Draft(
        kind="mandate_asked",
        dedupe_key=f"mandate_invitation:{application.id}",
        to_address=email,
        subject=wording.subject,
        body_text=wording.text,
        body_html=wording.html,
        locale=wording.locale,
        organisation_id=organisation_id,
    )
    write(session, draft, at=at)
    look_as(session, broker_eyes)
    return organisation_id


def _refuse_second(session: Session, broker_id: UUID, siren: str | None) -> None:
    known = session.scalar(
        select(Mandate.id)
        .join(Organisation, Organisation.id == Mandate.assignor_id)
        .where(
            Mandate.broker_id == broker_id,
            Organisation.siren == siren,
            Mandate.state.in_((MandateState.ASKED, MandateState.LIVE)),
        )
    )
    if known is not None:
        raise MandateAlreadyThere(known)


def _answered(
    session: Session,
    mandate: Mandate,
    *,
    accepted: bool,
    settings: Settings,
    by: UUID,
    at: datetime,
) -> None:
    assignor = session.get_one(Organisation, mandate.assignor_id)
    action = "mandate_accepted" if accepted else "mandate_declined"
    record(session, assignor.id, action, "mandate", mandate.id, by=by, at=at)
    write_to_owners(
        session,
        mandate.broker_id,
        "mandate_answered",
        key=f"{action}:{mandate.id}",
        at=at,
        assignor_name=assignor.legal_name,
        accepted=accepted,
        url=f"{settings.public_url}{CLIENTS_PATH}",
    )
