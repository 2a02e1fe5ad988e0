"""Signed delivery notes of the demonstration: the proof that lenders ask for."""

from pathlib import Path

import typst

from portal.demo.history import Invoice

TEMPLATE = Path(__file__).parent / "delivery_note.typ"


def delivery_note(seller: str, invoice: Invoice) -> bytes:
    """The delivery note of one invoice, as PDF/A."""
    company = invoice.customer.company
    page: bytes = typst.compile(
        TEMPLATE.read_bytes(),
        sys_inputs={
            "number": invoice.number,
            "seller": seller,
            "buyer": f"{company.name}, {company.postcode} {company.city}",
            "order": invoice.order_reference,
            "delivered": f"{invoice.delivered_on:%d/%m/%Y}",
            "wording": invoice.wording,
        },
        pdf_standards=["a-2b"],
        ignore_system_fonts=True,
    )
    return page
