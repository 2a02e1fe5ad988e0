"""What the sandbox's lenders do over HTTP, from the offer to the last cent."""

import json
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from partners.lenders.registry import open_lender
from partners.lenders.rest import RestLender
from partners.sandbox.lenders import fictional_lenders
from partners.sandbox.server import serve
from partners.sandbox.settings import SandboxSettings
from partners.vocabulary.lending import LenderRefusedMessage, LenderStatus
from tests.partners.lenders.dossiers import a_deed, a_dossier, a_receivable, instant

LENDERS = {lender.slug: lender for lender in fictional_lenders()}


@pytest.fixture
def funded(sandbox, portal):
    """Opens a dossier at a lender and takes it as far as the disbursement."""
    opened = []

    def fund(lender, product, **about):
        adapter = adapter_of(sandbox, portal, lender)
        opened.append(adapter)
        dossier = a_dossier(product, note="sandbox:offer", **about)
        offer = adapter.submit(dossier)
        adapter.accept_offer(dossier.submission_id, offer.event_id)
        adapter.send_deed(a_deed(dossier))
        portal.wait_for(2 if product in ("dailly", "factoring") else 1)
        return adapter, dossier, offer

    yield fund
    for adapter in opened:
        adapter.close()


def adapter_of(sandbox, portal, lender, **connection):
    reached = LENDERS[lender].connection(sandbox.url, f"{portal.url}/{lender}")
    return open_lender("rest", replace(reached, **connection), at=instant)


def control(sandbox, path, **told):
    return httpx.post(f"{sandbox.url}/control{path}", json=told)


@pytest.mark.parametrize(
    ("lender", "product"),
    [
        ("banque-exemple", "dailly"),
        ("factor-imaginaire", "factoring"),
        ("tresorerie-express", "advance"),
    ],
)
def test_when_the_debtor_has_paid_everything_the_reserve_comes_back(
    sandbox, portal, funded, lender, product
):
    adapter, dossier, offer = funded(lender, product)
    before = len(portal.bodies)

    control(sandbox, f"/dossiers/{dossier.submission_id}/debtor-pays")

    paid, released, settled = portal.wait_for(before + 3)[before:]
    at_end = offer.terms.fees_cents - offer.terms.upfront_fees_cents
    assert paid.status is LenderStatus.DEBTOR_PAID
    assert paid.amount == dossier.face_total
    assert paid.receivable_number == dossier.receivables[0].number
    assert released.status is LenderStatus.RESERVE_RELEASED
    assert released.amount.cents == offer.terms.reserve_cents - at_end
    assert settled.status is LenderStatus.SETTLED
    received = [reply.sequence for reply in adapter.poll(dossier.submission_id)]
    assert received == list(range(1, len(received) + 1))


def test_a_discounted_bill_has_no_reserve_and_settles_when_paid(sandbox, portal, funded):
    _, dossier, _ = funded("comptoir-imaginaire", "discount")

    control(sandbox, f"/dossiers/{dossier.submission_id}/debtor-pays")

    statuses = [reply.status for reply in portal.wait_for(3)[1:]]
    assert statuses == [LenderStatus.DEBTOR_PAID, LenderStatus.SETTLED]


def test_a_part_payment_settles_nothing(sandbox, portal, funded):
    receivables = (a_receivable("F-1", 600_000), a_receivable("F-2", 400_000))
    _, dossier, _ = funded("avance-factice", "advance", receivables=receivables)
    path = f"/dossiers/{dossier.submission_id}/debtor-pays"

    first = control(sandbox, path, receivable_number="F-1", amount_cents=100_000).json()
    control(sandbox, path, receivable_number="F-1")
    state = httpx.get(f"{sandbox.url}/control/dossiers/{dossier.submission_id}").json()

    assert [event["payment"]["amount_cents"] for event in first["events"]] == [100_000]
    assert state["unpaid_cents"] == {"F-2": 400_000}
    assert state["status"] == "debtor_paid"
    assert control(sandbox, path, receivable_number="F-1").status_code == 409


def test_recourse_asks_back_the_advance_on_what_is_unpaid(sandbox, portal, funded):
    receivables = (a_receivable("F-1", 600_000), a_receivable("F-2", 400_000))
    _, dossier, offer = funded("avance-factice", "advance", receivables=receivables)
    control(sandbox, f"/dossiers/{dossier.submission_id}/debtor-pays", receivable_number="F-1")

    control(sandbox, f"/dossiers/{dossier.submission_id}/recourse")

    called = portal.wait_for(3)[2]
    assert called.status is LenderStatus.RECOURSE_CALLED
    assert called.amount.cents == 380_000 == offer.terms.advance_cents * 4 // 10


def test_once_the_assignor_paid_the_recourse_the_dossier_is_settled(sandbox, portal, funded):
    _, dossier, offer = funded("avance-factice", "advance")
    path = f"/dossiers/{dossier.submission_id}"
    early = control(sandbox, f"{path}/recourse-paid")

    control(sandbox, f"{path}/recourse")
    control(sandbox, f"{path}/recourse-paid")

    assert early.status_code == 409
    news = sorted(portal.wait_for(4), key=lambda reply: reply.sequence)
    assert [(reply.status, reply.amount and reply.amount.cents) for reply in news[1:]] == [
        (LenderStatus.RECOURSE_CALLED, offer.terms.advance_cents),
        (LenderStatus.RECOURSE_PAID, offer.terms.advance_cents),
        (LenderStatus.SETTLED, None),
    ]


def test_a_factor_tells_the_debtors_and_collects_itself(sandbox, portal, funded):
    funded("factor-imaginaire", "factoring")

    notice = portal.wait_for(2)[1]

    assert notice.status is LenderStatus.DEBTOR_NOTIFIED
    assert notice.notified_on
    assert not notice.collection_consent


def test_without_recourse_the_lender_cannot_call_it(sandbox, portal):
    with adapter_of(sandbox, portal, "factor-imaginaire") as adapter:
        dossier = a_dossier("factoring", note="sandbox:offer")
        dossier = replace(dossier, asked=replace(dossier.asked, with_recourse=False))
        offer = adapter.submit(dossier)
        adapter.accept_offer(dossier.submission_id, offer.event_id)
        adapter.send_deed(a_deed(dossier))
        portal.wait_for(1)

        refused = control(sandbox, f"/dossiers/{dossier.submission_id}/recourse")
        lost = control(sandbox, f"/dossiers/{dossier.submission_id}/loss").json()["events"][0]

    assert lost["payment"]["amount_cents"] == offer.terms.advance_cents
    assert not offer.terms.with_recourse
    assert (refused.status_code, refused.json()["code"]) == (409, "without_recourse")


def test_a_deed_whose_total_is_not_the_offers_is_refused(sandbox, portal):
    with adapter_of(sandbox, portal, "banque-exemple") as adapter:
        dossier = a_dossier("dailly")
        offer = adapter.submit(dossier)
        adapter.accept_offer(dossier.submission_id, offer.event_id)
        other = replace(dossier.face_total, cents=1)

        with pytest.raises(LenderRefusedMessage, match="not that of the offer"):
            adapter.send_deed(a_deed(dossier, face_total=other))


def test_nothing_is_funded_before_acceptance_and_deed(sandbox, portal):
    with adapter_of(sandbox, portal, "banque-exemple") as adapter:
        dossier = a_dossier("dailly")
        adapter.submit(dossier)

        with pytest.raises(LenderRefusedMessage, match="not accepted"):
            adapter.send_deed(a_deed(dossier))
        early = control(sandbox, f"/dossiers/{dossier.submission_id}/debtor-pays")

    assert early.status_code == 409


def test_a_withdrawn_dossier_hears_nothing_more(portal):
    settings = SandboxSettings(pace_seconds=30, at=instant)
    with serve(settings) as sandbox, adapter_of(sandbox, portal, "factor-imaginaire") as adapter:
        dossier = a_dossier("factoring", note="sandbox:slow")
        adapter.submit(dossier)

        reply = adapter.withdraw(dossier.submission_id, "found better")

    (file,) = sandbox.stage.book
    assert reply.status is LenderStatus.WITHDRAWN
    assert file.todo == []
    assert portal.bodies == []


def test_a_webhook_that_is_not_taken_is_sent_again(sandbox, portal):
    portal.failures_left = 2
    with adapter_of(sandbox, portal, "avance-factice") as adapter:
        adapter.submit(a_dossier("advance", note="sandbox:slow"))

    assert portal.wait_for(1)[0].status is LenderStatus.OFFERED
    deliveries = httpx.get(f"{sandbox.url}/control/state").json()["deliveries"]
    assert [one["outcome"] for one in deliveries][:2] == ["503", "503"]


def test_the_same_key_with_another_message_is_refused(sandbox, portal):
    with adapter_of(sandbox, portal, "avance-factice") as adapter:
        dossier = a_dossier("advance")
        adapter.submit(dossier)

        with pytest.raises(LenderRefusedMessage, match="another message"):
            adapter.submit(replace(dossier, receivables=(a_receivable(cents=5),)))


def test_a_link_that_was_signed_anew_does_not_make_another_message(sandbox, portal):
    with adapter_of(sandbox, portal, "avance-factice") as adapter:
        dossier = a_dossier("advance")
        first = adapter.submit(dossier)
        receivable = dossier.receivables[0]
        document = replace(receivable.documents[0], url="https://portal.test/other-link")
        relinked = replace(receivable, documents=(document,))

        assert adapter.submit(replace(dossier, receivables=(relinked,))) == first


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"receivables": []}, "incomplete"),
        ({"requested_on": "soon"}, "unreadable"),
        ({"receivables": [{"number": "F-1"}]}, "unreadable"),
        ({"receivables": ["F-1"]}, "unreadable"),
        ({"face_cents": 1}, "face_total"),
    ],
)
def test_an_unsound_dossier_is_refused_with_what_is_wrong(portal, wrong, code):
    settings = SandboxSettings(verify_signatures=False, at=instant)
    with serve(settings) as sandbox:
        body = RestLender().encode(a_dossier("advance")) | wrong
        url = f"{sandbox.url}/lenders/avance-factice/dossiers"

        answer = httpx.post(url, json=body, headers={"Idempotency-Key": "k"})

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert list(sandbox.stage.book) == []


def test_a_request_signed_by_another_is_not_read(sandbox, portal):
    with (
        adapter_of(sandbox, portal, "avance-factice", secrets=("wrong",)) as adapter,
        pytest.raises(LenderRefusedMessage, match="not signed"),
    ):
        adapter.submit(a_dossier("advance"))


@pytest.mark.parametrize(("days", "is_read"), [(-1, False), (0, True), (60, True)])
def test_a_request_from_the_past_is_a_replay_and_one_from_an_advanced_demo_is_not(
    sandbox, portal, days, is_read
):
    reached = LENDERS["avance-factice"].connection(sandbox.url, f"{portal.url}/avance-factice")
    moved = open_lender("rest", reached, at=lambda: instant() + timedelta(days=days))
    with moved as adapter:
        if is_read:
            assert adapter.submit(a_dossier("advance")).terms
        else:
            with pytest.raises(LenderRefusedMessage, match="too old"):
                adapter.submit(a_dossier("advance"))


def test_a_lender_that_works_in_the_portal_does_not_answer_over_http(sandbox):
    answer = httpx.post(f"{sandbox.url}/lenders/credit-fictif/dossiers", json={})

    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_lender")


@pytest.mark.parametrize(
    ("magic", "expected"),
    [
        ("sandbox:slow", LenderStatus.RECEIVED),
        ("SANDBOX-OFFER", LenderStatus.OFFERED),
        ("sandbox:slow@banque-exemple", LenderStatus.OFFERED),
        ("sandbox:slow@avance-factice", LenderStatus.RECEIVED),
        ("sandbox:no_such_word", LenderStatus.OFFERED),
    ],
)
def test_a_word_in_the_invoice_number_forces_the_behaviour(sandbox, portal, magic, expected):
    with adapter_of(sandbox, portal, "avance-factice") as adapter:
        receivables = (a_receivable(f"F-1 {magic}"),)

        assert adapter.submit(a_dossier("advance", receivables=receivables)).status is expected


def test_a_behaviour_may_be_set_for_all_new_dossiers_of_a_lender(sandbox, portal):
    control(sandbox, "/lenders/avance-factice/behaviour", behaviour="slow")
    with adapter_of(sandbox, portal, "avance-factice") as adapter:
        assert adapter.submit(a_dossier("advance")).status is LenderStatus.RECEIVED

    assert control(sandbox, "/lenders/avance-factice/behaviour", behaviour="x").status_code == 422


def test_the_day_may_be_moved_and_prices_start_from_it(sandbox, portal):
    later = instant() + timedelta(days=30)
    control(sandbox, "/clock", at=later.isoformat())
    with adapter_of(sandbox, portal, "avance-factice") as adapter:
        dossier = a_dossier("advance", receivables=(due_much_later(),), note="sandbox:slow")
        adapter.submit(dossier)
        (offer,) = portal.wait_for(1)

    assert offer.terms.value_date > later.date()
    assert offer.happened_at >= later


def test_dossiers_and_what_was_to_come_survive_a_restart(tmp_path, portal):
    settings = SandboxSettings(pace_seconds=30, state_path=tmp_path / "state.json", at=instant)
    dossier = a_dossier("advance", note="sandbox:slow")
    with serve(settings) as first, adapter_of(first, portal, "avance-factice") as adapter:
        adapter.submit(dossier)
    assert portal.bodies == []

    quick = replace(settings, pace_seconds=0.03)
    with serve(quick) as second, adapter_of(second, portal, "avance-factice") as adapter:
        offer = portal.wait_for(1)[0]
        accepted = adapter.accept_offer(dossier.submission_id, offer.event_id)

    assert offer.status is LenderStatus.OFFERED
    assert accepted.status is LenderStatus.ACCEPTED


def test_a_broken_state_file_says_what_to_do(tmp_path):
    path = tmp_path / "sandbox.json"
    path.write_text(json.dumps([{"lender": "x"}]))

    with pytest.raises(ValueError, match="delete it to start afresh"):
        serve(SandboxSettings(state_path=path))


def test_a_taken_port_is_an_error_not_an_exit(sandbox):
    with pytest.raises(OSError, match="in use"):
        serve(port=int(sandbox.url.rsplit(":", 1)[1]))


def due_much_later():
    later = instant().date() + timedelta(days=90)
    return a_receivable(due_on=later)
