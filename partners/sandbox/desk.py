"""What a fictional lender writes in a dossier: one function per event of the contract.

Each appends one event to the file and returns it; none sends anything.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from partners.sandbox.book import DossierFile
from partners.sandbox.lenders import SandboxLender
from partners.sandbox.offers import CannotOffer, offer_terms

Event = dict[str, Any]

DELIVERY_NOTE: Mapping[str, str] = {
    "kind": "delivery_proof",
    "label": "Bon de livraison ou procès-verbal de réception signé",
}


class OutOfTurn(Exception):
    """The act does not fit where the dossier stands; `code` names why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def write(file: DossierFile, status: str, at: datetime, **told: Any) -> Event:
    """Append one event; its sequence is its place, its id never changes."""
    sequence = len(file.events) + 1
    event = {
        "id": f"evt_{file.dossier.replace('-', '')}_{sequence}",
        "sequence": sequence,
        "occurred_at": at.isoformat(),
        "dossier": file.dossier,
        "reference": file.reference,
        "status": status,
        **told,
    }
    file.events.append(event)
    return event


def offer(file: DossierFile, lender: SandboxLender, at: datetime) -> Event:
    """A priced offer; a decline with its reason when the lender cannot make one."""
    try:
        terms = offer_terms(lender, file.body, business_day(file, at))
    except CannotOffer as refusal:
        return decline(file, at, refusal.code, str(refusal))
    return write(file, "offered", at, terms=terms)


def offer_that_does_not_add_up(file: DossierFile, lender: SandboxLender, at: datetime) -> Event:
    """An offer whose net proceeds are ten euros too high."""
    event = offer(file, lender, at)
    if event["status"] == "offered":
        event["terms"]["net_proceeds_cents"] += 1000
    return event


def ask_for_delivery_note(file: DossierFile, at: datetime) -> Event:
    """A request for the proof that the first receivable was delivered."""
    number = file.body["receivables"][0]["number"]
    asked = dict(DELIVERY_NOTE, receivable_number=number)
    return write(file, "info_requested", at, requested_documents=[asked])


def decline(file: DossierFile, at: datetime, code: str, text: str) -> Event:
    """A refusal with its reason."""
    return write(file, "declined", at, reason={"code": code, "text": text})


def withdraw_offer(file: DossierFile, at: datetime) -> Event:
    """The lender takes its open offer back."""
    offered = open_offer(file)
    reason = {"code": "credit_committee", "text": "Le comité est revenu sur sa décision."}
    return write(file, "offer_withdrawn", at, offer=offered["id"], reason=reason)


def accept(file: DossierFile, offer_id: str, at: datetime) -> Event:
    """The assignor accepts the open offer, before it ends."""
    offered = open_offer(file)
    if offered["id"] != offer_id:
        raise OutOfTurn("offer_unknown", "another offer is open on this dossier")
    valid_until = datetime.fromisoformat(offered["terms"]["valid_until"])
    if at > valid_until:
        raise OutOfTurn("offer_expired", f"the offer ended on {valid_until.isoformat()}")
    return write(file, "accepted", at, offer=offer_id)


def withdraw(file: DossierFile, reason: str, at: datetime) -> Event:
    """The assignor no longer wants an answer; too late once disbursed."""
    if file.last("disbursed"):
        raise OutOfTurn("already_disbursed", "the advance has left")
    file.todo.clear()
    return write(file, "withdrawn", at, reason={"code": "assignor", "text": reason or "—"})


def receive_deed(file: DossierFile, deed: Mapping[str, Any], at: datetime) -> Event:
    """The signed deed arrives; its totals must be those of the accepted offer."""
    accepted = _due(file, "accepted", "the offer is not accepted")
    terms = file.event(accepted["offer"])["terms"]
    if deed.get("face_cents") != terms["face_cents"]:
        raise OutOfTurn("deed_total", "the deed's total is not that of the offer")
    file.body["deed_signed_on"] = str(deed.get("signed_at", ""))[:10]
    return write(file, "deed_received", at, deed=deed.get("deed"))


def date_deed(file: DossierFile, at: datetime) -> Event:
    """The assignee affixes its date, which binds everyone (art. L313-25 and L313-27 CMF)."""
    _due(file, "deed_received", "no signed deed was received")
    return write(file, "deed_dated", at, deed_dated_on=business_day(file, at).isoformat())


def disburse(file: DossierFile, at: datetime) -> Event:
    """The advance leaves, less the fees of the first day."""
    _due(file, "deed_received", "no signed deed was received")
    if file.last("disbursed"):
        raise OutOfTurn("already_disbursed", "the advance has left")
    terms = accepted_terms(file)
    value_date = max(terms["value_date"], business_day(file, at).isoformat())
    paid = _payment(file, terms["net_proceeds_cents"], value_date, "VIR")
    return write(file, "disbursed", at, payment=paid)


def debtor_pays(
    file: DossierFile, at: datetime, number: str | None, amount_cents: int | None, on: str | None
) -> list[Event]:
    """The debtor of one receivable, or of each one left, pays the lender; in part if asked."""
    _due(file, "disbursed", "nothing was disbursed")
    left = {n: cents for n, cents in unpaid_cents(file).items() if number in (None, n)}
    if not left:
        raise OutOfTurn("nothing_to_pay", "no receivable of this number is unpaid")
    day = on or business_day(file, at).isoformat()
    events = []
    for one, cents in left.items():
        paid = min(cents, amount_cents or cents)
        file.paid_cents[one] = file.paid_cents.get(one, 0) + paid
        payment = _payment(file, paid, day, "ENC") | {"receivable_number": one}
        events.append(write(file, "debtor_paid", at, payment=payment))
    return events


def release_reserve(file: DossierFile, at: datetime) -> Event | None:
    """The reserve comes back, less the fees taken at the end; None when nothing is left."""
    _due(file, "disbursed", "nothing was disbursed")
    terms = accepted_terms(file)
    at_end = (fee for fee in terms["fees"] if fee["taken"] == "at_end")
    left = terms["reserve_cents"] - sum(fee["amount_cents"] + fee["vat_cents"] for fee in at_end)
    if left <= 0 or file.last("reserve_released"):
        return None
    day = business_day(file, at).isoformat()
    return write(file, "reserve_released", at, payment=_payment(file, left, day, "RG"))


def call_recourse(file: DossierFile, at: datetime) -> Event:
    """The assignor owes back the advance on what its debtors did not pay."""
    _due(file, "disbursed", "nothing was disbursed")
    terms = accepted_terms(file)
    if not terms["with_recourse"]:
        raise OutOfTurn("without_recourse", "the lender bears the debtors' failure")
    unpaid = sum(unpaid_cents(file).values())
    if not unpaid:
        raise OutOfTurn("nothing_unpaid", "every receivable is paid")
    owed = -(-unpaid * terms["advance_cents"] // terms["face_cents"])
    day = business_day(file, at).isoformat()
    return write(file, "recourse_called", at, payment=_payment(file, owed, day, "REC"))


def recourse_paid(file: DossierFile, at: datetime) -> Event:
    """The assignor paid back what the recourse asked."""
    owed = _due(file, "recourse_called", "no recourse was called")["payment"]["amount_cents"]
    day = business_day(file, at).isoformat()
    return write(file, "recourse_paid", at, payment=_payment(file, owed, day, "REM"))


def take_loss(file: DossierFile, at: datetime) -> Event:
    """The lender bears the advance on what the debtors will not pay."""
    terms = accepted_terms(file)
    unpaid = sum(unpaid_cents(file).values())
    if not unpaid:
        raise OutOfTurn("nothing_unpaid", "every receivable is paid")
    lost = -(-unpaid * terms["advance_cents"] // terms["face_cents"])
    day = business_day(file, at).isoformat()
    return write(file, "loss_taken", at, payment=_payment(file, lost, day, "PERTE"))


def notify_debtors(file: DossierFile, at: datetime) -> Event:
    """The assignee tells the debtors to pay it, and who goes on collecting (art. L313-28 CMF)."""
    _due(file, "disbursed", "nothing was disbursed")
    return write(
        file,
        "debtor_notified",
        at,
        notified_on=business_day(file, at).isoformat(),
        collection_consent=file.body["product"] == "dailly",
    )


def settle(file: DossierFile, at: datetime) -> Event:
    """The lender closes the dossier."""
    _due(file, "disbursed", "nothing was disbursed")
    return write(file, "settled", at)


def unpaid_cents(file: DossierFile) -> dict[str, int]:
    """What each receivable's debtor still owes, those paid in full left out."""
    faces = {r["number"]: r["face_cents"] for r in file.body["receivables"]}
    left = {number: face - file.paid_cents.get(number, 0) for number, face in faces.items()}
    return {number: cents for number, cents in left.items() if cents > 0}


def open_offer(file: DossierFile) -> Event:
    """The offer that may be accepted now.

    Raises:
        OutOfTurn: none was made, or something closed it.
    """
    latest = file.last("offered", "declined", "offer_withdrawn", "accepted", "withdrawn")
    if latest is None or latest["status"] != "offered":
        raise OutOfTurn("offer_not_open", "no offer is open on this dossier")
    return latest


def accepted_terms(file: DossierFile) -> dict[str, Any]:
    """The terms of the accepted offer."""
    accepted = _due(file, "accepted", "the offer is not accepted")
    terms: dict[str, Any] = file.event(accepted["offer"])["terms"]
    return terms


def business_day(file: DossierFile, at: datetime) -> date:
    """The sandbox's day, never before the days the portal wrote: it may live ahead of us."""
    written = (file.body.get("requested_on"), file.body.get("deed_signed_on"))
    return max([at.date(), *(date.fromisoformat(day) for day in written if day)])


def _due(file: DossierFile, status: str, otherwise: str) -> Event:
    event = file.last(status)
    if event is None or file.last("withdrawn"):
        raise OutOfTurn("out_of_turn", otherwise if event is None else "the dossier is withdrawn")
    return event


def _payment(file: DossierFile, cents: int, value_date: str, prefix: str) -> dict[str, Any]:
    return {
        "amount_cents": cents,
        "currency": file.body.get("currency", "EUR"),
        "value_date": value_date,
        "reference": f"{prefix} {file.reference}",
    }
