"""What may be asked today for a receivable, line by line with its article."""

import enum
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portal.debtors.models import DebtorSegment
from portal.payments.account import Statement, accounts_of, statement
from pricing.accrual import Accrual
from pricing.late_payment import LateFlag
from pricing.parameters import LegalParameters
from pricing.parameters import law as current_law

INDEMNITY_SOURCES = {
    DebtorSegment.PRIVATE: "C. com. L441-10, II et D441-5",
    DebtorSegment.PUBLIC: "Décret 2013-269, art. 9",
}


class LineKind(enum.StrEnum):
    """What a line of the statement is; accruals explain the line of penalties that follows them."""

    FACE = "face"
    PREPAID = "prepaid"
    CREDITED = "credited"
    PAID = "paid"
    DISPUTED = "disputed"
    RETENTION = "retention"
    PRINCIPAL = "principal"
    ACCRUAL = "accrual"
    PENALTIES_ACCRUED = "penalties_accrued"
    PENALTIES_PAID = "penalties_paid"
    INDEMNITY = "indemnity"
    INDEMNITY_PAID = "indemnity_paid"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One line; ``cents`` is signed and None on an accrual, whose exact amount is rounded only in the sum."""

    kind: LineKind
    cents: int | None
    source: str = ""
    accrual: Accrual | None = None


@dataclass(frozen=True, slots=True)
class AmountToday:
    """What may be asked on a day, its lines, and what the reader must be told."""

    statement: Statement
    lines: tuple[AskedLine, ...]
    flags: tuple[LateFlag, ...]

    @property
    def total_cents(self) -> int:
        return self.statement.total.cents


class ReceivableUnknown(LookupError):
    """It does not exist, or belongs to someone else."""


def amount_today(
    session: Session,
    *,
    assignor_id: UUID,
    receivable_id: UUID,
    on: date,
    law: LegalParameters | None = None,
) -> AmountToday:
    """What may be asked on a day for one receivable of this assignor.

    Raises:
        ReceivableUnknown: it does not exist, or belongs to someone else.
    """
    accounts = accounts_of(session, assignor_id, [receivable_id])
    if receivable_id not in accounts:
        raise ReceivableUnknown(receivable_id)
    return explain(statement(accounts[receivable_id], on, law or current_law()))


def explain(asked: Statement) -> AmountToday:
    """The lines of a statement: they add up to its total."""
    lines = [*_principal_lines(asked), *_penalty_lines(asked), *_indemnity_lines(asked)]
    lines.append(AskedLine(LineKind.TOTAL, asked.total.cents))
    return AmountToday(asked, tuple(lines), asked.due.flags if asked.due else ())


def _principal_lines(asked: Statement) -> list[AskedLine]:
    account = asked.account
    paid = sum(one.principal_cents for one in account.settled if one.received_on <= asked.on)
    taken_off = (
        AskedLine(LineKind.PREPAID, -account.prepaid_cents),
        AskedLine(LineKind.CREDITED, -account.credited_cents),
        AskedLine(LineKind.PAID, -paid),
        AskedLine(LineKind.DISPUTED, -account.disputed_cents),
        AskedLine(LineKind.RETENTION, -account.retention_cents, "Loi 71-584"),
    )
    return [
        AskedLine(LineKind.FACE, account.face_cents),
        *(line for line in taken_off if line.cents),
        AskedLine(LineKind.PRINCIPAL, asked.principal.cents),
    ]


def _penalty_lines(asked: Statement) -> list[AskedLine]:
    if asked.due is None or not asked.due.accruals:
        return []
    accruals = [
        AskedLine(LineKind.ACCRUAL, None, accrual.source, accrual) for accrual in asked.due.accruals
    ]
    accrued = asked.due.penalties_accrued.cents
    source = asked.due.accruals[-1].source
    lines = [*accruals, AskedLine(LineKind.PENALTIES_ACCRUED, accrued, source)]
    if accrued != asked.penalties.cents:
        settled = AskedLine(
            LineKind.PENALTIES_PAID, asked.penalties.cents - accrued, "C. civ. 1343-1"
        )
        lines.append(settled)
    return lines


def _indemnity_lines(asked: Statement) -> list[AskedLine]:
    owed = asked.due.indemnity.cents if asked.due else 0
    if not owed:
        return []
    source = INDEMNITY_SOURCES[asked.account.segment]
    lines = [AskedLine(LineKind.INDEMNITY, owed, source)]
    if owed != asked.indemnity.cents:
        lines.append(AskedLine(LineKind.INDEMNITY_PAID, asked.indemnity.cents - owed))
    return lines


def summed(lines: tuple[AskedLine, ...]) -> int:
    """The total the lines give: principal, then what was added to it."""
    added = {
        LineKind.PRINCIPAL,
        LineKind.PENALTIES_ACCRUED,
        LineKind.PENALTIES_PAID,
        LineKind.INDEMNITY,
        LineKind.INDEMNITY_PAID,
    }
    return sum(line.cents or 0 for line in lines if line.kind in added)
