"""Funding requests in every state, played through the same services as real ones."""

from collections.abc import Iterator
from datetime import timedelta

from partners.sandbox import desk
from portal.assignments.release import withdraw
from portal.demo.assignor_side import (
    Preference,
    accept,
    apply,
    choose,
    hold_debts,
    largest,
    send,
    slow_payer,
    smallest,
    submit,
)
from portal.demo.deal_steps import asked, paid_out, reserve_back, taken_from, waits_for
from portal.demo.lender_side import (
    ask_for_piece,
    decline,
    lender_file,
    offer,
    open_offer,
    receive,
    report,
)
from portal.demo.stage import Stage, Story
from portal.funding.expiry import expire_request
from portal.jobs.queue import Job
from pricing.products.quote import Product

BANK, REGIONAL, PRUDENT = "banque-exemple", "credit-fictif", "banque-prudente"
FACTOR, CONFIDENTIAL = "factor-imaginaire", "affacturage-exemple"
ADVANCE, EXPRESS, DISCOUNT = "avance-factice", "tresorerie-express", "comptoir-imaginaire"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
"""The lenders by what they are for the stories, and how long things take."""


def every_deal(stage: Stage) -> Iterator[Story]:
    """Each deal's story; what they leave behind covers every state of a request."""
    yield dailly_settled(stage)
    yield discount_settled(stage)
    yield advance_bought_back(stage)
    yield recourse_still_owed(stage)
    yield factoring_overdue(stage)
    yield dailly_running(stage)
    yield declined_by_all(stage)
    yield left_to_expire(stage)
    yield given_up(stage)
    yield dated_not_paid_yet(stage)
    yield signed_not_dated(stage)
    yield waiting_for_signature(stage)
    yield competing_offers(stage)
    yield one_no_one_yes(stage)
    yield piece_awaited(stage)
    yield in_the_queue(stage, "menuiserie", hours=50, prefer=smallest)
    yield in_the_queue(stage, "transport", hours=19, prefer=largest)
    yield by_the_broker(stage)
    yield not_sent_yet(stage)
    yield just_sent(stage)


def dailly_settled(stage: Stage) -> Story:
    """Two receivables assigned to the regional bank, debtors notified, paid, reserve back."""
    at = yield stage.ago(118)
    chosen = choose(stage, "menuiserie", at, [REGIONAL], [Product.DAILLY], how_many=2)
    taken, deed = yield from taken_from(
        stage, "menuiserie", chosen, [Product.DAILLY], REGIONAL, at, hours=(6, 3)
    )
    yield from paid_out(stage, taken, deed)
    for one in sorted(chosen, key=lambda one: one.invoice.due_on):
        at = yield stage.ago((stage.today - one.invoice.due_on).days - 3, "11:30")
        number = one.invoice.number
        report(
            stage, taken, at, *desk.debtor_pays(lender_file(stage, taken), at, number, None, None)
        )
    yield from reserve_back(stage, taken, at + 3 * DAY)


def discount_settled(stage: Stage) -> Story:
    """A bill discounted, and presented to the debtor who paid it."""
    at = yield stage.ago(104)
    chosen = choose(stage, "agence", at, [DISCOUNT], [Product.DISCOUNT])
    taken, deed = yield from taken_from(
        stage, "agence", chosen, [Product.DISCOUNT], DISCOUNT, at, hours=(2, 20)
    )
    yield from paid_out(stage, taken, deed)
    at = yield stage.ago((stage.today - chosen[0].invoice.due_on).days, "09:15")
    report(stage, taken, at, *desk.debtor_pays(lender_file(stage, taken), at, None, None, None))
    yield from reserve_back(stage, taken, at + DAY)


def advance_bought_back(stage: Stage) -> Story:
    """The debtor never paid: recourse called, repaid by the agency, which chases its debtor itself again."""
    at = yield stage.ago(130)
    chosen = choose(stage, "agence", at, [ADVANCE], [Product.ADVANCE], prefer=slow_payer)
    taken, deed = yield from taken_from(
        stage, "agence", chosen, [Product.ADVANCE], ADVANCE, at, hours=(1, 2)
    )
    yield from paid_out(stage, taken, deed)
    late = (stage.today - chosen[0].invoice.due_on).days
    at = yield stage.ago(max(late - 30, 12), "10:20")
    report(stage, taken, at, desk.call_recourse(lender_file(stage, taken), at))
    at = yield at + 6 * DAY
    report(stage, taken, at, desk.recourse_paid(lender_file(stage, taken), at))


def recourse_still_owed(stage: Stage) -> Story:
    """The lender has just asked the haulier for its advance back."""
    at = yield stage.ago(71)
    chosen = choose(stage, "transport", at, [EXPRESS], [Product.ADVANCE], prefer=slow_payer)
    taken, deed = yield from taken_from(
        stage, "transport", chosen, [Product.ADVANCE], EXPRESS, at, hours=(1, 4)
    )
    yield from paid_out(stage, taken, deed)
    at = yield stage.ago(4, "14:05")
    report(stage, taken, at, desk.call_recourse(lender_file(stage, taken), at))


def factoring_overdue(stage: Stage) -> Story:
    """Two invoices sold to the factor; one debtor paid it, the other is late."""
    at = yield stage.ago(52)
    chosen = choose(
        stage, "transport", at, [FACTOR], [Product.FACTORING], how_many=2, prefer=slow_payer
    )
    taken, deed = yield from taken_from(
        stage, "transport", chosen, [Product.FACTORING], FACTOR, at, hours=(7, 20)
    )
    yield from paid_out(stage, taken, deed)
    first = min(chosen, key=lambda one: one.invoice.due_on)
    if len(chosen) > 1:
        at = yield stage.ago(max((stage.today - first.invoice.due_on).days - 2, 1), "11:00")
        number = first.invoice.number
        paid = desk.debtor_pays(lender_file(stage, taken), at, number, None, None)
        report(stage, taken, at, *paid)


def dailly_running(stage: Stage) -> Story:
    """Three receivables with the regional bank, debtors notified, nothing due yet."""
    at = yield stage.ago(20)
    chosen = choose(stage, "menuiserie", at, [REGIONAL], [Product.DAILLY], how_many=3)
    taken, deed = yield from taken_from(
        stage, "menuiserie", chosen, [Product.DAILLY], REGIONAL, at, hours=(21, 4)
    )
    yield from paid_out(stage, taken, deed)


def declined_by_all(stage: Stage) -> Story:
    """Nobody wanted it."""
    at = yield stage.ago(41)
    chosen = choose(stage, "agence", at, [BANK], [Product.DAILLY], prefer=slow_payer)
    request = asked(stage, "agence", chosen, [Product.DAILLY], at)
    at = yield at + 5 * HOUR
    decline(stage, request, BANK, at, "concentration", "La part de ce débiteur est trop forte.")
    at = yield at + 20 * HOUR
    for slug in (REGIONAL, PRUDENT):
        if waits_for(stage, request, slug):
            reason = "Les retards constatés sur ce débiteur dépassent notre tolérance."
            decline(stage, request, slug, at, "payment_history", reason)


def left_to_expire(stage: Stage) -> Story:
    """An offer nobody answered, and lenders who never did."""
    at = yield stage.ago(58)
    chosen = choose(stage, "transport", at, [ADVANCE], [Product.ADVANCE])
    request = asked(stage, "transport", chosen, [Product.ADVANCE], at)
    at = yield at + HOUR
    offer(stage, request, ADVANCE, at)
    at = yield at + 9 * DAY
    expire_request(stage.session, request.id, at=at)


def given_up(stage: Stage) -> Story:
    """The debtor announced its payment: the request was withdrawn."""
    at = yield stage.ago(33)
    chosen = choose(stage, "menuiserie", at, [BANK], [Product.DAILLY], prefer=smallest)
    request = asked(stage, "menuiserie", chosen, [Product.DAILLY], at)
    at = yield at + 26 * HOUR
    withdraw(stage.session, request, by=stage.members["menuiserie"].id, at=at)


def dated_not_paid_yet(stage: Stage) -> Story:
    """The regional bank dated the deed; its transfer is on the way."""
    at = yield stage.ago(3, "09:40")
    chosen = choose(stage, "agence", at, [REGIONAL], [Product.DAILLY])
    taken, _ = yield from taken_from(
        stage, "agence", chosen, [Product.DAILLY], REGIONAL, at, hours=(5, 2)
    )
    at = yield stage.before(hours=3)
    report(stage, taken, at, desk.date_deed(lender_file(stage, taken), at))


def signed_not_dated(stage: Stage) -> Story:
    """Signed by the joiner, waiting for the date only the assignee may affix."""
    at = yield stage.ago(2, "15:10")
    chosen = choose(stage, "menuiserie", at, [REGIONAL], [Product.DAILLY])
    yield from taken_from(
        stage, "menuiserie", chosen, [Product.DAILLY], REGIONAL, at, hours=(3, 16)
    )


def waiting_for_signature(stage: Stage) -> Story:
    """An advance accepted, its agreement drafted: the haulier's signature is awaited."""
    at = yield stage.before(hours=9)
    chosen = choose(stage, "transport", at, [ADVANCE], [Product.ADVANCE], how_many=2)
    request = asked(stage, "transport", chosen, [Product.ADVANCE], at)
    at = yield at + HOUR
    offer(stage, request, ADVANCE, at)
    at = yield at + 2 * HOUR
    hold_debts(stage, "transport", chosen)
    accept(stage, "transport", open_offer(stage, request, ADVANCE), at, told=False)
    stage.keep_jobs(Job.TELL_LENDER.value)


def competing_offers(stage: Stage) -> Story:
    """Four lenders and three products to compare; the offers stand for several days."""
    at = yield stage.before(hours=20)
    products = [Product.DAILLY, Product.FACTORING, Product.ADVANCE]
    lenders = [BANK, REGIONAL, FACTOR, ADVANCE]
    chosen = choose(stage, "menuiserie", at, lenders, products, how_many=2)
    request = asked(stage, "menuiserie", chosen, products, at, note="Achat de bois avant le 15")
    for hours, slug in enumerate(lenders, start=2):
        at = yield stage.before(hours=20 - 2 * hours)
        offer(stage, request, slug, at)


def one_no_one_yes(stage: Stage) -> Story:
    """One bank declined, another offered."""
    at = yield stage.ago(1, "09:05")
    chosen = choose(stage, "transport", at, [BANK, REGIONAL], [Product.DAILLY])
    request = asked(stage, "transport", chosen, [Product.DAILLY], at)
    at = yield at + 3 * HOUR
    decline(stage, request, BANK, at, "sector", "Nous limitons nos encours sur ce secteur.")
    at = yield at + 4 * HOUR
    offer(stage, request, REGIONAL, at)


def piece_awaited(stage: Stage) -> Story:
    """The factor asks for the proof of delivery before it decides."""
    at = yield stage.ago(1, "10:30")
    chosen = choose(stage, "menuiserie", at, [CONFIDENTIAL], [Product.FACTORING])
    request = asked(stage, "menuiserie", chosen, [Product.FACTORING], at)
    at = yield at + 2 * HOUR
    ask_for_piece(stage, request, CONFIDENTIAL, at)


def in_the_queue(stage: Stage, trade: str, *, hours: int, prefer: Preference) -> Story:
    """Received by the regional bank so many hours ago, which has not answered yet."""
    at = yield stage.before(hours=hours)
    chosen = choose(stage, trade, at, [REGIONAL], [Product.DAILLY], how_many=2, prefer=prefer)
    asked(stage, trade, chosen, [Product.DAILLY], at)


def by_the_broker(stage: Stage) -> Story:
    """The broker applied for the agency, under its mandate."""
    at = yield stage.before(hours=6)
    products = [Product.DAILLY, Product.DISCOUNT]
    chosen = choose(stage, "agence", at, [REGIONAL, DISCOUNT], products)
    request = apply(stage, "agence", chosen, products, at, through_broker=True)
    send(stage, request, at)
    receive(stage, request, at)
    at = yield at + 2 * HOUR
    offer(stage, request, DISCOUNT, at)


def not_sent_yet(stage: Stage) -> Story:
    """A draft the joiner has not sent."""
    at = yield stage.before(hours=2)
    chosen = choose(stage, "menuiserie", at, [FACTOR], [Product.FACTORING], prefer=smallest)
    apply(stage, "menuiserie", chosen, [Product.FACTORING, Product.ADVANCE], at)


def just_sent(stage: Stage) -> Story:
    """Sent a minute ago: the worker routes it as soon as it starts, and the lenders answer."""
    at = yield stage.before(hours=1 / 60)
    products = [Product.DAILLY, Product.ADVANCE]
    chosen = choose(stage, "agence", at, [BANK, ADVANCE], products)
    request = apply(stage, "agence", chosen, products, at)
    submit(stage, request, at)
    stage.keep_jobs(Job.ROUTE_REQUEST.value)
