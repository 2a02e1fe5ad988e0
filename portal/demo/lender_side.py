"""What lenders say in the demonstration: the sandbox's own desk, at work in the past.

Dossiers of lenders reached over the network are also written into the sandbox's memory, so that once it
runs it knows what was said, and goes on from there.
"""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from partners.lenders.rest import RestLender
from partners.sandbox import desk
from partners.sandbox.book import Book, DossierFile
from partners.sandbox.desk import Event
from partners.sandbox.lenders import SandboxLender, fictional_lenders
from portal.config import Settings
from portal.demo.stage import Stage, StoryDoesNotHold
from portal.funding.dossier import dossier_of
from portal.funding.events import WEBHOOK, WORKSPACE, store_event
from portal.funding.models import FundingRequest, Offer, Submission
from portal.funding.moves import move_submission
from portal.funding.outcomes import Verdict
from portal.funding.states import OfferState, SubmissionAction, SubmissionState
from portal.lenders.connections import webhook_url
from portal.settlement.lender_events import apply_event

LENDERS = {lender.slug: lender for lender in fictional_lenders()}
CLOSED = (SubmissionState.POLICY_BLOCKED, SubmissionState.WITHDRAWN, SubmissionState.DECLINED)


def dossiers_path(settings: Settings) -> Path:
    """Where the sandbox keeps the dossiers its lenders hold."""
    return settings.var_directory / "sandbox" / "dossiers.json"


def empty_book(settings: Settings) -> Book:
    """The sandbox's memory, emptied: dossiers of an interrupted load are no longer known to anyone."""
    path = dossiers_path(settings)
    path.unlink(missing_ok=True)
    return Book(path)


def submissions(stage: Stage, request: FundingRequest) -> list[tuple[str, Submission]]:
    """The submissions lenders may still answer, with each lender's slug."""
    slugs = {stage.founded[slug]: slug for slug in LENDERS}
    found = stage.session.scalars(
        select(Submission)
        .where(Submission.request_id == request.id, Submission.state.not_in(CLOSED))
        .order_by(Submission.product, Submission.rate_card_id)
    )
    return [(slugs[one.lender_id], one) for one in found]


def submission_at(stage: Stage, request: FundingRequest, slug: str) -> Submission:
    """The submission of a request at one lender.

    Raises:
        StoryDoesNotHold: the request did not go to that lender.
    """
    for name, submission in submissions(stage, request):
        if name == slug:
            return submission
    raise StoryDoesNotHold(f"{request.reference} did not reach {slug}")


def receive(stage: Stage, request: FundingRequest, at: datetime, *slugs: str) -> None:
    """The dossier reaches these lenders (all of those asked when none is named), who say so."""
    for slug, submission in submissions(stage, request):
        if slugs and slug not in slugs:
            continue
        submission.sent_at, submission.attempts = at, 1
        move_submission(stage.session, submission, SubmissionAction.SEND, by=None, at=at)
        _tell(
            stage, submission, desk.write(_open_file(stage, slug, submission), "received", at), at
        )


def offer(stage: Stage, request: FundingRequest, slug: str, at: datetime) -> None:
    """A firm offer, priced by the lender's own rate card."""
    submission = submission_at(stage, request, slug)
    _tell(stage, submission, desk.offer(_file(stage, submission), LENDERS[slug], at), at)


def ask_for_piece(stage: Stage, request: FundingRequest, slug: str, at: datetime) -> None:
    """The lender asks for the proof of delivery before it decides."""
    submission = submission_at(stage, request, slug)
    _tell(stage, submission, desk.ask_for_delivery_note(_file(stage, submission), at), at)


def decline(
    stage: Stage, request: FundingRequest, slug: str, at: datetime, code: str, reason: str
) -> None:
    """The lender says no, and why."""
    submission = submission_at(stage, request, slug)
    _tell(stage, submission, desk.decline(_file(stage, submission), at, code, reason), at)


def open_offer(stage: Stage, request: FundingRequest, slug: str) -> Offer:
    """The open offer of one lender.

    Raises:
        StoryDoesNotHold: it made none.
    """
    offers = stage.session.scalars(
        select(Offer).where(
            Offer.request_id == request.id,
            Offer.lender_id == stage.founded[slug],
            Offer.state == OfferState.OPEN,
        )
    ).all()
    if not offers:
        raise StoryDoesNotHold(f"{slug} made no offer on {request.reference}")
    return max(offers, key=lambda one: one.net_proceeds_cents)


def lender_file(stage: Stage, offer_taken: Offer) -> DossierFile:
    """The lender's own file of the deal, for what it does next."""
    return _file(stage, offer_taken.submission)


def report(stage: Stage, offer_taken: Offer, at: datetime, *events: Event) -> None:
    """The lender reports what happened on a deal, and it is applied."""
    for event in events:
        _tell(stage, offer_taken.submission, event, at)


def _open_file(stage: Stage, slug: str, submission: Submission) -> DossierFile:
    settings = stage.runtime.settings
    writer = RestLender(None, lender=slug, callback_url=webhook_url(settings, slug))
    body = writer.encode(dossier_of(stage.session, settings, submission))
    lender = LENDERS[slug]
    file = DossierFile(slug, str(submission.id), "", lender.behaviour, body)
    if _is_remote(lender):
        stage.book.add(file)
    else:
        file.reference = f"{slug.upper()}-{len(stage.desks) + 1:05d}"
    stage.desks[submission.id] = file
    return file


def _file(stage: Stage, submission: Submission) -> DossierFile:
    return stage.desks[submission.id]


def _tell(stage: Stage, submission: Submission, event: Event, at: datetime) -> None:
    lender = LENDERS[stage.desks[submission.id].lender]
    stored, _ = store_event(
        stage.session,
        submission,
        event_key=event["id"],
        origin=WEBHOOK if _is_remote(lender) else WORKSPACE,
        body=event,
        sent_by=_analyst(stage, lender),
        at=at,
    )
    outcome = apply_event(stage.session, stored, at=at)
    if outcome.verdict in (Verdict.REFUSED, Verdict.WAITS):
        raise StoryDoesNotHold(f"{lender.slug}: {event['status']} is {outcome}")


def _is_remote(lender: SandboxLender) -> bool:
    return lender.adapter == "rest"


def _analyst(stage: Stage, lender: SandboxLender) -> UUID | None:
    return None if _is_remote(lender) else stage.members["workspace_lender"].id
