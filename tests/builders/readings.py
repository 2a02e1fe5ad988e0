"""What a file reader says, valid by default: one invoice of the assignor to a debtor."""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from partners.vocabulary.invoices import (
    DocumentKind,
    DueDateSource,
    FileFormat,
    FileRead,
    InvoiceRead,
    PartyRead,
    ReadRefusal,
)
from portal.identity.models import Organisation
from portal.receivables.importing import ReceivedFile
from tests.builders.organisations import a_siren
from tests.conftest import TODAY

_numbers = count(1)
BUYER_SIREN = a_siren()


def an_invoice_read(assignor: Organisation, **given: Any) -> InvoiceRead:
    """An invoice of 1 200 € incl. VAT, issued ten days ago, due in fifty."""
    gross = given.pop("gross_cents", 120_000)
    read = InvoiceRead(
        kind=DocumentKind.INVOICE,
        number=f"FA-{next(_numbers):05d}",
        issued_on=TODAY - timedelta(days=10),
        currency="EUR",
        seller=PartyRead(name=assignor.legal_name, siren=assignor.siren, country="FR"),
        buyer=PartyRead(name="Débiteur Exemple SAS", siren=BUYER_SIREN, country="FR"),
        type_code="380",
        due_on=TODAY + timedelta(days=50),
        due_source=DueDateSource.DOCUMENT,
        delivered_on=TODAY - timedelta(days=12),
        net_cents=gross * 10 // 12 if gross is not None else None,
        gross_cents=gross,
        payable_cents=gross,
    )
    return replace(read, **given)


def a_credit_note_read(assignor: Organisation, preceding: str | None, **given: Any) -> InvoiceRead:
    return an_invoice_read(
        assignor,
        **{
            "kind": DocumentKind.CREDIT_NOTE,
            "type_code": "381",
            "preceding_invoice": preceding,
            "due_on": None,
            "gross_cents": 20_000,
            **given,
        },
    )


def a_file(
    *invoices: InvoiceRead,
    name: str = "factures.xml",
    content: bytes = b"<xml/>",
    file_format: FileFormat = FileFormat.CII,
    refusals: tuple[ReadRefusal, ...] = (),
) -> ReceivedFile:
    return ReceivedFile(
        name, content, FileRead(name, file_format, documents=invoices, refusals=refusals)
    )
