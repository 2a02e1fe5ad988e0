"""Indicative quotes: what each rate card gives on each receivable, frozen and repeatable."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.quotes.lookup import best_today, raisable
from portal.quotes.models import Quote, QuoteStatus
from portal.quotes.pricing import best_per_product, best_quote, current_quotes, quote_receivables
from portal.quotes.refreshing import financeable_ids, refresh_quotes
from pricing.products.quote import Product
from tests.builders.lending import a_payment_of, a_rate_card
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import NOW, TODAY


@pytest.fixture
def assignor(session):
    return an_assignor(session, iban="FR7630006000011234567890189")


def a_priced_receivable(session, assignor, **given):
    from portal.documents.models import Document, DocumentKind

    document = Document(
        owner_id=assignor.id,
        kind=DocumentKind.INVOICE,
        filename=f"{given.get('number', 'f')}.pdf",
        media_type="application/pdf",
        sha256="0" * 64,
        size_bytes=1,
        stored_at=NOW,
    )
    session.add(document)
    session.flush()
    return a_receivable(session, assignor, document_id=document.id, **given)


def test_a_receivable_is_quoted_by_every_card_in_force(session, assignor):
    cards = {a_rate_card(session).id, a_rate_card(session).id}
    receivable = a_priced_receivable(session, assignor)

    quotes = quote_receivables(session, [receivable], today=TODAY, at=NOW)[receivable.id]

    assert {one.rate_card_id for one in quotes} == cards
    assert {one.status for one in quotes} == {QuoteStatus.ELIGIBLE}
    first = quotes[0]
    # 12 000 € at 90 %, 5 % a year over 50 days on 360, 17 € of fees: by hand.
    assert first.price["advance_cents"] == 1_080_000
    assert first.total_cost_cents == 7_500 + 1_700
    assert first.net_today_cents == 1_080_000 - 9_200
    assert first.law_version
    assert first.findings


def test_quoting_again_the_same_day_changes_nothing(session, assignor):
    a_rate_card(session)
    receivable = a_priced_receivable(session, assignor)
    once = quote_receivables(session, [receivable], today=TODAY, at=NOW)

    again = quote_receivables(session, [receivable], today=TODAY, at=NOW)

    assert [one.id for one in again[receivable.id]] == [one.id for one in once[receivable.id]]
    assert session.scalar(select(func.count()).select_from(Quote)) == 1


def test_a_payment_makes_a_new_quote_and_keeps_the_old_one_as_it_was(session, assignor):
    a_rate_card(session)
    receivable = a_priced_receivable(session, assignor)
    [old] = quote_receivables(session, [receivable], today=TODAY, at=NOW)[receivable.id]
    a_payment_of(session, receivable, 200_000)

    [new] = quote_receivables(session, [receivable], today=TODAY, at=NOW)[receivable.id]

    session.refresh(old)
    assert (old.eligible_cents, new.eligible_cents) == (1_200_000, 1_000_000)
    assert old.superseded_at == NOW
    assert new.superseded_at is None


def test_facts_that_come_back_make_the_first_quote_stand_again(session, assignor):
    a_rate_card(session)
    receivable = a_priced_receivable(session, assignor)
    [first] = quote_receivables(session, [receivable], today=TODAY, at=NOW)[receivable.id]
    payment = a_payment_of(session, receivable, 200_000)
    quote_receivables(session, [receivable], today=TODAY, at=NOW)
    payment.undone_at = NOW
    session.flush()

    [again] = quote_receivables(session, [receivable], today=TODAY, at=NOW)[receivable.id]

    assert again.id == first.id


def test_a_blocked_receivable_is_priced_and_a_refused_one_is_not(session, assignor):
    blocking = a_rate_card(session, policy={"delivery_proof_required": True})
    refusing = a_rate_card(session, policy={"amount_max": "100.00"})
    receivable = a_priced_receivable(session, assignor)

    quotes = quote_receivables(session, [receivable], today=TODAY, at=NOW)[receivable.id]

    by_card = {one.rate_card_id: one for one in quotes}
    assert by_card[blocking.id].status is QuoteStatus.BLOCKED
    assert by_card[blocking.id].net_today_cents is not None
    assert by_card[refusing.id].status is QuoteStatus.REFUSED
    assert by_card[refusing.id].net_today_cents is None
    assert best_per_product(quotes) == {}


def test_the_best_of_a_product_gives_the_most_cash(session, assignor):
    a_rate_card(session, tariff={"advance_rate": "0.80"})
    generous = a_rate_card(session, tariff={"advance_rate": "0.95"})
    receivable = a_priced_receivable(session, assignor)

    quotes = quote_receivables(session, [receivable], today=TODAY, at=NOW)[receivable.id]

    assert best_per_product(quotes)[Product.DAILLY].rate_card_id == generous.id
    assert best_quote(quotes).rate_card_id == generous.id
    best = best_today(session, [receivable.id])
    assert raisable(session, assignor.id).net_today_cents == best[receivable.id]


def test_a_draft_and_a_past_due_receivable_are_not_offered(session, assignor):
    a_priced_receivable(session, assignor, number="d", due_on=None, missing=["due_on"])
    a_priced_receivable(session, assignor, number="p", due_on=TODAY)
    open_one = a_priced_receivable(session, assignor, number="o", due_on=TODAY + timedelta(days=1))

    assert financeable_ids(session, assignor.id, today=TODAY) == [open_one.id]


def test_refreshing_quotes_what_is_open_and_retires_what_is_paid(session, assignor):
    a_rate_card(session)
    debtor = a_debtor(session, assignor)
    paid = a_priced_receivable(session, assignor, number="p", debtor=debtor)
    a_priced_receivable(session, assignor, number="q", debtor=debtor)
    assert refresh_quotes(session, assignor.id, today=TODAY, at=NOW) == 0
    a_payment_of(session, paid, paid.face_cents)

    refresh_quotes(session, assignor.id, today=TODAY, at=NOW)

    assert current_quotes(session, [paid.id]) == {paid.id: []}
    assert raisable(session, assignor.id).receivables == 1


def test_another_day_asks_for_other_quotes(session, assignor):
    a_rate_card(session)
    receivable = a_priced_receivable(session, assignor)
    quote_receivables(session, [receivable], today=TODAY, at=NOW)

    tomorrow = TODAY + timedelta(days=1)
    left = refresh_quotes(session, assignor.id, today=tomorrow, at=NOW, limit=0)

    assert left == 1
