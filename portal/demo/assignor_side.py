"""What the SMEs do in the demonstration: choose invoices, apply, accept, sign."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from partners.sandbox import desk
from portal.assignments.acceptance import accept_offer
from portal.assignments.drafting import draft_deed
from portal.assignments.models import Deed
from portal.assignments.signing import Signature, consent_digest, consent_text, sign_deed
from portal.audit import trail
from portal.clock import PARIS
from portal.demo.lender_side import LENDERS, lender_file
from portal.demo.receivables import Arrived
from portal.demo.stage import Stage, StoryDoesNotHold
from portal.funding.application import draft_request, show_disclosure, submit_request
from portal.funding.disclosure import disclosure_of
from portal.funding.models import FundingLine, FundingRequest, Offer
from portal.funding.routing import route_request
from portal.funding.states import RequestState
from portal.lenders.lookup import active_cards, limits_on
from portal.lenders.rate_cards import policy_of
from portal.receivables.facts import dossiers
from portal.receivables.models import Receivable
from portal.receivables.position import positions
from pricing.eligibility import Outcome, assess
from pricing.parameters import law as current_law
from pricing.products.quote import Product

CONSIDERED = 24
LOOKING = (
    RequestState.DRAFT,
    RequestState.SUBMITTED,
    RequestState.ROUTED,
    RequestState.OFFERED,
)
ASK_PROOF = ("factor-imaginaire", "comptoir-imaginaire")
SIGNED_FROM = "192.0.2.10"
Preference = Callable[[Arrived], float]


def largest(arrived: Arrived) -> float:
    return -float(arrived.invoice.face_cents)


def smallest(arrived: Arrived) -> float:
    return float(arrived.invoice.face_cents)


def slow_payer(arrived: Arrived) -> float:
    return -float(arrived.invoice.customer.late_days)


def choose(
    stage: Stage,
    trade: str,
    at: datetime,
    lenders: Sequence[str],
    products: Sequence[Product],
    *,
    how_many: int = 1,
    prefer: Preference = largest,
) -> list[Arrived]:
    """Invoices every named lender's cards for these products would take on that day, the preferred first.

    Raises:
        StoryDoesNotHold: there are none.
    """
    on, arrivals = at.astimezone(PARIS).date(), stage.arrivals[trade]
    soonest = on + timedelta(days=12)
    least, most = _appetite(lenders)
    open_ones = [
        one
        for one in arrivals.known()
        if one.invoice.due_on > soonest
        and not one.invoice.disputed_cents
        and least <= one.invoice.face_cents * how_many <= most
    ]
    where = positions(stage.session, [one.receivable_id for one in open_ones])
    elsewhere = _asked_for(stage, trade)
    free = [
        one
        for one in open_ones
        if one.receivable_id not in elsewhere
        and where[one.receivable_id].deed_id is None
        and where[one.receivable_id].outstanding_cents == one.invoice.face_cents
    ]
    considered = sorted(free, key=lambda one: (prefer(one), one.invoice.number))[:CONSIDERED]
    fitting: list[Arrived] = []
    for start in range(0, len(considered), how_many + 1):
        some = considered[start : start + how_many + 1]
        arrivals.document(some, with_proof=any(slug in ASK_PROOF for slug in lenders))
        fitting += _fitting(stage, trade, some, lenders, products, at)
        if len(fitting) >= how_many:
            return fitting[:how_many]
    if not fitting:
        raise StoryDoesNotHold(f"{trade} has nothing for {', '.join(lenders)} on {on}")
    return fitting


def apply(
    stage: Stage,
    trade: str,
    chosen: Sequence[Arrived],
    products: Sequence[Product],
    at: datetime,
    *,
    note: str | None = None,
    through_broker: bool = False,
) -> FundingRequest:
    """A request drafted by the SME, or by its broker, with the statement of who we are put before them."""
    by = stage.members["broker" if through_broker else trade].id
    request = draft_request(
        stage.session,
        assignor_id=stage.founded[trade],
        broker_id=stage.founded["broker"] if through_broker else None,
        receivable_ids=[one.receivable_id for one in chosen],
        products=products,
        note=note,
        on=at.astimezone(PARIS).date(),
        by=by,
        at=at,
    )
    show_disclosure(request, disclosure_of(stage.runtime.settings), at=at)
    return request


def submit(stage: Stage, request: FundingRequest, at: datetime) -> None:
    """The request is sent; a job will route it."""
    submit_request(
        stage.session,
        request,
        disclosure_of(stage.runtime.settings),
        on=at.astimezone(PARIS).date(),
        by=request.created_by,
        at=at,
    )


def send(stage: Stage, request: FundingRequest, at: datetime) -> None:
    """The request is sent and routed within the minute."""
    submit(stage, request, at)
    route_request(
        stage.session,
        request,
        days=stage.runtime.settings.submission_days,
        law=current_law(),
        at=at,
    )


def accept(stage: Stage, trade: str, offer: Offer, at: datetime, *, told: bool = True) -> Deed:
    """The SME takes the offer; the deed is drafted at once. ``told``: the lender knows of it."""
    request = stage.session.get_one(FundingRequest, offer.request_id)
    deed = accept_offer(stage.session, request, offer.id, by=stage.members[trade].id, at=at)
    draft_deed(stage.session, stage.store, deed, at=at)
    if told:
        desk.accept(lender_file(stage, offer), offer.partner_key, at)
    return deed


def sign(stage: Stage, trade: str, deed: Deed, at: datetime) -> None:
    """The owner signs by typing their name, and the assignee receives the deed."""
    member, company = stage.members[trade], stage.organisation(trade).legal_name
    consent = consent_text(deed, company)
    signature = Signature(
        typed_name=member.name or "",
        title="Représentant légal",
        consents=True,
        shown_sha256=deed.document_sha256 or "",
        shown_consent=consent_digest(consent),
        ip_address=SIGNED_FROM,
        user_agent="Navigateur de démonstration",
    )
    sign_deed(stage.session, stage.store, deed, member, signature, at=at)
    _deliver(stage, deed, at)


def hold_debts(stage: Stage, trade: str, chosen: Sequence[Arrived]) -> None:
    """From now on this deal's story alone tells how these debtors pay."""
    stage.arrivals[trade].hold(chosen)


def _appetite(lenders: Sequence[str]) -> tuple[int, int]:
    """The smallest and the largest dossier every one of these lenders looks at, in cents."""
    appetites = [LENDERS[slug].appetite for slug in lenders]
    least = max(appetite.dossier_min.cents for appetite in appetites)
    return least, min(appetite.dossier_max.cents for appetite in appetites)


def _asked_for(stage: Stage, trade: str) -> set[UUID]:
    """Receivables on a request that is still looking for a lender."""
    return set(
        stage.session.scalars(
            select(FundingLine.receivable_id)
            .join(FundingRequest, FundingRequest.id == FundingLine.request_id)
            .where(
                FundingLine.assignor_id == stage.founded[trade],
                FundingRequest.state.in_(LOOKING),
            )
        )
    )


def _deliver(stage: Stage, deed: Deed, at: datetime) -> None:
    offer = stage.session.get_one(Offer, deed.offer_id)
    deed.delivered_at = at
    trail.record(stage.session, deed.assignor_id, "deed_sent", "deed", deed.id, by=None, at=at)
    sent = {
        "deed": str(deed.id),
        "face_cents": offer.face_cents,
        "signed_at": at.isoformat(),
    }
    desk.receive_deed(lender_file(stage, offer), sent, at)


def _fitting(
    stage: Stage,
    trade: str,
    considered: Sequence[Arrived],
    lenders: Sequence[str],
    products: Sequence[Product],
    at: datetime,
) -> list[Arrived]:
    """Those that each lender would take under one of its cards at least, for each product it offers."""
    rows = stage.session.scalars(
        select(Receivable).where(Receivable.id.in_([one.receivable_id for one in considered]))
    ).all()
    fitting = list(considered)
    for slug in lenders:
        for product in products:
            taken = _taken_by(stage, trade, rows, stage.founded[slug], product, at)
            fitting = [one for one in fitting if taken is None or one.receivable_id in taken]
    return fitting


def _taken_by(
    stage: Stage,
    trade: str,
    rows: Sequence[Receivable],
    lender_id: UUID,
    product: Product,
    at: datetime,
) -> set[UUID] | None:
    """The receivables one lender takes for one product; None when it does not offer that product."""
    on, law = at.astimezone(PARIS).date(), current_law()
    cards = [one for one in active_cards(stage.session, [product]) if one.lender_id == lender_id]
    if not cards:
        return None
    sirens = {row.debtor.siren for row in rows if row.debtor.siren}
    limits = {
        siren: limit.limit_cents
        for (_, siren), limit in limits_on(stage.session, [lender_id], sirens).items()
    }
    facts = dossiers(stage.session, stage.organisation(trade), rows, today=on, limits=limits)
    assessed = {
        (row.id, card.id): assess(
            product, facts[row.id].receivable, facts[row.id].assignor, policy_of(card), on, law
        )
        for row in rows
        for card in cards
    }
    return {
        receivable_id
        for (receivable_id, _), found in assessed.items()
        if not found.of(Outcome.BLOCKED, Outcome.REFUSED)
    }
