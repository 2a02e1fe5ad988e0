"""Rules about what proves the receivable."""

from __future__ import annotations

from datetime import timedelta

from pricing.eligibility.finding import Family, Finding, Party, Unit
from pricing.eligibility.question import POLICY, Check, Question
from pricing.facts import DocumentKind
from pricing.products.quote import Product

NO_PAPER = frozenset({DocumentKind.ABSENT, DocumentKind.MANUAL, DocumentKind.SPREADSHEET})

DOC_MISSING = Check("DOC_MISSING", Family.EVIDENCE, Unit.TEXT, "C. com. art. L110-3")
DOC_NOT_STRUCTURED = Check("DOC_NOT_STRUCTURED", Family.EVIDENCE, Unit.TEXT, POLICY)
NOT_DELIVERED = Check("NOT_DELIVERED", Family.EVIDENCE, Unit.DATE, "C. civ. art. 1219")
DELIVERY_PROOF_MISSING = Check("DELIVERY_PROOF_MISSING", Family.EVIDENCE, Unit.TEXT, POLICY)
DEBTOR_NOT_CONFIRMED = Check("DEBTOR_NOT_CONFIRMED", Family.EVIDENCE, Unit.TEXT, POLICY)
ORDER_REFERENCE_MISSING = Check("ORDER_REFERENCE_MISSING", Family.EVIDENCE, Unit.TEXT, POLICY)
PARTIAL_BILLING = Check("PARTIAL_BILLING", Family.EVIDENCE, Unit.TEXT, POLICY)
BILL_NOT_ACCEPTED = Check("BILL_NOT_ACCEPTED", Family.EVIDENCE, Unit.TEXT, "C. com. art. L511-12")
READING_WARNINGS = Check("READING_WARNINGS", Family.EVIDENCE, Unit.TEXT, "CGI ann. II 242 nonies A")
BANK_DETAILS_MISSING = Check("BANK_DETAILS_MISSING", Family.EVIDENCE, Unit.TEXT, POLICY)
REGISTRATION_EXTRACT_OLD = Check("REGISTRATION_EXTRACT_OLD", Family.EVIDENCE, Unit.DATE, POLICY)


def invoice_is_attached(asked: Question) -> Finding | None:
    """Stop a receivable typed or listed without its invoice."""
    document = asked.receivable.document
    if document in NO_PAPER:
        return DOC_MISSING.blocked(str(document), by=Party.ASSIGNOR, remedy="ATTACH_INVOICE")
    return DOC_MISSING.ok(str(document))


def invoice_is_structured(asked: Question) -> Finding | None:
    """Stop a picture of an invoice when the lender wants one a machine reads."""
    if not asked.policy.structured_document_required:
        return None
    document = asked.receivable.document
    if document is DocumentKind.STRUCTURED:
        return DOC_NOT_STRUCTURED.ok(str(document))
    return DOC_NOT_STRUCTURED.blocked(
        str(document), by=Party.ASSIGNOR, remedy="ATTACH_STRUCTURED_INVOICE"
    )


def goods_are_delivered(asked: Question) -> Finding | None:
    """Stop a receivable whose goods or service are still to come.

    Source: C. civ. art. 1219: a debtor who received nothing may refuse to pay.
    """
    delivered_on = asked.receivable.delivered_on
    if delivered_on is None:
        return None
    if delivered_on <= asked.on:
        return NOT_DELIVERED.ok(delivered_on.isoformat(), asked.on.isoformat())
    return NOT_DELIVERED.blocked(
        delivered_on.isoformat(),
        asked.on.isoformat(),
        by=Party.ASSIGNOR,
        remedy="WAIT_UNTIL",
        eligible_from_on=delivered_on.isoformat(),
    )


def delivery_is_proved(asked: Question) -> Finding | None:
    """Stop without a delivery note or acceptance report; the debtor's word also proves it."""
    if not asked.policy.delivery_proof_required:
        return None
    if asked.receivable.has_delivery_proof or asked.receivable.debtor_confirmed:
        return DELIVERY_PROOF_MISSING.ok("yes", "yes")
    return DELIVERY_PROOF_MISSING.blocked(
        "no", "yes", by=Party.ASSIGNOR, remedy="ADD_DELIVERY_PROOF"
    )


def debtor_has_confirmed(asked: Question) -> Finding | None:
    """Stop until the debtor has confirmed the debt, when the lender wants it."""
    if not asked.policy.confirmation_required:
        return None
    if asked.receivable.debtor_confirmed:
        return DEBTOR_NOT_CONFIRMED.ok("yes", "yes")
    return DEBTOR_NOT_CONFIRMED.blocked("no", "yes", by=Party.DEBTOR, remedy="ASK_CONFIRMATION")


def order_is_referenced(asked: Question) -> Finding | None:
    """Stop without an order or contract reference, when the lender wants one."""
    if not asked.policy.order_reference_required:
        return None
    reference = asked.receivable.order_reference or asked.receivable.contract_reference
    if reference:
        return ORDER_REFERENCE_MISSING.ok(reference)
    return ORDER_REFERENCE_MISSING.blocked(None, by=Party.ASSIGNOR, remedy="GIVE_ORDER")


def progress_billing_is_accepted(asked: Question) -> Finding | None:
    """Weigh a progress bill: some lenders never take one, others with the debtor's visa."""
    if not asked.receivable.progress_billing:
        return PARTIAL_BILLING.ok("no")
    if not asked.policy.progress_billing_accepted:
        return PARTIAL_BILLING.refused("yes", "no")
    if asked.receivable.debtor_confirmed:
        return PARTIAL_BILLING.warning("yes")
    return PARTIAL_BILLING.blocked("yes", by=Party.DEBTOR, remedy="GET_ACCEPTANCE_REPORT")


def bill_is_accepted(asked: Question) -> Finding | None:
    """Warn when a discounted bill lacks the debtor's acceptance, which cuts its defences.

    Source: C. com. art. L511-12.
    """
    if asked.product is not Product.DISCOUNT:
        return None
    if asked.receivable.debtor_confirmed:
        return BILL_NOT_ACCEPTED.ok("yes", "yes")
    return BILL_NOT_ACCEPTED.warning("no", "yes", by=Party.DEBTOR, remedy="ASK_ACCEPTANCE")


def invoice_read_cleanly(asked: Question) -> Finding | None:
    """Warn when reading the invoice raised warnings the lender will see."""
    count = len(asked.receivable.warnings)
    if not count:
        return READING_WARNINGS.ok(0, 0)
    codes = ", ".join(asked.receivable.warnings)
    return READING_WARNINGS.warning(
        count, 0, by=Party.ASSIGNOR, remedy="CHECK_INVOICE", warnings=codes
    )


def bank_details_are_known(asked: Question) -> Finding | None:
    """Stop while nobody knows where to send the money."""
    if asked.assignor.has_bank_details:
        return BANK_DETAILS_MISSING.ok("yes", "yes")
    return BANK_DETAILS_MISSING.blocked("no", "yes", by=Party.ASSIGNOR, remedy="GIVE_IBAN")


def registration_extract_is_recent(asked: Question) -> Finding | None:
    """Stop when the company extract (*Kbis*) is missing or too old for the lender."""
    limit = asked.policy.registration_extract_days_max
    if limit is None:
        return None
    oldest = asked.on - timedelta(days=limit)
    extract_on = asked.assignor.registration_extract_on
    if extract_on is not None and extract_on >= oldest:
        return REGISTRATION_EXTRACT_OLD.ok(extract_on.isoformat(), oldest.isoformat())
    return REGISTRATION_EXTRACT_OLD.blocked(
        extract_on.isoformat() if extract_on else None,
        oldest.isoformat(),
        by=Party.ASSIGNOR,
        remedy="ADD_EXTRACT",
    )


RULES = (
    invoice_is_attached,
    invoice_is_structured,
    goods_are_delivered,
    delivery_is_proved,
    debtor_has_confirmed,
    order_is_referenced,
    progress_billing_is_accepted,
    bill_is_accepted,
    invoice_read_cleanly,
    bank_details_are_known,
    registration_extract_is_recent,
)
