"""What the debtor is written about its plan, in its creditor's name, and what the creditor is told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.collections.answers.models import PaymentPlan
from portal.identity.models import Organisation
from portal.messages.models import Message
from portal.messages.outbox import Draft, write
from portal.messages.wording import compose
from portal.receivables.models import Receivable
from pricing.instalments import FollowedInstalment
from pricing.wording import known_locale


def write_about_request(
    session: Session,
    receivable: Receivable,
    kind: str,
    *,
    plan: PaymentPlan | None = None,
    word: str = "",
    at: datetime,
) -> Message | None:
    """Answer a debtor's request by e-mail, with the agreement to sign; None when it has no address."""
    subject_id = plan.id if plan else receivable.id
    documents = (plan.document_id,) if plan is not None and plan.document_id else ()
    return _to_debtor(
        session,
        receivable,
        kind,
        key=f"{kind}:{subject_id}:{at.isoformat()}",
        documents=documents,
        values={
            "number": receivable.number,
            "word": word,
            "currency": receivable.currency,
            "instalments": [
                {"due_on": one.due_on, "cents": one.amount_cents} for one in plan.instalments
            ]
            if plan
            else [],
        },
        at=at,
    )


def write_missed(
    session: Session, plan: PaymentPlan, missed: FollowedInstalment, *, at: datetime
) -> Message | None:
    """Write to the debtor about a missed instalment, once; None when it has no address."""
    receivable = session.get_one(Receivable, plan.receivable_id)
    return _to_debtor(
        session,
        receivable,
        "plan_missed",
        key=f"plan_missed:{plan.id}:{missed.instalment.number}",
        documents=(),
        values={
            "number": receivable.number,
            "due_on": missed.instalment.due_on,
            "missing_cents": missed.missing.cents,
            "currency": plan.currency,
            "letter_days": plan.letter_days,
            "acceleration": plan.acceleration,
        },
        at=at,
    )


def tell_owner(
    session: Session, plan: PaymentPlan, kind: str, *, key: str, at: datetime
) -> Message | None:
    """Tell the creditor what became of its plan."""
    assignor = session.get_one(Organisation, plan.assignor_id)
    if not assignor.email:
        return None
    receivable = session.get_one(Receivable, plan.receivable_id)
    wording = compose(
        kind,
        known_locale(assignor.locale),
        number=receivable.number,
        debtor=receivable.debtor.name,
        acceleration=plan.acceleration,
    )
    return write(
        session,
        Draft(
            kind=kind,
            dedupe_key=f"{kind}:{plan.id}:{key}",
            to_address=assignor.email,
            to_name=assignor.legal_name,
            subject=wording.subject,
            body_text=wording.text,
            body_html=wording.html,
            locale=wording.locale,
            organisation_id=assignor.id,
            receivable_id=receivable.id,
        ),
        at=at,
    )


def _to_debtor(
    session: Session,
    receivable: Receivable,
    kind: str,
    *,
    key: str,
    documents: tuple[UUID, ...],
    values: dict[str, object],
    at: datetime,
) -> Message | None:
    debtor = receivable.debtor
    if not debtor.contact_email:
        return None
    assignor = session.get_one(Organisation, receivable.assignor_id)
    locale = known_locale(debtor.locale)
    wording = compose(kind, locale, creditor=assignor.legal_name, **values)
    return write(
        session,
        Draft(
            kind=kind,
            dedupe_key=key,
            to_address=debtor.contact_email,
            to_name=debtor.contact_name or debtor.name,
            from_name=assignor.legal_name,
            reply_to=assignor.email,
            subject=wording.subject,
            body_text=wording.text,
            body_html=wording.html,
            locale=locale,
            organisation_id=assignor.id,
            attachment_ids=documents,
            receivable_id=receivable.id,
            debtor_id=debtor.id,
        ),
        at=at,
    )
