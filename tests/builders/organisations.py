"""Organisations and members."""

from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session
from stdnum import luhn

from portal.brokers.models import Mandate, MandateState
from portal.identity.models import (
    Member,
    Membership,
    Organisation,
    OrganisationKind,
    OrganisationState,
    Role,
)
from tests.conftest import NOW

_numbers = count(1)


def a_siren() -> str:
    """A SIREN that passes Luhn, from a range no company has."""
    stem = f"000{next(_numbers):05d}"
    return stem + luhn.calc_check_digit(stem)


def an_organisation(session: Session, kind: OrganisationKind, **given: Any) -> Organisation:
    organisation = Organisation(
        **{
            "kind": kind,
            "state": OrganisationState.ACTIVE,
            "legal_name": f"{kind.value.title()} Exemple {next(_numbers)}",
            "siren": a_siren(),
            "address_line": "1 rue de l'Exemple",
            "postal_code": "69001",
            "city": "Exempleville",
            "email": "compta@exemple.example",
            "created_at": NOW,
            **given,
        }
    )
    session.add(organisation)
    session.flush()
    return organisation


def an_assignor(session: Session, **given: Any) -> Organisation:
    return an_organisation(session, OrganisationKind.ASSIGNOR, **given)


def a_lender(session: Session, **given: Any) -> Organisation:
    return an_organisation(session, OrganisationKind.LENDER, **given)


def a_broker(session: Session, **given: Any) -> Organisation:
    return an_organisation(session, OrganisationKind.BROKER, **given)


def an_operator(session: Session, **given: Any) -> Organisation:
    return an_organisation(session, OrganisationKind.OPERATOR, **given)


def a_member(
    session: Session, organisation: Organisation, role: Role = Role.OWNER, **given: Any
) -> Member:
    number = next(_numbers)
    member = Member(
        **{
            "email": f"membre{number}@exemple.example",
            "fs_uniquifier": uuid4().hex,
            "confirmed_at": NOW,
            "name": f"Membre {number}",
            "create_datetime": NOW,
            "update_datetime": NOW,
            **given,
        }
    )
    session.add(member)
    session.flush()
    session.add(
        Membership(member_id=member.id, organisation_id=organisation.id, role=role, created_at=NOW)
    )
    session.flush()
    return member


def a_mandate(
    session: Session,
    broker: Organisation,
    assignor: Organisation,
    state: MandateState = MandateState.LIVE,
) -> Mandate:
    mandate = Mandate(
        broker_id=broker.id,
        assignor_id=assignor.id,
        state=state,
        asked_at=NOW,
        asked_by=uuid4(),
        terms="search for financing",
        starts_on=NOW.date(),
    )
    session.add(mandate)
    session.flush()
    return mandate
