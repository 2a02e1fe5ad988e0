"""The debtor's page through the browser's eyes: what it shows, takes, refuses, and to whom it leads the money."""

import io
from dataclasses import replace
from datetime import date
from re import search

import pytest
from sqlalchemy import select, text

from portal.collections.debtor_page.links import revoke_links
from portal.collections.debtor_page.models import (
    CardAccount,
    CardCheckout,
    DebtorLink,
    DebtorWord,
    PlanRequest,
    WordState,
)
from portal.collections.debtor_page.settling import follow
from portal.collections.debtor_page.states import CheckoutState
from portal.collections.models import Dispute, Promise
from portal.payments.models import Payment
from tests.builders.debtor_page import a_card_account, a_card_service, a_link
from tests.builders.organisations import a_member, an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import NOW, TODAY

IBAN = "FR7630006000011234567890189"


@pytest.fixture
def card_service(app):
    with a_card_service() as (desk, address):
        ours = app.extensions["runtime"]
        app.extensions["runtime"] = replace(
            ours, settings=replace(ours.settings, stripe_url=address)
        )
        yield desk
        app.extensions["runtime"] = ours


@pytest.fixture
def assignor(session):
    return an_assignor(session, iban=IBAN)


@pytest.fixture
def receivable(session, assignor):
    return a_receivable(
        session,
        assignor,
        a_debtor(session, assignor),
        number="F-2026-042",
        face_cents=1_000_000,
        issued_on=date(2026, 9, 1),
        due_on=date(2026, 10, 20),
    )


@pytest.fixture
def address(session, settings, receivable):
    _, token = a_link(session, settings, receivable)
    return f"/d/{token}/{receivable.id}"


def hidden(html, name):
    return search(f'name="{name}" value="([^"]*)"', html)[1]


def test_the_page_says_what_is_due_why_and_whom_to_pay(client, address, receivable):
    page = client.get(address, headers={"Accept-Language": "fr"})

    shown = page.text.replace("\u202f", " ").replace("\xa0", " ")
    assert page.status_code == 200
    assert "Facture F-2026-042" in shown
    assert "FR76 3000 6000 0112 3456 7890 189" in shown
    assert "L441-10" in shown
    assert "40,00" in shown
    assert "<script" not in shown
    assert page.headers["Cache-Control"] == "private, no-store"


def test_the_page_speaks_english_too(client, address):
    assert "Why this amount" in client.get(address, headers={"Accept-Language": "en"}).text


def test_a_link_leads_to_its_one_invoice_or_lists_several(
    client, session, settings, assignor, receivable, address
):
    token = address.split("/")[2]
    assert client.get(f"/d/{token}").headers["Location"] == address
    second = a_receivable(session, assignor, receivable.debtor)
    _, both = a_link(session, settings, receivable, second)

    page = client.get(f"/d/{both}")

    assert "F-2026-042" in page.text
    assert second.number in page.text
    assert client.get(f"/d/{token}/{second.id}").status_code == 404


def test_a_link_taken_back_says_what_to_do(client, session, address, receivable):
    revoke_links(session, receivable.assignor_id, receivable.id, by=None, at=NOW)

    for gone in (address, address + "/invoice", "/d/nonsense", f"{address[:-40]}x/{receivable.id}"):
        page = client.get(gone, headers={"Accept-Language": "en"})
        assert page.status_code == 404
    assert (
        "latest message you received" in client.get(address, headers={"Accept-Language": "en"}).text
    )


def test_the_first_opening_is_kept(client, session, address):
    client.get(address)

    assert session.scalars(select(DebtorLink.opened_at)).one() == NOW


def test_a_promise_is_noted_and_shown(client, session, address, receivable):
    answer = client.post(
        f"{address}/promise",
        data={"promised_for": "30/11/2026", "promised_amount": "4 000,00", "form_token": "a"},
    )

    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    promise = session.scalars(select(Promise)).one()
    assert (promise.amount_cents, promise.promised_for) == (400_000, date(2026, 11, 30))
    assert "promise" in client.get(address, headers={"Accept-Language": "en"}).text


def test_a_dispute_of_a_part_leaves_the_rest_due(client, session, address, receivable):
    answer = client.post(
        f"{address}/dispute",
        data={
            "disputed_amount": "3 000",
            "reason": "quality",
            "note": "deux portes rayées",
            "file": (io.BytesIO(b"%PDF-1.7 photo"), "photo.pdf"),
            "form_token": "d",
        },
    )

    assert answer.status_code == 303
    dispute = session.scalars(select(Dispute)).one()
    assert dispute.amount_cents == 300_000
    assert session.scalars(select(DebtorWord.document_id)).one() is not None


def test_a_plan_is_split_then_sent_as_proposed(client, session, address):
    drawn = client.post(
        f"{address}/plan", data={"split": "1", "number": "3", "first_on": "2026-12-01"}
    )
    rows = {
        name: hidden_value(drawn.text, name)
        for place in range(3)
        for name in (f"due_on_{place}", f"amount_{place}")
    }

    sent = client.post(f"{address}/plan", data={**rows, "form_token": "p"})

    assert sent.status_code == 303
    asked = session.scalars(select(PlanRequest)).one()
    assert [row["due_on"] for row in asked.instalments] == [
        "2026-12-01",
        "2027-01-01",
        "2027-02-01",
    ]
    assert client.post(f"{address}/plan", data={"split": "1", "number": "40"}).status_code == 422
    wrong = client.post(f"{address}/plan", data={**rows, "amount_0": "1,00"})
    assert wrong.status_code == 422
    assert hidden_value(wrong.text, "amount_1") == rows["amount_1"]


def hidden_value(html, name):
    return search(f'value="([^"]*)"\\s+id="field-{name}"', html)[1]


@pytest.mark.parametrize(
    ("part", "typed", "said"),
    [
        (
            "paid",
            {"paid_on": "tomorrow", "paid_amount": "10", "method": "transfer"},
            "Write the date",
        ),
        (
            "paid",
            {"paid_on": "2026-11-10", "paid_amount": "ten", "method": "transfer"},
            "amount above zero",
        ),
        (
            "paid",
            {"paid_on": "2026-12-24", "paid_amount": "10", "method": "transfer"},
            "has not come",
        ),
        ("promise", {"promised_for": "2026-11-01", "promised_amount": "10"}, "has passed"),
        (
            "promise",
            {"promised_for": "2026-12-01", "promised_amount": "99 000"},
            "more than what is still owed",
        ),
        ("dispute", {"disputed_amount": "10"}, "Choose a reason"),
        ("dispute", {"disputed_amount": "x", "reason": "price"}, "amount above zero"),
        ("plan", {"due_on_0": "soon", "amount_0": "1"}, "Each payment needs"),
    ],
)
def test_what_cannot_be_taken_is_explained_and_nothing_typed_is_lost(
    client, session, address, part, typed, said
):
    answer = client.post(
        f"{address}/{part}",
        data={**typed, "note": "ma remarque"},
        headers={"Accept-Language": "en"},
    )

    assert answer.status_code == 422
    assert said in answer.text
    assert session.scalars(select(DebtorWord)).all() == []
    if part != "plan":
        assert "ma remarque" in answer.text


def test_a_form_without_its_csrf_token_says_nothing(client, session, address):
    data = {"promised_for": "2026-12-01", "promised_amount": "10"}
    answer = client.post(f"{address}/promise", data=data, csrf=False)

    assert answer.status_code == 400
    assert session.scalars(select(Promise)).all() == []


def test_answers_from_one_address_are_limited(client, address):
    codes = [client.post(f"{address}/promise", data={}).status_code for _ in range(12)]

    assert codes[-1] == 429


def test_another_contact_waits_and_the_creditor_confirms_it(
    client, client_of, session, address, receivable, assignor
):
    token = address.split("/")[2]
    wrong = client.post(f"/d/{token}/contact", data={"contact_email": "nobody"})
    assert wrong.status_code == 422
    client.post(
        f"/d/{token}/contact", data={"contact_email": "compta@debiteur.example", "form_token": "c"}
    )
    word = session.scalars(select(DebtorWord)).one()
    member = client_of(a_member(session, assignor))
    assert "compta@debiteur.example" in member.get(f"/collections/{receivable.id}").text

    member.post(f"/collections/debtor-page/words/{word.id}/confirm")

    assert receivable.debtor.contact_email == "compta@debiteur.example"
    assert word.state is WordState.CONFIRMED


def test_the_creditor_answers_a_claim_where_it_chases(
    client, client_of, session, address, receivable, assignor
):
    client.post(
        f"{address}/paid",
        data={
            "paid_on": "2026-11-20",
            "paid_amount": "10000",
            "method": "transfer",
            "form_token": "x",
        },
    )
    word = session.scalars(select(DebtorWord)).one()
    member = client_of(a_member(session, assignor))
    page = member.get(f"/collections/{receivable.id}", headers={"Accept-Language": "en"}).text
    assert str(word.id) in page

    member.post(f"/collections/debtor-page/words/{word.id}/confirm")

    assert session.scalars(select(Payment.amount_cents)).all() == [1_000_000]
    stranger = client_of(a_member(session, an_assignor(session)))
    assert stranger.post(f"/collections/debtor-page/words/{word.id}/refuse").status_code == 404


def test_the_creditor_makes_and_takes_back_the_link(
    client, client_of, session, receivable, assignor
):
    member = client_of(a_member(session, assignor))
    member.post(f"/collections/debtor-page/{receivable.id}/link")
    shown = member.get(f"/collections/{receivable.id}").text
    path = search(r"(/d/[\w.-]+)", shown)[1]
    assert client.get(path).status_code == 302

    member.post(f"/collections/debtor-page/{receivable.id}/revoke")

    assert client.get(path).status_code == 404


def test_no_card_is_offered_without_an_account_and_one_is_with_it(
    client, session, settings, assignor, address
):
    assert f"{address}/pay" not in client.get(address).text

    a_card_account(session, settings, assignor)

    assert f"{address}/pay" in client.get(address).text


def test_a_debtor_pays_by_card_and_sees_it_paid(
    client, app, session, settings, assignor, address, card_service
):
    a_card_account(session, settings, assignor)
    page = client.get(address, headers={"Accept-Language": "en"}).text
    form = {"asked": hidden(page, "asked"), "form_token": hidden(page, "form_token")}
    first = client.post(f"{address}/pay", data=form)
    again = client.post(f"{address}/pay", data=form)
    assert first.headers["Location"] == again.headers["Location"]

    leaving = client.get(first.headers["Location"])
    checkout = session.scalars(select(CardCheckout)).one()
    assert checkout.session_url in leaving.text
    card_service.pay(checkout.session_key, "card")
    after = f"{address}/payments/{checkout.id}"
    assert "confirm" in client.get(after, headers={"Accept-Language": "en"}).text
    follow(app.extensions["runtime"], checkout.id)
    session.expire_all()

    assert checkout.state is CheckoutState.PAID
    assert "your payment was received" in client.get(after, headers={"Accept-Language": "en"}).text
    assert "Nothing is due today" in client.get(address, headers={"Accept-Language": "en"}).text
    assert client.get(f"{after}/go").status_code == 302


def test_an_amount_that_has_changed_is_shown_again_before_paying(
    client, session, settings, assignor, address
):
    a_card_account(session, settings, assignor)

    answer = client.post(f"{address}/pay", data={"asked": "1.00", "form_token": "x"})

    assert answer.status_code == 422
    assert session.scalars(select(CardCheckout)).all() == []


def test_a_payment_service_that_is_away_charges_nothing(
    client, app, session, settings, assignor, address
):
    ours = app.extensions["runtime"]
    app.extensions["runtime"] = replace(
        ours, settings=replace(ours.settings, stripe_url="http://127.0.0.1:9")
    )
    a_card_account(session, settings, assignor)
    page = client.get(address).text
    form = {"asked": hidden(page, "asked"), "form_token": hidden(page, "form_token")}

    away = client.post(f"{address}/pay", data=form).headers["Location"]
    leaving = client.get(away, headers={"Accept-Language": "en"})
    app.extensions["runtime"] = ours

    assert "Nothing was charged" in leaving.text


def test_the_assignor_connects_its_own_account_and_only_a_key_that_works(
    client_of, session, assignor, card_service
):
    member = client_of(a_member(session, assignor))
    for wrong in ("", "pk_test_public_key", "sk_live_not_of_this_service"):
        assert (
            member.post("/settings/card-payments/", data={"secret_key": wrong}).status_code == 422
        )
    assert session.get(CardAccount, assignor.id) is None

    answer = member.post("/settings/card-payments/", data={"secret_key": "sk_test_demonstration"})

    assert answer.status_code == 303
    account = session.get(CardAccount, assignor.id)
    assert (account.live, account.enabled) == (False, True)
    assert card_service.endpoints["sk_test_demonstration"].url.endswith(account.webhook_token)
    page = member.get("/settings/card-payments/").text
    assert "sk_test" not in page
    member.post("/settings/card-payments/methods", data={"by_debit": "1"})
    session.expire_all()
    assert (account.by_card, account.by_debit) == (False, True)


def test_a_member_signed_in_elsewhere_sees_what_the_link_covers(
    client_of, session, settings, address, receivable
):
    stranger = client_of(a_member(session, an_assignor(session)))

    page = stranger.get(address)

    assert page.status_code == 200
    assert receivable.number in page.text
    assert session.execute(text("SELECT 1")).scalar() == 1
    assert TODAY
