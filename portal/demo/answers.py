"""What debtors of the demonstration answered: a plan that runs, a promise not kept, a dispute, five replies."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal.clock import PARIS
from portal.collections.answers.dispute_files import open_file, say_in_dispute
from portal.collections.answers.disputes import open_dispute
from portal.collections.answers.following import follow_plans, judge_promises
from portal.collections.answers.models import PaymentPlan, PenaltyChoice, Speaker
from portal.collections.answers.payment_plans import (
    PlanTerms,
    accept_plan,
    propose_plan,
    simulate,
)
from portal.collections.answers.promises import record_promise
from portal.collections.answers.replies import sort_waiting
from portal.collections.models import DisputeReason
from portal.debtors.models import DebtorSegment
from portal.demo.stage import Stage, Story
from portal.messages.models import InboundKind, InboundMessage
from portal.payments.recording import record_payment
from portal.receivables.models import Receivable
from portal.receivables.position import Position
from pricing.instalments import Period
from pricing.late_payment import Imputation
from pricing.money import Money
from pricing.parameters import law

POSITION = Position.__table__
TRADE = "menuiserie"
SAID = (
    "Bonjour,\n\nNous paierons cette facture le {day}.\n\nCordialement",
    "Bonjour, il manque deux châssis à la livraison : nous contestons 350,00 €.",
    "Le virement a été effectué hier, vous devriez le recevoir.",
    "Pouvez-vous nous renvoyer la facture ? Nous n'en trouvons pas trace.",
    "Je suis absente du bureau jusqu'à lundi. Veuillez écrire à compta@debiteur.example.",
)


def every_answer(stage: Stage) -> Iterator[Story]:
    """What debtors said in the last weeks, as stories."""
    yield running_plan(stage)
    yield broken_promise(stage)
    yield dispute_discussed(stage)


def receive_replies(stage: Stage) -> int:
    """This morning's mails, sorted and not answered yet; how many there were."""
    late = _late(stage, stage.today)[: len(SAID)]
    for place, receivable in enumerate(late):
        _reply(stage, receivable, SAID[place], place)
    sort_waiting(stage.session, at=stage.now)
    return len(late)


def running_plan(stage: Stage) -> Story:
    """Signed some days ago, its first instalment paid."""
    at = yield stage.ago(12, "10:20")
    by, session, today = stage.members[TRADE].id, stage.session, _day(at)
    receivable = _held(stage, today)
    wanted = simulate(
        session,
        receivable,
        penalties=PenaltyChoice.INCLUDED,
        number=4,
        first_on=today + timedelta(days=5),
        period=Period.MONTH,
        today=today,
        law=law(),
    )
    terms = PlanTerms(acceleration=True)
    plan = propose_plan(session, stage.store, receivable, terms, wanted, law=law(), by=by, at=at)
    name = "La gérante du débiteur"
    accept_plan(session, plan, accepted_on=today, name=name, by=by, at=at)
    at = yield max(at, stage.ago(5, "11:10"))
    amount = Money(plan.instalments[0].amount_cents, plan.currency)
    record_payment(
        session,
        assignor_id=receivable.assignor_id,
        debtor_id=receivable.debtor_id,
        amounts={receivable.id: amount},
        received_on=_day(at),
        amount=amount,
        imputation=Imputation.PRINCIPAL_FIRST,
        dedupe_key=f"demo-plan:{plan.id}",
        by=by,
        at=at,
    )
    follow_plans(session, plan.assignor_id, today=_day(at), at=at)


def broken_promise(stage: Stage) -> Story:
    """Promised by telephone, not kept."""
    at = yield stage.ago(14, "15:05")
    receivable = _held(stage, _day(at))
    record_promise(
        stage.session,
        receivable,
        amount_cents=receivable.face_cents,
        promised_for=_day(at) + timedelta(days=4),
        note="Dit au téléphone par le service comptable",
        by=stage.members[TRADE].id,
        at=at,
    )
    at = yield stage.ago(3, "08:10")
    judge_promises(stage.session, receivable.assignor_id, today=_day(at), at=at)


def dispute_discussed(stage: Stage) -> Story:
    """A part contested, talked over since."""
    at = yield stage.ago(4, "14:30")
    by, session = stage.members[TRADE].id, stage.session
    receivable = _held(stage, _day(at))
    dispute = open_dispute(
        session,
        receivable,
        amount_cents=receivable.face_cents // 4,
        reason=DisputeReason.QUALITY,
        note=None,
        by=by,
        at=at,
    )
    open_file(session, dispute, owner_id=by, at=at)
    said = "Une porte est rayée : nous ne la paierons pas."
    say_in_dispute(session, dispute, Speaker.DEBTOR, said, by=None, at=at)
    at = yield max(at, stage.ago(2, "09:40"))
    said = "Le poseur confirme la rayure, photos demandées."
    say_in_dispute(session, dispute, Speaker.NOTE, said, by=by, at=at)
    at = yield max(at, stage.ago(1, "17:15"))
    said = "Nous reprenons la porte, ou un avoir de son prix ?"
    say_in_dispute(session, dispute, Speaker.ASSIGNOR, said, by=by, at=at)


def _held(stage: Stage, on: date) -> Receivable:
    """One late invoice whose debtor does from now on what its story says."""
    arrivals = stage.arrivals[TRADE]
    known = {one.receivable_id: one for one in arrivals.known()}
    chosen = next(one for one in _late(stage, on) if one.id in known)
    arrivals.hold([known[chosen.id]])
    return chosen


def _late(stage: Stage, on: date) -> list[Receivable]:
    """Smaller invoices past due for some weeks on a day, free of any deed, dispute or promise."""
    return list(
        stage.session.scalars(
            select(Receivable)
            .join(POSITION, POSITION.c.receivable_id == Receivable.id)
            .where(
                Receivable.assignor_id == stage.founded[TRADE],
                Receivable.due_on < on - timedelta(days=8),
                Receivable.debtor.has(segment=DebtorSegment.PRIVATE, insolvent_since=None),
                POSITION.c.outstanding_cents > 50_000,
                POSITION.c.disputed_cents == 0,
                POSITION.c.paid_cents == 0,
                POSITION.c.promised_for.is_(None),
                POSITION.c.deed_id.is_(None),
                Receivable.id.not_in(select(PaymentPlan.receivable_id)),
            )
            .order_by(POSITION.c.outstanding_cents, Receivable.id)
            .limit(len(SAID) + 3)
        )
    )


def _reply(stage: Stage, receivable: Receivable, text: str, place: int) -> None:
    day = (stage.today + timedelta(days=12)).strftime("%d/%m/%Y")
    at = stage.now - timedelta(hours=5 - place)
    body = text.format(day=day)
    stage.session.add(
        InboundMessage(
            organisation_id=receivable.assignor_id,
            kind=InboundKind.REPLY,
            content_key=f"demo:{receivable.id.hex}",
            from_address=receivable.debtor.contact_email or "compta@debiteur.example",
            from_name=receivable.debtor.name,
            subject=f"Re: Facture {receivable.number}",
            body_text=body,
            written_at=at,
            received_at=at,
            receivable_id=receivable.id,
            debtor_id=receivable.debtor_id,
            raw_sha256=stage.store.put(body.encode()),
        )
    )
    stage.session.flush()


def _day(at: datetime) -> date:
    return at.astimezone(PARIS).date()
