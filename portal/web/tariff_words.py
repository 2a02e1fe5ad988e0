"""A rate card in words: what each setting of a tariff or a policy is called, and its value with its unit."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext

from portal.web.presentation import current_locale, money_text, percent_text
from pricing.money import Money

TARIFF_WORDS: Mapping[str, str] = {
    "advance_rate": lazy_gettext("Advance, share of the receivables"),
    "reserve_rate": lazy_gettext("Reserve, share of the receivables"),
    "index_rate": lazy_gettext("Index rate, per year"),
    "margin_rate": lazy_gettext("Margin over the index, per year"),
    "late_margin_rate": lazy_gettext("Extra margin once past due, per year"),
    "commission_rate": lazy_gettext("Commission on the receivables"),
    "commission_min": lazy_gettext("Commission, at least"),
    "service_rate": lazy_gettext("Service commission on the receivables"),
    "service_min": lazy_gettext("Service commission per receivable, at least"),
    "insurance_rate": lazy_gettext("Cover against insolvency"),
    "fee_rate": lazy_gettext("Price of the advance"),
    "fee_min": lazy_gettext("Price of the advance, at least"),
    "fee_per_slip": lazy_gettext("Fee per slip"),
    "fee_per_receivable": lazy_gettext("Fee per receivable"),
    "fee_per_bill": lazy_gettext("Fee per bill"),
    "endorsement_rate": lazy_gettext("Endorsement commission, per year"),
    "interest_min": lazy_gettext("Interest per bill, at least"),
    "unpaid_fee": lazy_gettext("Fee for an unpaid bill"),
    "late_fee": lazy_gettext("Fee once past due"),
    "vat_rate": lazy_gettext("VAT on taxable fees"),
    "value_days": lazy_gettext("Value days"),
    "bank_days": lazy_gettext("Bank days added to the term"),
    "days_min": lazy_gettext("Term charged, at least"),
    "reserve_release_days": lazy_gettext("Reserve returned after payment, within"),
    "day_count": lazy_gettext("Days in a year"),
    "interest_timing": lazy_gettext("Interest taken"),
    "financing_timing": lazy_gettext("Financing commission taken"),
    "fee_timing": lazy_gettext("Price taken"),
    "charging": lazy_gettext("Price counted"),
    "mode": lazy_gettext("Form of the financing"),
    "recourse": lazy_gettext("Recourse against the company"),
    "debtor_notified": lazy_gettext("Debtors notified"),
    "sale": lazy_gettext("Receivable bought outright"),
}
POLICY_WORDS: Mapping[str, str] = {
    "tenor_days_min": lazy_gettext("Term to run, at least"),
    "tenor_days_max": lazy_gettext("Term to run, at most"),
    "amount_min": lazy_gettext("Amount of a receivable, at least"),
    "amount_max": lazy_gettext("Amount of a receivable, at most"),
    "invoice_age_days_max": lazy_gettext("Age of the invoice, at most"),
    "concentration_max": lazy_gettext("One debtor's share of the company's invoices, at most"),
    "over_limit": lazy_gettext("Above your limit on a debtor"),
    "limit_required": lazy_gettext("A limit on the debtor is required"),
    "countries": lazy_gettext("Debtors' countries"),
    "currencies": lazy_gettext("Currencies"),
    "public_debtors": lazy_gettext("Public debtors accepted"),
    "delivery_proof_required": lazy_gettext("Proof of delivery required"),
    "confirmation_required": lazy_gettext("Debtor's confirmation required"),
    "structured_document_required": lazy_gettext("Structured invoice required"),
    "order_reference_required": lazy_gettext("Order reference required"),
    "progress_billing_accepted": lazy_gettext("Progress billing accepted"),
    "overdue_rate_max": lazy_gettext("Debtor's overdue share, at most"),
    "mean_days_late_max": lazy_gettext("Debtor's average delay, at most"),
    "months_of_activity_min": lazy_gettext("Company in business for, at least"),
    "registration_extract_days_max": lazy_gettext("Age of the registration extract, at most"),
}
CHOICES: Mapping[str, str] = {
    "upfront": lazy_gettext("from the advance"),
    "at_end": lazy_gettext("at the end"),
    "ACT/360": lazy_gettext("exact days over 360"),
    "ACT/365F": lazy_gettext("exact days over 365"),
    "ACT/ACT": lazy_gettext("exact days over the real year"),
    "cover_part": lazy_gettext("the part within it is financed"),
    "block": lazy_gettext("refused"),
    "warn": lazy_gettext("accepted, with a warning"),
    "discount": lazy_gettext("discount"),
    "security": lazy_gettext("as security for a credit"),
    "full": lazy_gettext("full factoring"),
    "self_managed": lazy_gettext("collected by the company"),
    "confidential": lazy_gettext("confidential"),
    "spot": lazy_gettext("by the invoice"),
    "FLAT_PER_30D": lazy_gettext("per started 30 days"),
    "FLAT_PER_DAY": lazy_gettext("per day"),
    "FLAT_ONCE": lazy_gettext("once"),
    "RATE_360": lazy_gettext("per year, over 360 days"),
}


def setting_rows(card_part: Any, words: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Each setting of a tariff or a policy: its name in words, its value as people write it, its field.

    Settings the card leaves out show the value that applies. In the order of ``words``.
    """
    given = {field.name: getattr(card_part, field.name) for field in fields(card_part)}
    return [(str(words[name]), _value(name, given[name]), name) for name in words if name in given]


def _value(name: str, value: Any) -> str:
    locale = current_locale()
    if value is None:
        return str(gettext("no threshold"))
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    if isinstance(value, Money):
        return money_text(value.cents, value.currency, locale=locale)
    if isinstance(value, Decimal):
        return percent_text(value, _digits(value), locale=locale)
    if isinstance(value, int):
        return _months(value) if name.startswith("months_") else _days(value)
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return str(CHOICES.get(str(value), value))


def _digits(rate: Decimal) -> int:
    exponent = (rate * 100).normalize().as_tuple().exponent
    return max(2, -exponent) if isinstance(exponent, int) else 2


def _days(count: int) -> str:
    return str(ngettext("%(num)d day", "%(num)d days", count))


def _months(count: int) -> str:
    return str(ngettext("%(num)d month", "%(num)d months", count))
