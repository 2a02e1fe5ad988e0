"""Who may ask the debtor to pay, and whom it must pay, in each state of financing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FinancingState(StrEnum):
    """Who owns the receivable, and whether the debtor was told."""

    NOT_FINANCED = "not_financed"
    DAILLY_NOT_NOTIFIED = "dailly_not_notified"
    DAILLY_NOTIFIED = "dailly_notified"
    FACTORING_NOTIFIED = "factoring_notified"
    FACTORING_CONFIDENTIAL = "factoring_confidential"
    ADVANCE = "advance"
    DISCOUNT = "discount"


class CollectionParty(StrEnum):
    """One of the two who can be owed and who can ask."""

    ASSIGNOR = "assignor"
    ASSIGNEE = "assignee"


class CollectionReason(StrEnum):
    """Why a reminder may go out, or may not."""

    OWN_RECEIVABLE = "OWN_RECEIVABLE"
    AGENT_OF_ASSIGNEE = "AGENT_OF_ASSIGNEE"
    LENDER_CONSENTED = "LENDER_CONSENTED"
    LENDER_CONSENT_NEEDED = "LENDER_CONSENT_NEEDED"
    FACTOR_COLLECTS = "FACTOR_COLLECTS"
    CONTRACT_FORBIDS = "CONTRACT_FORBIDS"
    BANK_PRESENTS_BILL = "BANK_PRESENTS_BILL"


@dataclass(frozen=True, slots=True)
class CollectionRight:
    """Whether a reminder may go out in the assignor's name, and whom the debtor must pay."""

    may_remind: bool
    reason: CollectionReason
    payee: CollectionParty
    creditor: CollectionParty
    source: str


def collection_right(
    state: FinancingState, *, lender_consent: bool | None = None
) -> CollectionRight:
    """Who may contact the debtor and who is paid.

        not financed            the assignor reminds, and is paid
        Dailly, not notified    the assignor reminds as the bank's agent, and is paid
        Dailly, notified        only with the bank's consent; the bank is paid
        factoring, notified     no reminder at all; the factor is paid
        factoring, confidential the assignor reminds as the factor's agent, and is paid
        per-invoice advance     the assignor reminds unless the contract says otherwise
        discounted bill         no reminder: the bank presents the bill and is paid

    ``lender_consent`` is what the lender answered, ``None`` when it was not asked.

    Source: CMF art. L313-24, L313-28; C. civ. art. 1346-1; CPCE art. R124-1 (the portal is
    not the collector: every reminder goes out in the assignor's name).
    """
    match state:
        case FinancingState.NOT_FINANCED:
            return _right(CollectionReason.OWN_RECEIVABLE, creditor=_ASSIGNOR, source="CPCE R124-1")
        case FinancingState.DAILLY_NOT_NOTIFIED:
            return _right(CollectionReason.AGENT_OF_ASSIGNEE, creditor=_ASSIGNEE, source=_DAILLY)
        case FinancingState.FACTORING_CONFIDENTIAL:
            return _right(CollectionReason.AGENT_OF_ASSIGNEE, creditor=_ASSIGNEE, source=_FACTORING)
        case FinancingState.DAILLY_NOTIFIED if lender_consent:
            return _right(CollectionReason.LENDER_CONSENTED, creditor=_ASSIGNEE, source=_DAILLY)
        case FinancingState.DAILLY_NOTIFIED:
            return _none(CollectionReason.LENDER_CONSENT_NEEDED, _DAILLY)
        case FinancingState.FACTORING_NOTIFIED:
            return _none(CollectionReason.FACTOR_COLLECTS, _FACTORING)
        case FinancingState.DISCOUNT:
            return _none(CollectionReason.BANK_PRESENTS_BILL, "C. com. art. L511-26")
        case FinancingState.ADVANCE:
            return _advance(lender_consent)


_ASSIGNOR = CollectionParty.ASSIGNOR
_ASSIGNEE = CollectionParty.ASSIGNEE
_DAILLY = "CMF art. L313-24, L313-28"
_FACTORING = "C. civ. art. 1346-1, 1346-5"


def _right(reason: CollectionReason, *, creditor: CollectionParty, source: str) -> CollectionRight:
    notified = reason is CollectionReason.LENDER_CONSENTED
    payee = _ASSIGNEE if notified else _ASSIGNOR
    return CollectionRight(True, reason, payee, creditor, source)


def _none(reason: CollectionReason, source: str) -> CollectionRight:
    return CollectionRight(False, reason, _ASSIGNEE, _ASSIGNEE, source)


def _advance(lender_consent: bool | None) -> CollectionRight:
    allowed = lender_consent is not False
    reason = CollectionReason.OWN_RECEIVABLE if allowed else CollectionReason.CONTRACT_FORBIDS
    return CollectionRight(allowed, reason, _ASSIGNOR, _ASSIGNOR, "Contrat d'avance")
