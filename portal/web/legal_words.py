"""The words of the legal road on screen."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

from portal.collections.legal.models import (
    DeadlineKind,
    InsolvencyKind,
    LetterReturn,
    WriteOffReason,
)
from portal.collections.legal.states import HandoverState, OrderState
from pricing.court import CourtDoubt, CourtKind, PartyQuality
from pricing.limitation import InterruptionKind

DEADLINES: Mapping[DeadlineKind, str] = {
    DeadlineKind.LIMITATION: lazy_gettext("Limitation: earliest plausible last day to sue"),
    DeadlineKind.NOTICE_ANSWER: lazy_gettext("End of the time given by the formal notice"),
    DeadlineKind.ORDER_DEPOSIT: lazy_gettext("Last day to deposit the registry's costs"),
    DeadlineKind.ORDER_SERVICE: lazy_gettext("Last day to have the order served"),
    DeadlineKind.ORDER_OPPOSITION: lazy_gettext("End of the debtor's time to oppose"),
    DeadlineKind.ORDER_ENFORCEMENT: lazy_gettext("First day to enforce an unopposed order"),
    DeadlineKind.OPPOSITION_DEPOSIT: lazy_gettext("Last day to deposit costs after opposition"),
    DeadlineKind.CLAIM_DECLARATION: lazy_gettext("Last day to post the declaration of the claim"),
    DeadlineKind.CLAIM_RELIEF: lazy_gettext("Last day to ask relief for a late declaration"),
    DeadlineKind.TITLE_RECOVERY: lazy_gettext("Last day to claim back goods under retained title"),
}
ORDER_STATES: Mapping[OrderState, tuple[str, str]] = {
    OrderState.PREPARED: (lazy_gettext("Prepared"), "neutral"),
    OrderState.FILED: (lazy_gettext("Filed"), "info"),
    OrderState.GRANTED: (lazy_gettext("Granted"), "info"),
    OrderState.SERVED: (lazy_gettext("Served"), "info"),
    OrderState.OPPOSED: (lazy_gettext("Opposed"), "warning"),
    OrderState.ENFORCEABLE: (lazy_gettext("Enforceable"), "success"),
    OrderState.REJECTED: (lazy_gettext("Rejected"), "danger"),
    OrderState.LAPSED: (lazy_gettext("Lapsed"), "danger"),
    OrderState.WITHDRAWN: (lazy_gettext("Withdrawn"), "neutral"),
    OrderState.CLOSED: (lazy_gettext("Closed"), "neutral"),
}
HANDOVER_STATES: Mapping[HandoverState, tuple[str, str]] = {
    HandoverState.HANDED_OVER: (lazy_gettext("Handed over"), "info"),
    HandoverState.IN_HAND: (lazy_gettext("In the agency's hands"), "info"),
    HandoverState.PAID: (lazy_gettext("Paid, says the agency"), "success"),
    HandoverState.RETURNED: (lazy_gettext("Given back"), "warning"),
    HandoverState.RECALLED: (lazy_gettext("Recalled"), "neutral"),
}
COURTS: Mapping[CourtKind, str] = {
    CourtKind.COMMERCIAL: lazy_gettext("Commercial court (tribunal de commerce)"),
    CourtKind.ECONOMIC: lazy_gettext("Economic court (tribunal des activités économiques)"),
    CourtKind.COMMERCIAL_CHAMBER: lazy_gettext(
        "Commercial chamber of the judicial court (Alsace-Moselle)"
    ),
    CourtKind.JUDICIAL: lazy_gettext("Judicial court (tribunal judiciaire)"),
}
DOUBTS: Mapping[CourtDoubt, str] = {
    CourtDoubt.QUALITY_UNKNOWN: lazy_gettext(
        "Say above whether both parties are traders: the court depends on it."
    ),
    CourtDoubt.SEAT_UNKNOWN: lazy_gettext(
        "The debtor's postal code is not known: the court is that of its seat or home."
    ),
    CourtDoubt.DISTRICT_TO_CONFIRM: lazy_gettext(
        "A département may have several courts: check the district of the debtor's commune,"
        " then write the court's name."
    ),
    CourtDoubt.ABROAD: lazy_gettext(
        "The debtor is abroad: no French court is proposed; see the European order for payment with a lawyer."
    ),
    CourtDoubt.CONSUMER_CREDIT_OR_LEASE: lazy_gettext(
        "For consumer credit or a home lease, the judge is the juge des contentieux de la protection."
    ),
    CourtDoubt.CONTRIBUTION: lazy_gettext(
        "Above €50,000 before an economic court, a contribution may be due (décret 2024-1225)."
    ),
}
QUALITIES: Mapping[PartyQuality, str] = {
    PartyQuality.UNKNOWN: lazy_gettext("Not said"),
    PartyQuality.TRADER: lazy_gettext("Trader (commercial company or registered trader)"),
    PartyQuality.NOT_TRADER: lazy_gettext("Not a trader (profession, association, public body…)"),
    PartyQuality.CONSUMER: lazy_gettext("Consumer"),
}
INTERRUPTIONS: Mapping[InterruptionKind, str] = {
    InterruptionKind.ACKNOWLEDGEMENT: lazy_gettext("The debtor acknowledged the debt in writing"),
    InterruptionKind.COURT_CLAIM: lazy_gettext("Claim in court"),
    InterruptionKind.ORDER_SERVED: lazy_gettext("Service of an order for payment"),
    InterruptionKind.ENFORCEMENT: lazy_gettext("Conservatory or enforcement measure"),
}
LETTER_RETURNS: Mapping[LetterReturn, str] = {
    LetterReturn.UNCLAIMED: lazy_gettext("Unclaimed"),
    LetterReturn.REFUSED: lazy_gettext("Refused"),
    LetterReturn.UNKNOWN_ADDRESS: lazy_gettext("Unknown at this address"),
}
INSOLVENCIES: Mapping[InsolvencyKind, str] = {
    InsolvencyKind.SAFEGUARD: lazy_gettext("Safeguard (sauvegarde)"),
    InsolvencyKind.RECEIVERSHIP: lazy_gettext("Receivership (redressement judiciaire)"),
    InsolvencyKind.LIQUIDATION: lazy_gettext("Liquidation (liquidation judiciaire)"),
}
LOSSES: Mapping[WriteOffReason, str] = {
    WriteOffReason.LIQUIDATION: lazy_gettext("Liquidation of the debtor"),
    WriteOffReason.PLAN_WAIVER: lazy_gettext("Part waived in an insolvency plan"),
    WriteOffReason.FAILED_COLLECTION: lazy_gettext("Proven failure of collection"),
    WriteOffReason.TIME_LIMIT: lazy_gettext("Time to act has passed, in your view"),
    WriteOffReason.COMMERCIAL: lazy_gettext("Commercial gesture"),
    WriteOffReason.SMALL_BALANCE: lazy_gettext("Tiny balance"),
}
LACKS: Mapping[str, str] = {
    "invoice": lazy_gettext("the invoice as a file"),
    "order": lazy_gettext("the order or contract reference"),
    "delivery_proof": lazy_gettext("a delivery proof"),
    "formal_notice": lazy_gettext("a formal notice that was deposited"),
    "debtor_address": lazy_gettext("the debtor's address"),
    "creditor_siren": lazy_gettext("your SIREN"),
    "creditor_form": lazy_gettext("your company's legal form"),
    "creditor_address": lazy_gettext("your address"),
}
