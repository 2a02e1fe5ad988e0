"""Every invoice of the shared samples, against the facts recorded beside them."""

import json
import os
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from partners.formats.reading import read_file
from partners.vocabulary.invoices import DueDateSource, InvoiceRead

SAMPLES = Path(os.environ.get("PORTAL_SHARED", Path(__file__).parents[4] / "shared")) / "samples"
# What the facts took for a VAT number: a German tax number, a Swedish statement of registration.
NOT_VAT_NUMBERS = ("12/345/67890", "201/113/40209", "Godkänd för F-skatt")

pytestmark = pytest.mark.shared


def facts() -> list[dict[str, Any]]:
    listed = SAMPLES / "facts.json"
    if not listed.exists():
        return []
    entries = json.loads(listed.read_text(encoding="utf-8"))
    return [entry for entry in entries if entry["file"].startswith("invoices/")]


def cents(text: str | None) -> int | None:
    return None if text is None else int(Decimal(text) * 100)


def squeezed(text: str | None) -> str | None:
    return "".join(text.split()) if text else None


def differences(invoice: InvoiceRead, fact: dict[str, Any]) -> dict[str, tuple[object, object]]:
    """Field → (read, recorded), for every field that differs."""
    due_on = invoice.due_on if invoice.due_source is DueDateSource.DOCUMENT else None
    read = {
        "number": invoice.number,
        "type": invoice.type_code,
        "issue": invoice.issued_on and invoice.issued_on.isoformat(),
        "due": due_on and due_on.isoformat(),
        "currency": invoice.currency,
        "net": invoice.net_cents,
        "tax": invoice.vat_cents,
        "gross": invoice.gross_cents,
        "prepaid": invoice.prepaid_cents,
        "payable": invoice.payable_cents,
        "seller": squeezed(invoice.seller.name),
        "buyer": squeezed(invoice.buyer.name),
        "seller_legal_id": invoice.seller.legal_id,
        "buyer_legal_id": invoice.buyer.legal_id,
        "seller_vat": invoice.seller.vat_id,
        "buyer_vat": invoice.buyer.vat_id,
        "seller_country": invoice.seller.country,
        "buyer_country": invoice.buyer.country,
        "payee": invoice.payee_name,
        "iban": squeezed(invoice.iban),
    }
    recorded: dict[str, object] = {key: fact.get(key) for key in read}
    for amount in ("net", "tax", "gross", "prepaid", "payable"):
        recorded[amount] = cents(fact.get(amount))
    for text in ("seller", "buyer", "seller_vat", "buyer_vat", "iban"):
        recorded[text] = squeezed(fact.get(text))
    if fact.get("seller_vat") in NOT_VAT_NUMBERS:
        del read["seller_vat"]
    return {key: (read[key], recorded[key]) for key in read if read[key] != recorded[key]}


def expected_codes(tags: str) -> set[str]:
    by_tag = {
        "PAYEE_IS_NOT_SELLER": "payee_is_not_seller",
        "CORRECTED": "corrective_invoice",
        "SELF_BILLED": "self_billed",
        "NEGATIVE_TOTAL": "negative_total",
        "NOT_EUR": "not_in_euros",
    }
    return {code for tag, code in by_tag.items() if tag in tags.split()}


@pytest.mark.parametrize("entry", facts(), ids=lambda entry: entry["file"])
def test_a_sample_is_read_as_recorded_or_refused_as_expected(entry: dict[str, Any]):
    read, fact = read_file(SAMPLES / entry["file"]), entry["facts"]
    codes = {warning.code for invoice in read.documents for warning in invoice.warnings}

    if entry["kind"] == "bad":
        assert read.refusals or codes
        return
    assert read.refusals == ()
    (invoice,) = read.documents
    if fact.get("number"):
        assert differences(invoice, fact) == {}
    assert expected_codes(fact.get("tags", "")) <= codes
    if entry["kind"] == "good":
        assert not codes & {"payable_not_gross_less_prepaid", "gross_not_net_plus_vat"}
        assert not codes & {"lines_not_line_total", "line_total_not_net", "vat_lines_not_vat"}


def test_the_table_of_files_and_outcomes(capsys: pytest.CaptureFixture[str]):
    outcomes: Counter[tuple[str, str]] = Counter()
    for entry in facts():
        read = read_file(SAMPLES / entry["file"])
        remarks = any(invoice.warnings for invoice in read.documents)
        outcome = "refused" if read.refusals else "read with remarks" if remarks else "read"
        outcomes[entry["kind"], outcome] += 1
    with capsys.disabled():
        for (kind, outcome), count in sorted(outcomes.items()):
            sys.stdout.write(f"\n{kind:5} {outcome:18} {count}")
    assert sum(outcomes.values()) == len(facts())
