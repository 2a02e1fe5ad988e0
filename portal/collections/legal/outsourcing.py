"""Claims handed to an agency under a written mandate: what it is given, what it answers, when it is recalled."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.legal.claim import Claim
from portal.collections.legal.models import CollectionAgency, Handover
from portal.collections.legal.moves import move_handover
from portal.collections.legal.refusals import LegalActRefused
from portal.collections.legal.states import HANDOVER_TRANSITIONS, HandoverAction, HandoverState
from portal.receivables.models import Receivable
from portal.receivables.position import is_assigned

LIVE = (HandoverState.HANDED_OVER, HandoverState.IN_HAND)
TEXT_LENGTH_MAX = 500
CSV_ROWS_MAX = 5_000
STATUSES = {
    "en_cours": HandoverAction.ACKNOWLEDGE,
    "paye": HandoverAction.COLLECT,
    "retour": HandoverAction.GIVE_BACK,
}
"""What an agency writes in its file, and what it does to the claim."""


@dataclass(frozen=True, slots=True)
class Mandate:
    """The written agreement with an agency, as CPCE R124-2 and R124-3 want it."""

    name: str
    address: str
    signed_on: date
    fee_terms: str
    insured: bool
    declared: bool
    email: str | None = None
    ends_on: date | None = None


def add_agency(
    session: Session, assignor_id: UUID, told: Mandate, *, by: UUID | None, at: datetime
) -> CollectionAgency:
    """Record an agency and its mandate.

    Raises:
        LegalActRefused: ``name_needed``, ``agency_conditions``, ``day_in_future`` or ``agency_known``.

    Source: CPCE art. R124-2, R124-3.
    """
    for name in ("name", "address", "fee_terms"):
        if not getattr(told, name).strip():
            raise LegalActRefused("name_needed", name)
    if not (told.insured and told.declared):
        raise LegalActRefused("agency_conditions", "insured")
    if told.signed_on > at.astimezone(PARIS).date():
        raise LegalActRefused("day_in_future", "signed_on")
    known = select(CollectionAgency.id).where(
        CollectionAgency.assignor_id == assignor_id, CollectionAgency.name == told.name.strip()
    )
    if session.scalar(known) is not None:
        raise LegalActRefused("agency_known", "name")
    agency = CollectionAgency(
        assignor_id=assignor_id,
        name=told.name.strip()[:TEXT_LENGTH_MAX],
        email=(told.email or "").strip() or None,
        address=told.address.strip()[:TEXT_LENGTH_MAX],
        mandate_signed_on=told.signed_on,
        mandate_ends_on=told.ends_on,
        insured=told.insured,
        declared=told.declared,
        fee_terms=told.fee_terms.strip()[:TEXT_LENGTH_MAX],
        created_at=at,
        created_by=by,
    )
    session.add(agency)
    session.flush()
    trail.record(session, assignor_id, "add_agency", "collection_agency", agency.id, by=by, at=at)
    return agency


def hand_over(
    session: Session, claim: Claim, agency: CollectionAgency, *, by: UUID | None, at: datetime
) -> Handover:
    """Give a claim to an agency, with the amounts of the day by element; our reminders rest meanwhile.

    Raises:
        LegalActRefused: ``nothing_owed``, ``insolvent``, ``assigned``, ``mandate_over`` or ``handed_over``.
    """
    today, receivable = claim.asked.on, claim.receivable
    if claim.asked.principal.cents <= 0:
        raise LegalActRefused("nothing_owed")
    if claim.debtor.insolvent_since is not None:
        raise LegalActRefused("insolvent")
    if is_assigned(session, receivable.id):
        raise LegalActRefused("assigned")
    if agency.mandate_signed_on > today or (
        agency.mandate_ends_on is not None and agency.mandate_ends_on < today
    ):
        raise LegalActRefused("mandate_over", "agency")
    if live_handover(session, receivable.id) is not None:
        raise LegalActRefused("handed_over")
    handover = Handover(
        assignor_id=receivable.assignor_id,
        receivable_id=receivable.id,
        agency_id=agency.id,
        handed_on=today,
        principal_cents=claim.asked.principal.cents,
        penalties_cents=claim.asked.penalties.cents,
        indemnity_cents=claim.asked.indemnity.cents,
        created_at=at,
        created_by=by,
    )
    session.add(handover)
    session.flush()
    _trace(session, "hand_over", handover, by=by, at=at)
    return handover


def live_handover(session: Session, receivable_id: UUID) -> Handover | None:
    """The agency that has a claim in hand, if any."""
    return session.scalar(
        select(Handover).where(Handover.receivable_id == receivable_id, Handover.state.in_(LIVE))
    )


def record_status(
    session: Session,
    handover: Handover,
    action: HandoverAction,
    on: date,
    *,
    note: str | None,
    by: UUID | None,
    at: datetime,
) -> None:
    """What the agency says, or that the claim is recalled; a payment is recorded apart, when it arrives.

    Raises:
        LegalActRefused: ``day_in_future`` or ``day_out_of_order``.
        IllegalTransition: the claim is no longer with it.
    """
    if on > at.astimezone(PARIS).date():
        raise LegalActRefused("day_in_future", "status_on")
    if on < handover.handed_on:
        raise LegalActRefused("day_out_of_order", "status_on")
    move_handover(session, handover, action, by=by, at=at)
    handover.status_on = on
    handover.status_note = (note or "").strip()[:TEXT_LENGTH_MAX] or None
    if handover.state not in LIVE:
        handover.ended_on = on
    _trace(session, f"{action.value}_handover", handover, by=by, at=at)


@dataclass(frozen=True, slots=True)
class StatusesRead:
    """How many claims a file moved, and the invoice numbers it named that are not with this agency."""

    moved: int
    unknown: tuple[str, ...]


def read_statuses(
    session: Session,
    agency: CollectionAgency,
    content: bytes,
    *,
    by: UUID | None,
    at: datetime,
) -> StatusesRead:
    """Apply the agency's CSV file (``numero;statut;date;note``): all of its lines, or none.

    A status the claim already has changes nothing; numbers that the agency does not hold are told.

    Raises:
        LegalActRefused: ``csv_unreadable`` or ``csv_row``.
    """
    rows = _rows(content)
    held = {
        number.upper(): handover
        for handover, number in session.execute(
            select(Handover, Receivable.number)
            .join(Receivable, Receivable.id == Handover.receivable_id)
            .where(Handover.agency_id == agency.id, Handover.state.in_(LIVE))
            .with_for_update(of=Handover)
        )
    }
    moved, unknown = 0, []
    for number, action, on, note in rows:
        handover = held.get(number.upper())
        if handover is None:
            unknown.append(number)
        elif action in HANDOVER_TRANSITIONS[handover.state]:
            record_status(session, handover, action, on, note=note, by=by, at=at)
            moved += 1
    return StatusesRead(moved, tuple(unknown))


def _rows(content: bytes) -> list[tuple[str, HandoverAction, date, str]]:
    try:
        text = content.decode("utf-8-sig")
        first = text.split("\n", 1)[0]
        reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in first else ",")
        names = {(name or "").strip().lower() for name in reader.fieldnames or ()}
    except (UnicodeDecodeError, csv.Error) as error:
        raise LegalActRefused("csv_unreadable", "statuses") from error
    if not {"numero", "statut", "date"} <= names:
        raise LegalActRefused("csv_unreadable", "statuses")
    try:
        return [_row(row) for row in _few(reader)]
    except (csv.Error, KeyError, ValueError, TypeError, AttributeError) as error:
        raise LegalActRefused("csv_row", "statuses") from error


def _few(reader: "csv.DictReader[str]") -> list[dict[str, str]]:
    rows = []
    for row in reader:
        rows.append({name.strip().lower(): value.strip() for name, value in row.items() if name})
        if len(rows) > CSV_ROWS_MAX:
            raise ValueError(CSV_ROWS_MAX)
    return rows


def _row(row: dict[str, str]) -> tuple[str, HandoverAction, date, str]:
    action = STATUSES[row["statut"].lower()]
    return row["numero"], action, date.fromisoformat(row["date"]), row.get("note", "")


def export_rows(handovers: Sequence[tuple[Handover, Receivable]]) -> list[list[str]]:
    """The CSV given to an agency: one line per claim, amounts by element as CPCE R124-3 wants them."""
    head = [
        "numero", "debiteur", "siren", "adresse", "courriel", "telephone", "emise_le", "echeance",
        "principal", "penalites", "indemnite", "total", "devise", "confiee_le",
    ]  # fmt: skip
    return [head, *(_export_row(handover, one) for handover, one in handovers)]


def _export_row(handover: Handover, one: Receivable) -> list[str]:
    parts = (handover.principal_cents, handover.penalties_cents, handover.indemnity_cents)
    return [
        one.number,
        one.debtor.name,
        one.debtor.siren or "",
        one.debtor.address or "",
        one.debtor.contact_email or "",
        one.debtor.contact_phone or "",
        one.issued_on.isoformat(),
        one.due_on.isoformat() if one.due_on else "",
        *(f"{cents // 100}.{cents % 100:02d}" for cents in (*parts, sum(parts))),
        one.currency,
        handover.handed_on.isoformat(),
    ]


def _trace(
    session: Session, action: str, handover: Handover, *, by: UUID | None, at: datetime
) -> None:
    session.flush()
    facts = {"receivable": handover.receivable_id, "agency": handover.agency_id}
    trail.record(
        session, handover.assignor_id, action, "handover", handover.id, facts, by=by, at=at
    )
