"""Debtors and receivables."""

from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from portal.debtors.models import Debtor
from portal.identity.models import Organisation
from portal.receivables.models import CreditNote, Receivable
from tests.builders.organisations import a_siren
from tests.conftest import NOW, TODAY

_numbers = count(1)


def a_debtor(session: Session, assignor: Organisation, **given: Any) -> Debtor:
    siren = given.pop("siren", a_siren())
    debtor = Debtor(
        **{
            "assignor_id": assignor.id,
            "identity_key": siren or uuid4().hex,
            "name": f"Débiteur Exemple {next(_numbers)}",
            "siren": siren,
            "contact_email": "fournisseurs@debiteur.example",
            "created_at": NOW,
            **given,
        }
    )
    session.add(debtor)
    session.flush()
    return debtor


def a_receivable(
    session: Session, assignor: Organisation, debtor: Debtor | None = None, **given: Any
) -> Receivable:
    number = given.pop("number", f"F-{next(_numbers):05d}")
    face = given.pop("face_cents", 1_200_000)
    receivable = Receivable(
        **{
            "assignor_id": assignor.id,
            "debtor_id": (debtor or a_debtor(session, assignor)).id,
            "number": number,
            "number_key": number.upper(),
            "type_code": "380",
            "currency": "EUR",
            "net_cents": face * 10 // 12,
            "vat_cents": face - face * 10 // 12,
            "face_cents": face,
            "issued_on": TODAY - timedelta(days=10),
            "due_on": TODAY + timedelta(days=50),
            "delivered_on": TODAY - timedelta(days=12),
            "fingerprint": uuid4().hex,
            "created_at": NOW,
            **given,
        }
    )
    session.add(receivable)
    session.flush()
    return receivable


def a_credit_note(session: Session, debtor: Debtor, cents: int, **given: Any) -> CreditNote:
    """A credit note of a debtor that names no invoice."""
    number = f"AV-{next(_numbers):05d}"
    credit_note = CreditNote(
        **{
            "assignor_id": debtor.assignor_id,
            "debtor_id": debtor.id,
            "number": number,
            "number_key": number,
            "issued_on": TODAY,
            "amount_cents": cents,
            "currency": "EUR",
            "created_at": NOW,
            **given,
        }
    )
    session.add(credit_note)
    session.flush()
    return credit_note
