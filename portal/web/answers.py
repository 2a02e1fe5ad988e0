"""What a debtor answered about one invoice: its payment plan, its requests, its disputes."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from portal.collections.answers import dispute_files, payment_plans, plan_requests
from portal.collections.answers.following import follow_plans
from portal.collections.answers.models import PenaltyChoice, Speaker
from portal.collections.answers.payment_plans import PlanTerms
from portal.collections.answers.plan_standing import standings_of
from portal.collections.answers.refusals import AnswerRefused, refusal_words
from portal.collections.answers.states import PlanAction
from portal.collections.lookup import find_dispute, find_receivable
from portal.collections.models import Dispute, DisputeOutcome
from portal.documents.models import Document, DocumentKind
from portal.documents.store import keep
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, runtime, session
from portal.identity.models import Member, Membership
from portal.identity.permissions import Action
from portal.payments.recording import PaymentRefused, record_payment
from portal.receivables.crediting import unlinked_credit_notes
from portal.receivables.models import CreditNote, Receivable
from portal.states import IllegalTransition
from portal.web import answer_words
from portal.web.collection_words import DISPUTE_WORDS, OUTCOME_WORDS
from portal.web.payment_words import refusal_text
from portal.web.presentation import current_locale
from portal.web.typed import typed_cents, typed_day
from pricing.instalments import Instalment, Period
from pricing.late_payment import Imputation
from pricing.money import Money
from pricing.parameters import law

pages = Blueprint("answers", __name__, url_prefix="/answers")

Answer = Response | str | tuple[str, int]
FILE_KINDS = {b"%PDF-": "application/pdf", b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}


@pages.get("/<uuid:receivable_id>")
@allow(Action.SEE_RECEIVABLES)
def show(receivable_id: UUID) -> str:
    """The plan and the disputes of one invoice."""
    return _page(_own(receivable_id))


@pages.post("/<uuid:receivable_id>/plan")
@allow(Action.MANAGE_COLLECTION)
def plan(receivable_id: UUID) -> Answer:
    """Simulate a plan, or write it with its agreement."""
    receivable = _own(receivable_id)
    if "simulate" in request.form:
        try:
            return _page(receivable, simulated=_instalments(receivable))
        except AnswerRefused as refusal:
            return _refused(receivable, refusal)

    def write() -> None:
        payment_plans.propose_plan(
            session(),
            runtime().documents,
            receivable,
            _terms(),
            _instalments(receivable),
            law=law(),
            by=the_caller().member_id,
            at=clock().instant(),
        )

    said = gettext("The plan is written: have the debtor sign its agreement.")
    return _answered(receivable, write, said)


@pages.post("/requests/<uuid:request_id>")
@allow(Action.MANAGE_COLLECTION)
def answer_request(request_id: UUID) -> Answer:
    """Accept a debtor's request, propose other instalments, or refuse it with a word."""
    asked = plan_requests.find_request(session(), request_id, assignor_id=current_assignor_id())
    receivable = _own(asked.receivable_id)
    by, at = the_caller().member_id, clock().instant()

    def accept() -> None:
        counter = _instalments(receivable) if "counter" in request.form else None
        plan_requests.accept_request(
            session(), runtime().documents, asked, _terms(), law=law(), instalments=counter, by=by, at=at
        )  # fmt: skip

    def refuse() -> None:
        word = request.form.get("word", "")
        plan_requests.refuse_request(session(), asked, word, by=by, at=at)

    act = refuse if "refuse" in request.form else accept
    return _answered(receivable, act, gettext("The debtor is answered by e-mail."))


@pages.post("/plans/<uuid:plan_id>/<any(accept, cancel, break, letter, payment):step>")
@allow(Action.MANAGE_COLLECTION)
def step(plan_id: UUID, step: str) -> Answer:
    """The debtor's signature, a payment, a letter sent by hand, the end of a plan."""
    found = payment_plans.find_plan(session(), plan_id, assignor_id=current_assignor_id())
    receivable = _own(found.receivable_id)
    by, at = the_caller().member_id, clock().instant()

    def act() -> None:
        match step:
            case "accept":
                payment_plans.accept_plan(
                    session(),
                    found,
                    accepted_on=_day("accepted_on"),
                    name=request.form.get("name", ""),
                    signed_document_id=_file("signed", DocumentKind.PAYMENT_PLAN),
                    by=by,
                    at=at,
                )
            case "payment":
                _record_instalment(found, receivable)
            case "letter":
                found.letter_sent_on = _letter_day(found)
            case _:
                action = PlanAction.CANCEL if step == "cancel" else PlanAction.BREAK
                because = request.form.get("because", "").strip()[:200]
                payment_plans.end_plan(session(), found, action, because=because, by=by, at=at)

    return _answered(receivable, act, gettext("The plan was brought up to date."))


@pages.post("/disputes/<uuid:dispute_id>/<any(say, give, conclude, credit):step>")
@allow(Action.MANAGE_COLLECTION)
def dispute_step(dispute_id: UUID, step: str) -> Answer:
    """Add a word or a file, give the dispute to somebody, conclude it, link its credit note."""
    dispute = find_dispute(session(), dispute_id, assignor_id=current_assignor_id())
    receivable = _own(dispute.receivable_id)
    return _answered(
        receivable, lambda: _dispute_step(dispute, step), gettext("The dispute was brought up to date.")
    )  # fmt: skip


def _dispute_step(dispute: Dispute, step: str) -> None:
    by, at, form = the_caller().member_id, clock().instant(), request.form
    file = dispute_files.open_file(session(), dispute, owner_id=by, at=at)
    match step:
        case "say":
            joined = _file("file", DocumentKind.EVIDENCE)
            dispute_files.say_in_dispute(
                session(),
                dispute,
                _choice(Speaker, "speaker"),
                form.get("text", ""),
                document_ids=[joined] if joined else [],
                by=by,
                at=at,
            )
        case "give":
            owner = _member(form.get("owner", ""))
            day = _day("answer_by")
            dispute_files.give_to(session(), file, owner_id=owner, answer_by=day, by=by, at=at)
        case "credit":
            note = _uuid(form.get("credit_note", ""), "credit_note_unknown")
            dispute_files.link_credit(session(), file, note, by=by, at=at)
        case _:
            dispute_files.conclude(
                session(),
                dispute,
                _choice(DisputeOutcome, "outcome"),
                given_up_cents=typed_cents(form.get("given_up", "")),
                note=form.get("outcome_note", ""),
                by=by,
                at=at,
            )


def _record_instalment(found: Any, receivable: Receivable) -> None:
    """Money on a plan pays the principal first, unless penalties run on: so that a plan kept leaves nothing."""
    cents, at = typed_cents(request.form.get("amount", "")), clock().instant()
    if cents is None or cents <= 0:
        raise AnswerRefused("amount_not_positive", "amount")
    amount = Money(cents, receivable.currency)
    running = found.penalties is PenaltyChoice.RUNNING
    token = request.form.get("token", "").strip()[:64] or uuid4().hex
    record_payment(
        session(),
        assignor_id=receivable.assignor_id,
        debtor_id=receivable.debtor_id,
        amounts={receivable.id: amount},
        received_on=_day("received_on"),
        amount=amount,
        imputation=Imputation.INTEREST_FIRST if running else Imputation.PRINCIPAL_FIRST,
        dedupe_key=f"plan:{found.id}:{token}",
        by=the_caller().member_id,
        at=at,
    )
    follow_plans(session(), found.assignor_id, today=clock().day(), at=at)


def _letter_day(found: Any) -> date:
    sent_on = _day("letter_sent_on")
    if sent_on > clock().day():
        raise AnswerRefused("accepted_in_future", "letter_sent_on")
    if sent_on < found.written_on:
        raise AnswerRefused("accepted_too_early", "letter_sent_on")
    return sent_on


def _terms() -> PlanTerms:
    form = request.form
    return PlanTerms(
        penalties=_choice(PenaltyChoice, "penalties"),
        acceleration="acceleration" in form,
        debtor_trades="debtor_trades" in form,
        grace_days=_whole("grace_days", 5),
        letter_days=_whole("letter_days", 8),
    )


def _instalments(receivable: Receivable) -> tuple[Instalment, ...]:
    return payment_plans.simulate(
        session(),
        receivable,
        penalties=_choice(PenaltyChoice, "penalties"),
        number=_whole("number", 0),
        first_on=_day("first_on"),
        period=_choice(Period, "period"),
        today=clock().day(),
        law=law(),
    )


def _whole(name: str, missing: int) -> int:
    text = request.form.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else missing


def _choice(kind: Any, name: str) -> Any:
    given = request.form.get(name, "")
    if given not in set(kind):
        raise AnswerRefused("choice_missing", name)
    return kind(given)


def _day(name: str) -> date:
    found, _ = typed_day(name)
    if found is None:
        raise AnswerRefused("day_missing", name)
    return found


def _uuid(text: str, code: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise AnswerRefused(code) from None


def _member(text: str) -> UUID:
    chosen = _uuid(text, "choice_missing")
    if chosen not in {one.id for one in _members()}:
        raise AnswerRefused("choice_missing", "owner")
    return chosen


def _file(name: str, kind: DocumentKind) -> UUID | None:
    """A joined file, kept; None when there is none.

    Raises:
        AnswerRefused: ``file_kind``: neither a PDF nor an image.
    """
    sent = request.files.get(name)
    if sent is None or not sent.filename:
        return None
    content = sent.read()
    media = next((one for mark, one in FILE_KINDS.items() if content.startswith(mark)), None)
    if media is None:
        raise AnswerRefused("file_kind", name)
    return keep(
        session(),
        runtime().documents,
        owner_id=current_assignor_id(),
        kind=kind,
        filename=sent.filename,
        media_type=media,
        content=content,
        by=the_caller().member_id,
        at=clock().instant(),
    ).id


def _answered(receivable: Receivable, act: Callable[[], None], said: str) -> Answer:
    """Do it and go back; refused, the page says why beside what was typed and nothing is changed."""
    try:
        with session().begin_nested():
            act()
    except AnswerRefused as refusal:
        return _refused(receivable, refusal)
    except PaymentRefused as refusal:
        return _page(receivable, errors={"amount": refusal_text(refusal)}), 422
    except IllegalTransition:
        return _refused(receivable, AnswerRefused("not_possible_now"))
    flash(said, "success")
    return redirect(url_for("answers.show", receivable_id=receivable.id), 303)


def _refused(receivable: Receivable, refusal: AnswerRefused) -> tuple[str, int]:
    errors = {refusal.name: refusal_words(refusal.code, current_locale())}
    return _page(receivable, errors=errors), 422


def _page(
    receivable: Receivable,
    *,
    simulated: tuple[Instalment, ...] = (),
    errors: dict[str, str] | None = None,
) -> str:
    today = clock().day()
    plans = payment_plans.plans_of(session(), receivable.assignor_id, receivable.id)
    asked = (
        payment_plans.asked_of(session(), receivable, today, law()) if receivable.due_on else None
    )
    return render_template(
        "answers/show.html",
        one=receivable,
        plans=list(standings_of(session(), plans, today=today).values()),
        requests=[
            (one, plan_requests.instalments_asked(one, receivable.currency))
            for one, _ in plan_requests.waiting_requests(
                session(), receivable.assignor_id, receivable.id
            )
        ],
        asked=asked,
        simulated=simulated,
        disputes=_disputes(receivable),
        members=_members(),
        credit_notes=unlinked_credit_notes(session(), receivable.debtor),
        words=answer_words,
        reasons=DISPUTE_WORDS,
        outcomes=OUTCOME_WORDS,
        errors=errors or {},
        typed=request.form.to_dict() if request.method == "POST" else {},
        token=uuid4().hex,
        today=today,
        may_manage=the_caller().may(Action.MANAGE_COLLECTION),
    )


def _disputes(receivable: Receivable) -> list[dict[str, Any]]:
    found = session().scalars(
        select(Dispute)
        .where(Dispute.receivable_id == receivable.id)
        .order_by(Dispute.opened_on.desc(), Dispute.id)
    )
    return [_dispute(one) for one in found]


def _dispute(dispute: Dispute) -> dict[str, Any]:
    file = dispute_files.file_of(session(), dispute)
    said = dispute_files.conversation(session(), dispute)
    ids = {UUID(one) for line in said for one in line.word.document_ids}
    documents = session().scalars(select(Document).where(Document.id.in_(ids)))
    linked = (
        session().get(CreditNote, file.credit_note_id) if file and file.credit_note_id else None
    )
    return {
        "dispute": dispute,
        "file": file,
        "said": said,
        "documents": {str(one.id): one for one in documents},
        "credit_note": linked,
    }


def _members() -> list[Member]:
    return list(
        session().scalars(
            select(Member)
            .join(Membership, Membership.member_id == Member.id)
            .where(
                Membership.organisation_id == current_assignor_id(),
                Membership.revoked_at.is_(None),
            )
            .order_by(Member.name)
        )
    )


def _own(receivable_id: UUID) -> Receivable:
    return find_receivable(session(), receivable_id, assignor_id=current_assignor_id())
