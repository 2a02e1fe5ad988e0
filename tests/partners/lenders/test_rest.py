"""The adapter of our own lender contract, against recorded answers and the live sandbox."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.lenders.adapter import TermsDoNotAddUp, check_terms
from partners.lenders.channel import HttpChannel
from partners.lenders.rest import RestLender
from partners.sandbox.lenders import fictional_lenders
from partners.vocabulary.lending import (
    FeeLine,
    FeeTaken,
    LenderStatus,
    LenderUnanswered,
    ProposedTerms,
)
from pricing.money import Money
from tests.partners.lenders.conformance import AdapterConformance, RemoteLenderConformance
from tests.partners.lenders.dossiers import (
    RecordedChannel,
    a_deed,
    a_dossier,
    a_receivable,
    instant,
)

SUBMISSION = UUID(int=42)
LENDERS = {lender.slug: lender for lender in fictional_lenders()}

TERMS = {
    "face_cents": 1_000_000,
    "currency": "EUR",
    "advance_cents": 800_000,
    "reserve_cents": 200_000,
    "net_proceeds_cents": 792_000,
    "advance_rate": "0.8",
    "annual_rate": "0.045",
    "fees": [
        {"code": "discount_fee", "label": "Intérêts", "amount_cents": 6000, "taken": "upfront"},
        {"code": "slip_fee", "label": "Frais", "amount_cents": 2000, "vat_cents": 0},
        {"code": "late", "label": "Fin", "amount_cents": 900, "taken": "at_end"},
    ],
    "teg": {"rate": "0.061448", "period_rate": "0.010101", "period_days": "60"},
    "with_recourse": True,
    "debtor_notice": False,
    "valid_until": "2026-11-30T17:00:00+01:00",
    "value_date": "2026-11-25",
    "conditions": ["Acte signé"],
}
PAYMENT = {
    "amount_cents": 792_000,
    "currency": "EUR",
    "value_date": "2026-11-25",
    "reference": "VIR 1",
}


def an_event(status, **told):
    return {
        "id": f"evt_{status}",
        "sequence": 3,
        "occurred_at": "2026-11-23T09:00:00Z",
        "dossier": str(SUBMISSION),
        "reference": "BEX-00001",
        "status": status,
        **told,
    }


ANSWERS = {
    status: an_event(status)
    for status in ("received", "accepted", "deed_received", "settled", "withdrawn")
} | {
    "info_requested": an_event(
        "info_requested", requested_documents=[{"kind": "delivery_proof", "label": "BL"}]
    ),
    "offered": an_event("offered", terms=TERMS),
    "declined": an_event("declined", reason={"code": "concentration", "text": "Trop."}),
    "offer_withdrawn": an_event("offer_withdrawn"),
    "deed_dated": an_event("deed_dated", deed_dated_on="2026-11-25"),
    "disbursed": an_event("disbursed", payment=PAYMENT),
    "debtor_paid": an_event("debtor_paid", payment=PAYMENT | {"receivable_number": "F-1"}),
    "reserve_released": an_event("reserve_released", payment=PAYMENT),
    "recourse_called": an_event("recourse_called", payment=PAYMENT),
    "recourse_paid": an_event("recourse_paid", payment=PAYMENT),
    "loss_taken": an_event("loss_taken", payment=PAYMENT),
    "debtor_notified": an_event(
        "debtor_notified", notified_on="2026-11-26", collection_consent=True
    ),
}


class TestRecordedAnswers(AdapterConformance):
    adapter = RestLender
    answers = ANSWERS


class LiveRestLender(RemoteLenderConformance):
    def open_adapter(self, sandbox, portal, **connection):
        callback_url = f"{portal.url}/{self.lender}"
        reached = replace(
            LENDERS[self.lender].connection(sandbox.url, callback_url),
            pause_seconds=0.01,
            **connection,
        )
        channel = HttpChannel(reached, at=instant)
        self._channels.append(channel)
        return RestLender(channel, lender=self.lender, callback_url=callback_url)

    @pytest.fixture(autouse=True)
    def _closed_afterwards(self):
        self._channels = []
        yield
        for channel in self._channels:
            channel.close()


class TestABankForDailly(LiveRestLender):
    lender, product = "banque-exemple", "dailly"

    def test_the_bank_dates_the_deed_before_it_pays(self, sandbox, portal):
        adapter, dossier = self.open_adapter(sandbox, portal), self._dossier("at_once")
        offered = adapter.submit(dossier)
        adapter.accept_offer(dossier.submission_id, offered.event_id)
        adapter.send_deed(a_deed(dossier))

        dated, disbursed = portal.wait_for(2)

        assert (dated.status, disbursed.status) == (
            LenderStatus.DEED_DATED,
            LenderStatus.DISBURSED,
        )
        assert dated.deed_dated_on >= date(2026, 11, 23)


class TestAnAdvanceLender(LiveRestLender):
    lender, product = "avance-factice", "advance"


def test_a_dossier_says_what_a_lender_needs_and_nothing_is_rounded():
    body = RestLender(callback_url="https://portal.example/hooks/x").encode(
        a_dossier("dailly", receivables=(a_receivable(cents=1), a_receivable("F-2", 2)))
    )

    assert body["face_cents"] == 3
    assert body["callback_url"] == "https://portal.example/hooks/x"
    assert [one["face_cents"] for one in body["receivables"]] == [1, 2]
    assert body["receivables"][0]["debtor"]["siren"] == "000114009"


def test_the_deed_is_sent_without_a_date_because_the_assignee_affixes_it():
    body = RestLender().encode_deed(a_deed(a_dossier("dailly")))

    assert not [name for name in body if "dated" in name]


def test_an_offer_is_read_to_the_cent_with_each_fee_and_when_it_is_taken():
    terms = RestLender().read_event(ANSWERS["offered"]).terms

    assert terms.valid_until == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    assert terms.annual_rate == Decimal("0.045")
    assert [fee.taken for fee in terms.fees] == [
        FeeTaken.UPFRONT,
        FeeTaken.UPFRONT,
        FeeTaken.AT_END,
    ]
    assert (terms.upfront_fees_cents, terms.fees_cents) == (8000, 8900)
    assert terms.teg.period_days == 60


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("face_cents", 1_000_000.0),
        ("face_cents", "1000000"),
        ("face_cents", True),
        ("advance_cents", -1),
        ("net_proceeds_cents", None),
        ("advance_rate", "80"),
        ("annual_rate", "NaN"),
        ("valid_until", "2026-11-30T17:00:00"),
        ("value_date", "25/11/2026"),
        ("with_recourse", "yes"),
        ("currency", "euros"),
        ("fees", {"code": "x"}),
        ("fees", ["x"]),
        ("conditions", ["x"] * 201),
        ("teg", {"rate": "0.06"}),
    ],
)
def test_an_offer_with_one_unreadable_term_counts_as_silence(name, wrong):
    with pytest.raises(LenderUnanswered):
        RestLender().read_event(an_event("offered", terms=TERMS | {name: wrong}))


@pytest.mark.parametrize("status", ["disbursed", "debtor_paid", "recourse_called"])
def test_money_without_an_amount_is_not_money(status):
    with pytest.raises(LenderUnanswered):
        RestLender().read_event(an_event(status))


def test_a_dated_deed_without_its_date_is_not_dated():
    with pytest.raises(LenderUnanswered):
        RestLender().read_event(an_event("deed_dated"))


@pytest.mark.parametrize("consent", [None, "yes", 1, False])
def test_only_a_plain_yes_lets_the_assignor_go_on_collecting(consent):
    told = {"notified_on": "2026-11-26", "collection_consent": consent}

    reply = RestLender().read_event(an_event("debtor_notified", **told))

    assert reply.notified_on == date(2026, 11, 26)
    assert reply.collection_consent is False
    assert RestLender().read_event(ANSWERS["debtor_notified"]).collection_consent is True


def test_an_answer_about_another_dossier_is_not_ours():
    adapter = RestLender(RecordedChannel(ANSWERS["declined"]))

    with pytest.raises(LenderUnanswered, match="another dossier"):
        adapter.submit(a_dossier("dailly"))


def test_an_offer_for_another_amount_than_ours_is_no_offer():
    with pytest.raises(TermsDoNotAddUp, match="the dossier for 999999"):
        RestLender().read_event(ANSWERS["offered"], face=Money(999_999))


cents = st.integers(0, 10**9)


@given(advance=cents, reserve=cents, upfront=cents, vat=cents, at_end=cents, off=st.integers(-3, 3))
def test_terms_are_accepted_exactly_when_they_add_up(advance, reserve, upfront, vat, at_end, off):
    terms = ProposedTerms(
        face_cents=advance + reserve,
        advance_cents=advance,
        reserve_cents=reserve,
        net_proceeds_cents=advance - upfront - vat + off,
        valid_until=datetime(2026, 12, 1, tzinfo=UTC),
        value_date=date(2026, 12, 2),
        fees=(
            FeeLine("a", "A", upfront, vat),
            FeeLine("b", "B", at_end, taken=FeeTaken.AT_END),
        ),
    )

    if off == 0:
        check_terms(terms)
    else:
        with pytest.raises(TermsDoNotAddUp, match=f"{-off} cents"):
            check_terms(terms)
