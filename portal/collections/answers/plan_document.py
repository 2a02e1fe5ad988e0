"""The agreement on a payment plan as PDF/A, in the creditor's own name."""

# ruff: noqa: E501 - the clauses are read on one line

from datetime import date, datetime
from pathlib import Path

from portal.collections.answers.models import PaymentPlan, PenaltyChoice
from portal.collections.legal.paperwork import address_of
from portal.documents.rendering import render
from portal.identity.models import Organisation
from portal.receivables.models import Receivable
from pricing.amount_words import amount_in_words
from pricing.money import Money
from pricing.wording import amount_text, date_text

HERE = Path(__file__).parent
PENALTY_WORDS = {
    PenaltyChoice.INCLUDED: "Les pénalités de retard et l'indemnité arrêtées à ce jour sont comprises dans le total ; aucune autre pénalité ne court sur les échéances respectées.",
    PenaltyChoice.WAIVED: "Le créancier renonce aux pénalités de retard et à l'indemnité si toutes les échéances sont respectées.",
    PenaltyChoice.RUNNING: "Les pénalités de retard continuent de courir sur ce qui reste dû et seront demandées à la fin, avec l'indemnité.",
}


def render_plan(
    plan: PaymentPlan, receivable: Receivable, assignor: Organisation, *, at: datetime
) -> bytes:
    """The agreement to sign: its table, what a missed instalment does, what the debtor acknowledges.

    A debtor that does not trade spells the sum itself; the words to copy are given.

    Source: C. civ. art. 1305-4, 1376, 2240; C. com. art. L110-3.
    """
    debtor = receivable.debtor
    total = Money(plan.total_cents, plan.currency)
    facts = {
        "creditor": assignor.legal_name,
        "creditor_siren": assignor.siren or "",
        "creditor_address": address_of(assignor),
        "debtor": debtor.name,
        "debtor_siren": debtor.siren or "",
        "number": receivable.number,
        "issued_on": _day(receivable.issued_on),
        "due_on": _day(receivable.due_on) if receivable.due_on else "",
        "written_on": _day(plan.written_on),
        "total": _money(total.cents, total.currency),
        "penalty": _money(plan.penalty_cents, total.currency) if plan.penalty_cents else "",
        "principal": _money(plan.total_cents - plan.penalty_cents, total.currency),
        "penalties": PENALTY_WORDS[plan.penalties],
        "words": amount_in_words(total) if total.currency == "EUR" else "",
        "trades": plan.debtor_trades,
        "acceleration": plan.acceleration,
        "grace_days": plan.grace_days,
        "letter_days": plan.letter_days,
        "iban": assignor.iban or "",
        "lines": [
            [str(one.number), _day(one.due_on), _money(one.amount_cents, total.currency)]
            for one in plan.instalments
        ],
    }
    return render("payment_plan", facts, made_at=at, folder=HERE)


def _day(day: date) -> str:
    return date_text(day.isoformat(), "fr")


def _money(cents: int, currency: str) -> str:
    return amount_text(cents, "fr", currency)
