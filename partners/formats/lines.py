"""Whether lines, allowances and VAT add up to the totals (EN 16931 BR-CO-10, 13, 14; line nets)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from partners.formats.checks import amount
from partners.formats.stated import StatedInvoice, StatedLine
from partners.formats.values import exact_amount, to_cents
from partners.vocabulary.invoices import InvoiceRead, ReadWarning

# Peppol BIS 3.0 R120 allows two hundredths between a line and its quantity times price; prices
# printed rounded make honest French invoices differ by up to a hundredth part.
LINE_SLACK = Decimal("0.02")
LINE_SLACK_RATE = Decimal("0.01")
LINE_WARNINGS_MAX = 5

ReadAmount = Callable[[str, str | None], Decimal | None]


@dataclass(slots=True)
class Sums:
    """The sums behind the totals, in cents; ``None`` where the document gives no detail."""

    lines_cents: int | None = None
    line_total_cents: int | None = None
    adjusted_cents: int | None = None
    vat_cents: int | None = None
    wrong_lines: list[tuple[str, Decimal, Decimal]] = field(default_factory=list)

    @classmethod
    def of(cls, stated: StatedInvoice, read: ReadAmount) -> "Sums":
        sums = cls()
        totals = [read(f"lines[{line.label}].total", line.total) for line in stated.lines]
        if totals and None not in totals:
            sums.lines_cents = to_cents(sum((t for t in totals if t is not None), Decimal(0)))
        line_total = read("line_total", stated.amounts.get("line_total"))
        if line_total is not None:
            charges = read("charges", stated.amounts.get("charges")) or Decimal(0)
            allowances = read("allowances", stated.amounts.get("allowances")) or Decimal(0)
            sums.line_total_cents = to_cents(line_total)
            sums.adjusted_cents = to_cents(line_total + charges - allowances)
        vat = [read("vat", text) for text in stated.vat_amounts]
        if vat and None not in vat:
            sums.vat_cents = to_cents(sum((v for v in vat if v is not None), Decimal(0)))
        sums.wrong_lines = [wrong for line in stated.lines if (wrong := _wrong(line))]
        return sums

    def warnings(self, invoice: InvoiceRead) -> list[ReadWarning]:
        found = [
            self._unequal("lines_not_line_total", self.lines_cents, self.line_total_cents, invoice),
            self._unequal("line_total_not_net", self.adjusted_cents, invoice.net_cents, invoice),
            self._unequal("vat_lines_not_vat", self.vat_cents, invoice.vat_cents, invoice),
        ]
        for label, expected, stated_total in self.wrong_lines[:LINE_WARNINGS_MAX]:
            params = {"line": label, "expected": f"{expected:.2f}", "stated": f"{stated_total}"}
            found.append(ReadWarning("line_not_quantity_times_price", params))
        return [warning for warning in found if warning]

    @staticmethod
    def _unequal(
        code: str, expected: int | None, stated: int | None, invoice: InvoiceRead
    ) -> ReadWarning | None:
        if expected is None or stated is None or expected == stated:
            return None
        currency = invoice.currency
        return ReadWarning(
            code, {"expected": amount(expected, currency), "stated": amount(stated, currency)}
        )


def _wrong(line: StatedLine) -> tuple[str, Decimal, Decimal] | None:
    """(line, expected, stated) when quantity times price, adjusted, is not the line's net."""
    if line.total is None or line.quantity is None or line.price is None:
        return None
    try:
        base = exact_amount(line.price_base) if line.price_base else Decimal(1)
        expected = exact_amount(line.quantity) * exact_amount(line.price) / (base or Decimal(1))
        expected += sum((exact_amount(charge) for charge in line.charges), Decimal(0))
        expected -= sum((exact_amount(taken) for taken in line.allowances), Decimal(0))
        stated = exact_amount(line.total)
    except ValueError:
        return None
    slack = max(LINE_SLACK, abs(stated) * LINE_SLACK_RATE)
    return None if abs(expected - stated) <= slack else (line.label, expected, stated)
