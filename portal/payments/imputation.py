"""What a payment extinguishes first: interest, unless the parties agreed otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.payments.account import ReceivableAccount, Settled, statement
from pricing.late_payment import Imputation
from pricing.parameters import LegalParameters


@dataclass(frozen=True, slots=True)
class Receipt:
    """The part of one payment that goes to one receivable, and how it is imputed."""

    received_on: date
    amount_cents: int
    imputation: Imputation = Imputation.INTEREST_FIRST


@dataclass(frozen=True, slots=True)
class Imputed:
    """The split of each receipt, in the order given, and what no one owed."""

    parts: tuple[Settled, ...]
    overpaid_cents: int


def impute(
    account: ReceivableAccount, receipts: Sequence[Receipt], law: LegalParameters
) -> Imputed:
    """Split receipts over penalties, principal and indemnity, one after the other.

    The account's own ``settled`` is ignored: the whole history is replayed, so that a
    payment entered late or undone leaves the same result as if it had been known in time.
    Penalties come before principal (the reverse when agreed), then the 40 euros; the part of
    the principal that is contested or kept back comes last, so that paying what is asked
    settles exactly that. The parts of a receipt always add up to it: what exceeds everything
    owed stays in its principal and is counted in ``overpaid_cents``.

    Source: C. civ. art. 1343-1.
    """
    parts: list[Settled] = []
    overpaid = 0
    for receipt in receipts:
        so_far = replace(account, settled=tuple(parts))
        part, left = _split(so_far, receipt, law)
        overpaid += left
        parts.append(replace(part, principal_cents=part.principal_cents + left))
    return Imputed(tuple(parts), overpaid)


def _split(
    account: ReceivableAccount, receipt: Receipt, law: LegalParameters
) -> tuple[Settled, int]:
    owed = statement(account, receipt.received_on, law)
    asked = min(owed.principal.cents, account.owed.cents)
    order = [("interest_cents", owed.penalties.cents), ("principal_cents", asked)]
    if receipt.imputation is Imputation.PRINCIPAL_FIRST:
        order.reverse()
    not_asked = ("principal_cents", account.owed.cents - asked)
    left, part = receipt.amount_cents, {"principal_cents": 0}
    for name, cents in [*order, ("indemnity_cents", owed.indemnity.cents), not_asked]:
        settled = min(left, cents)
        part[name] = part.get(name, 0) + settled
        left -= settled
    return Settled(receipt.received_on, **part), left
