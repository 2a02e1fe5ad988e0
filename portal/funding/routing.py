"""Which lenders a request goes to, by their cards, policies and limits; and why not to the others."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from partners.lenders.routing import Candidate, Demand, Exclusion, route
from portal.clock import PARIS
from portal.documents.models import Document
from portal.documents.store import grant
from portal.funding.application import lock_request
from portal.funding.carrying import carry
from portal.funding.conclusion import conclude
from portal.funding.exposure import exposures
from portal.funding.models import FundingLine, FundingRequest, Submission
from portal.funding.moves import move_request, move_submission
from portal.funding.states import RequestAction, RequestState, SubmissionAction
from portal.identity.models import Organisation
from portal.jobs.queue import Job, enqueue
from portal.lenders.lookup import active_cards, limits_on, profiles
from portal.lenders.models import LenderProfile, RateCard
from portal.lenders.rate_cards import policy_of, tariff_of
from portal.receivables.facts import Dossier, dossiers
from portal.runtime import Runtime
from pricing.eligibility import Finding, Outcome, assess
from pricing.money import Money
from pricing.parameters import LegalParameters
from pricing.parameters import law as current_law
from pricing.products.catalogue import assigned, price_batch
from pricing.products.quote import Product

STOPPING = (Outcome.BLOCKED, Outcome.REFUSED)
NOTABLE = (Outcome.WARNING, *STOPPING)
SHOWN_IN_FULL_MAX = 10
"""Up to so many receivables, the rules that pass are kept too, for the lender to read."""


@dataclass(frozen=True, slots=True)
class LookedAt:
    """One line under one lender's rules: what they found, and what of it stops the line."""

    line: FundingLine
    findings: tuple[Finding, ...]
    stopping: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Considered:
    """One lender's card looked at for a request, line by line, and its indicative price.

    The lender is asked for the lines nothing stops, provided there is one.
    """

    card: RateCard
    profile: LenderProfile
    looked_at: tuple[LookedAt, ...]
    indicative_net: Money | None

    @property
    def carried(self) -> list[LookedAt]:
        return [one for one in self.looked_at if not one.stopping]

    @property
    def left_out(self) -> list[LookedAt]:
        return [one for one in self.looked_at if one.stopping]


def run_route_request(runtime: Runtime, request_id: str) -> None:
    """Route a submitted request; a second run finds it routed and does nothing."""
    with runtime.transaction() as session:
        request = session.get(FundingRequest, UUID(request_id))
        if request is None:
            return
        lock_request(session, request)
        if request.state is RequestState.SUBMITTED:
            route_request(
                session,
                request,
                days=runtime.settings.submission_days,
                law=current_law(),
                at=runtime.clock(session).instant(),
            )


def route_request(
    session: Session, request: FundingRequest, *, days: int, law: LegalParameters, at: datetime
) -> None:
    """Create one submission per lender and card: to be sent with the lines its rules let through,
    or kept with what blocks every line.

    The session must look as the system: limits and exposures belong to lenders.
    """
    on = at.astimezone(PARIS).date()
    products = [Product(name) for name in request.products]
    elsewhere = _assigned_elsewhere(session, request)
    considered = [] if elsewhere else _consider(session, request, products, on, law)
    move_request(session, request, RequestAction.ROUTE, by=None, at=at)
    for product in products:
        fitting = [one for one in considered if one.card.product is product]
        _submit_to(session, request, product, fitting, expires_at=at + timedelta(days=days), at=at)
    conclude(session, request, at=at)


def _consider(
    session: Session,
    request: FundingRequest,
    products: Sequence[Product],
    on: date,
    law: LegalParameters,
) -> list[Considered]:
    cards = active_cards(session, products)
    known = profiles(session, {card.lender_id for card in cards})
    limits = _limits_left(session, request, {card.lender_id for card in cards})
    by_lender: dict[UUID, dict[UUID, Dossier]] = {}
    assignor = session.get_one(Organisation, request.assignor_id)
    considered = []
    for card in cards:
        if card.lender_id not in known:
            continue
        if card.lender_id not in by_lender:
            by_lender[card.lender_id] = dossiers(
                session,
                assignor,
                [line.receivable for line in request.lines],
                today=on,
                limits=limits.get(card.lender_id),
            )
        facts = by_lender[card.lender_id]
        considered.append(_considered(card, known[card.lender_id], request, facts, on, law))
    return considered


def _considered(
    card: RateCard,
    profile: LenderProfile,
    request: FundingRequest,
    facts: Mapping[UUID, Dossier],
    on: date,
    law: LegalParameters,
) -> Considered:
    kept = tuple(Outcome) if len(request.lines) <= SHOWN_IN_FULL_MAX else NOTABLE
    looked_at = []
    for line in request.lines:
        dossier = facts[line.receivable_id]
        assessed = assess(
            card.product, dossier.receivable, dossier.assignor, policy_of(card), on, law
        )
        looked_at.append(LookedAt(line, tuple(assessed.of(*kept)), tuple(assessed.of(*STOPPING))))
    carried = [one.line for one in looked_at if not one.stopping] or request.lines
    net = _indicative_net(card, carried, request.currency, facts, on)
    return Considered(card, profile, tuple(looked_at), net)


def _indicative_net(
    card: RateCard,
    lines: Sequence[FundingLine],
    currency: str,
    facts: Mapping[UUID, Dossier],
    on: date,
) -> Money | None:
    """Our own price, only to ask the best placed lenders first; None where no price exists."""
    slip = [
        assigned(facts[line.receivable_id].receivable, Money(line.eligible_cents, currency))
        for line in lines
    ]
    try:
        return price_batch(tariff_of(card), slip, on).net_today
    except ValueError:
        return None


def _submit_to(
    session: Session,
    request: FundingRequest,
    product: Product,
    considered: Sequence[Considered],
    *,
    expires_at: datetime,
    at: datetime,
) -> None:
    routing = route(
        Demand(
            product=product.value,
            face=Money(request.face_total_cents, request.currency),
            receivable_count=len(request.lines),
        ),
        [_candidate(one) for one in considered],
    )
    reasons = defaultdict(list)
    for exclusion in routing.excluded:
        reasons[exclusion.lender].append(exclusion)
    for one in considered:
        stopped = reasons[str(one.card.id)]
        submission = Submission(
            request_id=request.id,
            assignor_id=request.assignor_id,
            lender_id=one.card.lender_id,
            rate_card_id=one.card.id,
            product=product,
            findings=_kept_findings(one, stopped),
            prepared_at=at,
            expires_at=expires_at,
        )
        submission.request = request
        session.add(submission)
        session.flush()
        if stopped:
            move_submission(
                session,
                submission,
                SubmissionAction.BLOCK,
                by=None,
                at=at,
                reason_code=stopped[0].code,
            )
            submission.reason_code = stopped[0].code
        else:
            _open_to_lender(session, submission, one, at)


def _candidate(one: Considered) -> Candidate:
    """A lender's card as routing weighs it: a lender may offer one product under several."""
    return Candidate(
        lender=str(one.card.id),
        products=frozenset({one.card.product.value}),
        is_open=one.profile.accepting,
        currencies=policy_of(one.card).currencies,
        blocking_findings=() if one.carried else _stopping_codes(one),
        indicative_net=one.indicative_net,
    )


def _stopping_codes(one: Considered) -> tuple[str, ...]:
    return tuple(found.code for line in one.looked_at for found in line.stopping)


def _kept_findings(one: Considered, stopped: Sequence[Exclusion]) -> list[dict[str, Any]]:
    """What the rules found, as plain values by receivable, then reasons of the dossier as a whole.

    A lender that is asked reads them: they are then those of the lines it is sent.
    """
    told = one.looked_at if stopped else one.carried
    rules = [
        {"receivable": line.line.receivable.number, **found.to_mapping()}
        for line in told
        for found in line.findings
    ]
    whole = [
        {"exclusion": exclusion.code, "params": dict(exclusion.params)}
        for exclusion in stopped
        if exclusion.code != "policy_not_met"
    ]
    return [*rules, *whole]


def _open_to_lender(
    session: Session, submission: Submission, considered: Considered, at: datetime
) -> None:
    carry(
        session,
        submission,
        [one.line for one in considered.carried],
        [(one.line, [found.to_mapping() for found in one.stopping]) for one in considered.left_out],
    )
    wanted = {
        document_id
        for line in submission.lines
        for document_id in (line.receivable.document_id, line.receivable.delivery_proof_id)
        if document_id is not None
    }
    for document in session.scalars(select(Document).where(Document.id.in_(wanted))):
        grant(session, document, submission.lender_id, submission_id=submission.id, at=at)
    enqueue(
        session,
        Job.SEND_SUBMISSION,
        submission_id=submission.id,
        one_at_a_time=f"submission:{submission.id}",
    )


def _limits_left(
    session: Session, request: FundingRequest, lender_ids: set[UUID]
) -> dict[UUID, dict[str, int]]:
    """Each lender's limit on each debtor, less what it already stands behind for other assignors."""
    sirens = {line.receivable.debtor.siren for line in request.lines} - {None}
    known = {siren for siren in sirens if siren is not None}
    taken = exposures(session, lender_ids, known, except_assignor=request.assignor_id)
    left: dict[UUID, dict[str, int]] = defaultdict(dict)
    for (lender_id, siren), limit in limits_on(session, lender_ids, known).items():
        left[lender_id][siren] = max(limit.limit_cents - taken.get((lender_id, siren), 0), 0)
    return left


def _assigned_elsewhere(session: Session, request: FundingRequest) -> bool:
    """Whether one of these debts stands on a live deed of any tenant (by fingerprint)."""
    prints = [line.receivable.fingerprint for line in request.lines]
    found = session.execute(
        text(
            "SELECT 1 FROM assignment WHERE released_at IS NULL AND fingerprint = ANY(:prints) LIMIT 1"
        ),
        {"prints": prints},
    )
    return found.first() is not None
