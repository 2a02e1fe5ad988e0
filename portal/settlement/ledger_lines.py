"""The postings of each movement of a deal: pure arithmetic on what was assigned, advanced and paid.

Positions (debit positive), each back to zero when the deal is over:
    receivables_assigned  what debtors still owe on the deed
    assignment_liability  (credit) the part of the price the advance has paid
    advance               what the lender has lent and not got back
    reserve               (credit) what it keeps until the debtors pay
    recourse              what it asks back from the assignor
    due_to_lender         its last charges the reserve could not bear, owed by the assignor
Flows, which record what happened: lender_cash, fees, vat_on_fees, loss.
"""

from dataclasses import dataclass
from uuid import UUID

from portal.ledger.journal import Line
from portal.ledger.models import Account
from pricing.money import Money

POSITIONS = (
    Account.RECEIVABLES_ASSIGNED,
    Account.ASSIGNMENT_LIABILITY,
    Account.ADVANCE,
    Account.RESERVE,
    Account.RECOURSE,
    Account.DUE_TO_LENDER,
    Account.ASSIGNOR_CASH,
    Account.DEBTOR_PAYMENTS,
)
"""A deal is settled when all of these are at zero."""


@dataclass(frozen=True, slots=True)
class Debt:
    """One receivable of a deed: what was assigned, what was advanced on it, what came in so far."""

    receivable_id: UUID
    face_cents: int
    advance_cents: int
    paid_cents: int = 0

    @property
    def left_cents(self) -> int:
        """What its debtor still owes."""
        return self.face_cents - self.paid_cents

    @property
    def advance_left_cents(self) -> int:
        """The part of the advance not covered by payments: each euro paid covers its share of it.

        The share is cumulated and rounded down, so the order of the payments does not matter
        and a debt paid in full leaves nothing.
        """
        return self.advance_cents - self.advance_cents * self.paid_cents // self.face_cents

    @property
    def reserve_left_cents(self) -> int:
        """The part of the reserve its debtor's payments have not earned yet."""
        return self.left_cents - self.advance_left_cents


@dataclass(frozen=True, slots=True)
class Charges:
    """Fees before VAT, and their VAT, in cents."""

    fees_cents: int
    vat_cents: int

    @property
    def total_cents(self) -> int:
        return self.fees_cents + self.vat_cents

    def within(self, held_cents: int) -> "Charges":
        """As much of them as the reserve can bear: fees first, then their VAT."""
        fees = min(self.fees_cents, held_cents)
        return Charges(fees, min(self.vat_cents, held_cents - fees))

    def less(self, taken: "Charges") -> "Charges":
        """What is left of them once a part is taken."""
        return Charges(self.fees_cents - taken.fees_cents, self.vat_cents - taken.vat_cents)


def disbursement(debts: list[Debt], upfront: Charges, net_cents: int, currency: str) -> list[Line]:
    """The debts come on the deed, the advance goes out less the fees of the first day.

    face    = advance + reserve
    advance = net paid + upfront fees + their VAT
    """
    face = sum(debt.face_cents for debt in debts)
    advance = sum(debt.advance_cents for debt in debts)
    return _lines(
        currency,
        (Account.RECEIVABLES_ASSIGNED, face),
        (Account.ASSIGNMENT_LIABILITY, -advance),
        (Account.RESERVE, -(face - advance)),
        (Account.ADVANCE, advance),
        (Account.LENDER_CASH, -net_cents),
        (Account.FEES, -upfront.fees_cents),
        (Account.VAT_ON_FEES, -upfront.vat_cents),
    )


def debtor_payment(
    debt: Debt, paid_cents: int, recourse_cents: int, advance_cents: int, currency: str
) -> list[Line]:
    """A debtor pays the lender: its debt falls, and with it the advance (or what was called of it).

    What the assignor had already repaid on its recourse is not earned twice: it joins the
    reserve, which the lender gives back.
    """
    after = Debt(
        debt.receivable_id, debt.face_cents, debt.advance_cents, debt.paid_cents + paid_cents
    )
    covered = debt.advance_left_cents - after.advance_left_cents
    from_recourse = min(covered, recourse_cents)
    from_advance = min(covered - from_recourse, advance_cents)
    return _lines(
        currency,
        (Account.LENDER_CASH, paid_cents),
        (Account.RECEIVABLES_ASSIGNED, -paid_cents),
        (Account.ASSIGNMENT_LIABILITY, covered),
        (Account.ADVANCE, -from_advance),
        (Account.RECOURSE, -from_recourse),
        (Account.RESERVE, -(covered - from_recourse - from_advance)),
        receivable_id=debt.receivable_id,
    )


def reserve_release(released_cents: int, currency: str) -> list[Line]:
    """The lender pays back a part of the reserve."""
    return _lines(
        currency, (Account.RESERVE, released_cents), (Account.LENDER_CASH, -released_cents)
    )


def final_charges(charges: Charges, currency: str) -> list[Line]:
    """Fees the lender takes from the reserve when the deal ends."""
    return _lines(
        currency,
        (Account.RESERVE, charges.total_cents),
        (Account.FEES, -charges.fees_cents),
        (Account.VAT_ON_FEES, -charges.vat_cents),
    )


def charges_due(charges: Charges, currency: str) -> list[Line]:
    """Last charges above the reserve: the assignor owes them to the lender."""
    return _lines(
        currency,
        (Account.DUE_TO_LENDER, charges.total_cents),
        (Account.FEES, -charges.fees_cents),
        (Account.VAT_ON_FEES, -charges.vat_cents),
    )


def charges_payment(paid_cents: int, currency: str) -> list[Line]:
    """The assignor pays charges it owed."""
    return _lines(currency, (Account.LENDER_CASH, paid_cents), (Account.DUE_TO_LENDER, -paid_cents))


def recourse_call(called_cents: int, advance_cents: int, currency: str) -> list[Line]:
    """The lender asks the assignor for the advance the debtors did not repay; above it, its costs."""
    covered = min(called_cents, advance_cents)
    return _lines(
        currency,
        (Account.RECOURSE, called_cents),
        (Account.ADVANCE, -covered),
        (Account.FEES, -(called_cents - covered)),
    )


def recourse_payment(paid_cents: int, currency: str) -> list[Line]:
    """The assignor repays the lender."""
    return _lines(currency, (Account.LENDER_CASH, paid_cents), (Account.RECOURSE, -paid_cents))


def loss(lost_cents: int, currency: str) -> list[Line]:
    """The lender bears the advance that nobody repays."""
    return _lines(currency, (Account.LOSS, lost_cents), (Account.ADVANCE, -lost_cents))


def debts_given_up(debts: list[Debt], currency: str) -> list[Line]:
    """What debtors still owe leaves the deed: bought back by the assignor, or lost by the lender."""
    left = sum(debt.left_cents for debt in debts)
    advance = sum(debt.advance_left_cents for debt in debts)
    return _lines(
        currency,
        (Account.RECEIVABLES_ASSIGNED, -left),
        (Account.ASSIGNMENT_LIABILITY, advance),
        (Account.RESERVE, left - advance),
    )


def _lines(
    currency: str, *amounts: tuple[Account, int], receivable_id: UUID | None = None
) -> list[Line]:
    return [Line(account, Money(cents, currency), receivable_id) for account, cents in amounts]
