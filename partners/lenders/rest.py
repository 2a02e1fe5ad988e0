"""Lenders that speak the portal's own contract, `docs/lender-api.md`."""

import base64
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from partners.exchange.reading import (
    UnreadableMessage,
    read_cents,
    read_count,
    read_day,
    read_flag,
    read_instant,
    read_list,
    read_object,
    read_objects,
    read_optional_text,
    read_rate,
    read_text,
)
from partners.lenders.adapter import LenderAdapter
from partners.vocabulary.lending import (
    Address,
    AskedTerms,
    AssignorIdentity,
    DebtorIdentity,
    Dossier,
    DossierReceivable,
    FeeLine,
    FeeTaken,
    LenderReply,
    LenderStatus,
    ProposedTerms,
    RequestedDocument,
    SignedDeed,
    StatedTeg,
)
from pricing.money import Money
from pricing.products.quote import Product

ONE = Decimal(1)
ANNUAL_RATE_MAX = Decimal(10)

_WITH_PAYMENT = frozenset(
    {
        LenderStatus.DISBURSED,
        LenderStatus.DEBTOR_PAID,
        LenderStatus.RESERVE_RELEASED,
        LenderStatus.RECOURSE_CALLED,
        LenderStatus.RECOURSE_PAID,
        LenderStatus.LOSS_TAKEN,
    }
)


class RestLender(LenderAdapter):
    """Any lender that implements the published lender contract."""

    slug = "rest"
    products = frozenset(product.value for product in Product)
    statuses = MappingProxyType(
        {
            "received": LenderStatus.RECEIVED,
            "info_requested": LenderStatus.INFO_REQUESTED,
            "offered": LenderStatus.OFFERED,
            "declined": LenderStatus.DECLINED,
            "offer_withdrawn": LenderStatus.OFFER_WITHDRAWN,
            "accepted": LenderStatus.ACCEPTED,
            "deed_received": LenderStatus.ACCEPTED,
            "deed_dated": LenderStatus.DEED_DATED,
            "disbursed": LenderStatus.DISBURSED,
            "debtor_paid": LenderStatus.DEBTOR_PAID,
            "reserve_released": LenderStatus.RESERVE_RELEASED,
            "recourse_called": LenderStatus.RECOURSE_CALLED,
            "recourse_paid": LenderStatus.RECOURSE_PAID,
            "loss_taken": LenderStatus.LOSS_TAKEN,
            "debtor_notified": LenderStatus.DEBTOR_NOTIFIED,
            "settled": LenderStatus.SETTLED,
            "withdrawn": LenderStatus.WITHDRAWN,
        }
    )

    def encode(self, dossier: Dossier) -> dict[str, Any]:
        """The body of `POST /dossiers`."""
        return {
            "dossier": str(dossier.submission_id),
            "product": dossier.product,
            "reference": dossier.reference,
            "requested_on": dossier.requested_on.isoformat(),
            "callback_url": self._callback_url,
            "face_cents": dossier.face_total.cents,
            "currency": dossier.face_total.currency,
            "assignor": _assignor(dossier.assignor),
            "receivables": [self._receivable(receivable) for receivable in dossier.receivables],
            "asked": _asked(dossier.asked),
            "note": dossier.note,
        }

    def encode_deed(self, deed: SignedDeed) -> dict[str, Any]:
        """The body of `POST /dossiers/{id}/deed`; it carries no date, the assignee affixes it."""
        return {
            "deed": str(deed.deed_id),
            "kind": deed.kind,
            "sha256": deed.sha256,
            "content_base64": base64.b64encode(deed.content).decode(),
            "receivable_count": deed.receivable_count,
            "face_cents": deed.face_total.cents,
            "currency": deed.face_total.currency,
            "signatory": deed.signatory,
            "signed_at": deed.signed_at.isoformat(),
        }

    def decode(self, answer: Mapping[str, Any]) -> LenderReply:
        """One event of the contract in our words."""
        raw_status = read_text(answer, "status")
        status = self.status_of(raw_status)
        payment = read_object(answer, "payment") if status in _WITH_PAYMENT else None
        reason = read_object(answer, "reason") if answer.get("reason") is not None else {}
        is_dating = status is LenderStatus.DEED_DATED
        is_notice = status is LenderStatus.DEBTOR_NOTIFIED
        return LenderReply(
            status=status,
            raw_status=raw_status,
            reference=read_text(answer, "reference"),
            terms=_terms(read_object(answer, "terms")) if status is LenderStatus.OFFERED else None,
            reason_code=read_optional_text(reason, "code"),
            reason=read_optional_text(reason, "text"),
            requested_documents=_requested(answer),
            submission_id=UUID(read_text(answer, "dossier")),
            event_id=read_text(answer, "id"),
            sequence=read_count(answer, "sequence"),
            happened_at=read_instant(answer, "occurred_at"),
            deed_dated_on=read_day(answer, "deed_dated_on") if is_dating else None,
            amount=_money(payment) if payment is not None else None,
            value_date=read_day(payment, "value_date") if payment is not None else None,
            payment_reference=read_optional_text(payment or {}, "reference"),
            receivable_number=read_optional_text(payment or {}, "receivable_number"),
            notified_on=read_day(answer, "notified_on") if is_notice else None,
            collection_consent=is_notice and answer.get("collection_consent") is True,
        )

    def _receivable(self, receivable: DossierReceivable) -> dict[str, Any]:
        delivered_on = receivable.delivered_on
        return {
            "id": str(receivable.receivable_id),
            "number": receivable.number,
            "face_cents": receivable.face.cents,
            "currency": receivable.face.currency,
            "issued_on": receivable.issued_on.isoformat(),
            "due_on": receivable.due_on.isoformat(),
            "delivered_on": delivered_on.isoformat() if delivered_on else None,
            "order_reference": receivable.order_reference,
            "contract_reference": receivable.contract_reference,
            "debtor": _debtor(receivable.debtor),
            "documents": [self.encode_document(document) for document in receivable.documents],
        }


def _address(address: Address) -> dict[str, Any]:
    return {
        "line": address.line,
        "postcode": address.postcode,
        "city": address.city,
        "country": address.country,
    }


def _assignor(assignor: AssignorIdentity) -> dict[str, Any]:
    return {
        "name": assignor.name,
        "siren": assignor.siren,
        "vat_id": assignor.vat_id,
        "legal_form": assignor.legal_form,
        "activity_code": assignor.activity_code,
        "address": _address(assignor.address),
        "iban": assignor.iban,
        "contact_email": assignor.contact_email,
    }


def _debtor(debtor: DebtorIdentity) -> dict[str, Any]:
    return {
        "name": debtor.name,
        "siren": debtor.siren,
        "vat_id": debtor.vat_id,
        "address": _address(debtor.address),
        "is_public": debtor.is_public,
    }


def _asked(asked: AskedTerms) -> dict[str, Any]:
    return {
        "advance_rate": None if asked.advance_rate is None else str(asked.advance_rate),
        "cash_wanted_cents": asked.cash_wanted.cents if asked.cash_wanted else None,
        "wanted_on": asked.wanted_on.isoformat() if asked.wanted_on else None,
        "with_recourse": asked.with_recourse,
        "debtor_notice": asked.debtor_notice,
    }


def _terms(fields: Mapping[str, Any]) -> ProposedTerms:
    expected = fields.get("expected_repayment_on")
    return ProposedTerms(
        face_cents=read_cents(fields, "face_cents", low=1),
        currency=_currency(fields),
        advance_cents=read_cents(fields, "advance_cents"),
        reserve_cents=read_cents(fields, "reserve_cents"),
        net_proceeds_cents=read_cents(fields, "net_proceeds_cents"),
        valid_until=read_instant(fields, "valid_until"),
        value_date=read_day(fields, "value_date"),
        advance_rate=read_rate(fields, "advance_rate", high=ONE),
        annual_rate=read_rate(fields, "annual_rate", high=ANNUAL_RATE_MAX),
        teg=_teg(read_object(fields, "teg")) if fields.get("teg") is not None else None,
        fees=tuple(_fee(fee) for fee in read_objects(fields, "fees")),
        with_recourse=read_flag(fields, "with_recourse"),
        debtor_notice=read_flag(fields, "debtor_notice"),
        expected_repayment_on=read_day(fields, "expected_repayment_on") if expected else None,
        conditions=tuple(_condition(text) for text in read_list(fields, "conditions")),
    )


def _fee(fields: Mapping[str, Any]) -> FeeLine:
    return FeeLine(
        code=read_text(fields, "code"),
        label=read_text(fields, "label"),
        amount_cents=read_cents(fields, "amount_cents"),
        vat_cents=read_cents(fields, "vat_cents") if "vat_cents" in fields else 0,
        taken=FeeTaken(fields.get("taken", FeeTaken.UPFRONT.value)),
    )


def _teg(fields: Mapping[str, Any]) -> StatedTeg:
    rate = read_rate(fields, "rate", high=ANNUAL_RATE_MAX)
    period_rate = read_rate(fields, "period_rate", high=ANNUAL_RATE_MAX)
    period_days = read_rate(fields, "period_days", high=Decimal(3660))
    if rate is None or period_rate is None or period_days is None:
        raise UnreadableMessage("a TEG is stated with its period rate and its period in days")
    return StatedTeg(rate, period_rate, period_days, read_optional_text(fields, "method") or "")


def _condition(text: Any) -> str:
    return read_text({"condition": text}, "condition")


def _requested(answer: Mapping[str, Any]) -> tuple[RequestedDocument, ...]:
    return tuple(
        RequestedDocument(
            kind=read_text(asked, "kind"),
            label=read_text(asked, "label"),
            receivable_number=read_optional_text(asked, "receivable_number"),
        )
        for asked in read_objects(answer, "requested_documents")
    )


def _money(payment: Mapping[str, Any]) -> Money:
    return Money(read_cents(payment, "amount_cents", low=1), _currency(payment))


def _currency(fields: Mapping[str, Any]) -> str:
    currency = read_text(fields, "currency") if "currency" in fields else "EUR"
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise UnreadableMessage("'currency' is three capital letters, as EUR")
    return currency
