"""How many quotes are made in a second: every rule, then the price."""

from datetime import date

from partners.sandbox.lenders import fictional_lenders
from pricing.eligibility import assess
from pricing.facts import AssignorFacts, DebtorFacts, ReceivableFacts
from pricing.money import Money
from pricing.parameters import law
from pricing.products.catalogue import price
from tests.bench.measuring import Section, milliseconds, seconds_each

ON = date(2026, 11, 23)


def section() -> Section:
    receivable = ReceivableFacts(
        number="F-1",
        debtor=DebtorFacts(siren="000113001"),
        face=Money(1_200_000),
        issued_on=date(2026, 11, 10),
        due_on=date(2027, 1, 9),
        delivered_on=date(2026, 11, 9),
    )
    assignor = AssignorFacts(siren="000101006")
    cards = [card for lender in fictional_lenders() for card in lender.rate_cards]
    ready = [(card.product, card.read_policy(), card.read_tariff()) for card in cards]
    known = law()

    def quote_all() -> None:
        for product, policy, tariff in ready:
            assess(product, receivable, assignor, policy, ON, known)
            price(tariff, receivable, ON)

    def assess_all() -> None:
        for product, policy, _ in ready:
            assess(product, receivable, assignor, policy, ON, known)

    whole = seconds_each(quote_all) / len(ready)
    rules = seconds_each(assess_all) / len(ready)
    rows = [
        ("rules and price", f"{1 / whole:,.0f}", milliseconds(whole), "1.0 ×"),
        ("rules alone", f"{1 / rules:,.0f}", milliseconds(rules), f"{rules / whole:.1f} ×"),
    ]
    return Section(
        "Quotes",
        f"One receivable under {len(ready)} rate cards over the four products; one process, one core.",
        ("what", "per second", "each", "share of the whole"),
        rows,
    )
