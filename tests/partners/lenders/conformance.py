"""What every adapter must do, whoever wrote it: subclass one of these and run pytest.

`AdapterConformance` needs only recorded answers. `RemoteLenderConformance` plays every
trouble over real HTTP against the sandbox and a listener that stands for the portal.
"""

import re
from datetime import timedelta
from typing import ClassVar
from uuid import UUID, uuid4

import pytest

from partners.lenders.adapter import TermsDoNotAddUp
from partners.vocabulary.lending import (
    LenderRefusedMessage,
    LenderStatus,
    LenderUnanswered,
)
from tests.partners.lenders.dossiers import RecordedChannel, a_deed, a_document, a_dossier

BINDING = {LenderStatus.DECLINED, LenderStatus.DISBURSED, LenderStatus.OFFERED}


class AdapterConformance:
    """Set both attributes, and the lender's own recorded answers are checked."""

    adapter = None  # the class
    answers: ClassVar = {}  # raw status -> an answer recorded from the lender

    def test_the_slug_can_stand_in_a_url(self):
        assert re.fullmatch(r"[a-z][a-z0-9-]*", self.adapter.slug)

    def test_every_mapped_status_has_a_recorded_answer(self):
        assert set(self.answers) == set(self.adapter.statuses)

    def test_recorded_answers_decode_to_the_mapped_status(self):
        for raw_status, answer in self.answers.items():
            reply = self.adapter(RecordedChannel(answer)).decode(answer)

            assert reply.status is self.adapter.statuses[raw_status]
            assert reply.raw_status == raw_status
            assert (reply.terms is not None) == (reply.status is LenderStatus.OFFERED)

    def test_only_the_lender_dates_a_deed(self):
        for answer in self.answers.values():
            reply = self.adapter(RecordedChannel(answer)).decode(answer)
            assert (reply.deed_dated_on is not None) == (reply.status is LenderStatus.DEED_DATED)

    def test_only_the_lender_says_that_debtors_were_notified(self):
        for answer in self.answers.values():
            reply = self.adapter(RecordedChannel(answer)).decode(answer)
            is_notice = reply.status is LenderStatus.DEBTOR_NOTIFIED
            assert (reply.notified_on is not None) == is_notice
            assert is_notice or not reply.collection_consent

    def test_an_unknown_status_neither_offers_nor_declines_nor_disburses(self):
        status = self.adapter(RecordedChannel({})).status_of("some word of tomorrow")

        assert status is LenderStatus.RECEIVED
        assert status not in BINDING

    def test_an_unreadable_answer_counts_as_silence(self):
        if not self.adapter.is_remote:
            pytest.skip("nothing is sent to this lender, so nothing unreadable comes back")
        for product in self.adapter.products:
            with pytest.raises(LenderUnanswered):
                self.adapter(RecordedChannel({})).submit(a_dossier(product))

    def test_the_same_dossier_is_sent_the_same_way_twice(self):
        for product in self.adapter.products:
            dossier = a_dossier(product)
            adapter = self.adapter(RecordedChannel({}))
            assert adapter.encode(dossier) == adapter.encode(dossier)

    def test_every_call_bears_a_key_that_its_repetition_bears_too(self):
        if not self.adapter.is_remote:
            pytest.skip("nothing is sent to this lender")
        keys = [self._keys_of_a_whole_exchange() for _ in range(2)]

        assert keys[0] == keys[1]
        assert len(set(keys[0])) == len(keys[0])

    def _keys_of_a_whole_exchange(self):
        submission_id = UUID(int=7)
        dossier = a_dossier(next(iter(sorted(self.adapter.products))), submission_id=submission_id)
        channel = RecordedChannel({})
        adapter = self.adapter(channel)
        for call in (
            lambda: adapter.submit(dossier),
            lambda: adapter.send_documents(submission_id, "evt-2", [a_document()]),
            lambda: adapter.accept_offer(submission_id, "evt-3"),
            lambda: adapter.send_deed(a_deed(dossier)),
            lambda: adapter.withdraw(submission_id, "no longer needed"),
        ):
            with pytest.raises(LenderUnanswered):
                call()
        return [key for _, _, key in channel.sent]


class RemoteLenderConformance:
    """Give `open_adapter`; every trouble of the sandbox is then played over HTTP.

    The fixtures `sandbox` and `portal` come from `tests/partners/lenders/conftest.py`;
    `portal` collects what its webhook address received.
    """

    lender = ""
    product = ""

    def open_adapter(self, sandbox, portal, **connection):
        """The adapter under test, speaking to `self.lender` in the sandbox."""
        raise NotImplementedError

    def test_an_offer_made_at_once_comes_with_the_answer(self, sandbox, portal):
        dossier = self._dossier("at_once")

        reply = self.open_adapter(sandbox, portal).submit(dossier)

        assert reply.status is LenderStatus.OFFERED
        assert reply.terms.face_cents == dossier.face_total.cents
        assert reply.terms.valid_until > sandbox.stage.clock.now()

    def test_a_slow_lender_is_received_first_and_offers_later(self, sandbox, portal):
        reply = self.open_adapter(sandbox, portal).submit(self._dossier("slow"))

        assert reply.status is LenderStatus.RECEIVED
        assert portal.wait_for(1)[0].status is LenderStatus.OFFERED

    def test_an_offer_sent_twice_is_recognised_as_one(self, sandbox, portal):
        self.open_adapter(sandbox, portal).submit(self._dossier("twice"))

        first, second = portal.wait_for(2)

        assert first == second
        assert first.event_id == second.event_id

    def test_news_out_of_order_can_be_put_back_in_order(self, sandbox, portal):
        adapter, dossier = self.open_adapter(sandbox, portal), self._dossier("out_of_order")
        adapter.submit(dossier)

        arrived = portal.wait_for(2)

        assert [reply.sequence for reply in arrived] == [3, 2]
        told = adapter.poll(dossier.submission_id, face=dossier.face_total)
        assert [reply.sequence for reply in told] == [1, 2, 3]
        assert {reply.event_id for reply in arrived} <= {reply.event_id for reply in told}

    def test_a_lender_that_never_answers_is_silence_not_a_refusal(self, sandbox, portal):
        adapter = self.open_adapter(sandbox, portal, answer_seconds=0.3)

        with pytest.raises(LenderUnanswered):
            adapter.submit(self._dossier("silent"))

    def test_an_answer_that_was_lost_is_had_by_asking_again(self, sandbox, portal):
        dossier = self._dossier("loses_answer")
        with pytest.raises(LenderUnanswered):
            self.open_adapter(sandbox, portal, answer_seconds=0.3).submit(dossier)

        again = self.open_adapter(sandbox, portal).submit(dossier)

        assert again.status is LenderStatus.OFFERED
        assert len(list(sandbox.stage.book)) == 1

    def test_terms_that_do_not_add_up_are_never_an_offer(self, sandbox, portal):
        adapter, dossier = self.open_adapter(sandbox, portal), self._dossier("wrong_total")
        adapter.submit(dossier)

        (event,) = portal.wait_for_bodies(1)

        with pytest.raises(TermsDoNotAddUp, match="1000 cents"):
            adapter.read_event(event)
        told = adapter.poll(dossier.submission_id, face=dossier.face_total)
        assert [reply.status for reply in told] == [LenderStatus.RECEIVED]

    def test_a_word_we_do_not_know_leaves_the_dossier_waiting(self, sandbox, portal):
        self.open_adapter(sandbox, portal).submit(self._dossier("unknown_status"))

        unknown, offered = portal.wait_for(2)

        assert unknown.status is LenderStatus.RECEIVED
        assert unknown.raw_status == "under_committee_review"
        assert offered.status is LenderStatus.OFFERED

    def test_a_lender_may_change_its_mind_before_acceptance(self, sandbox, portal):
        adapter, dossier = self.open_adapter(sandbox, portal), self._dossier("changes_mind")
        adapter.submit(dossier)
        offered, withdrawn = portal.wait_for(2)

        with pytest.raises(LenderRefusedMessage, match="no offer is open"):
            adapter.accept_offer(dossier.submission_id, offered.event_id)

        assert withdrawn.status is LenderStatus.OFFER_WITHDRAWN
        assert withdrawn.reason

    def test_a_page_instead_of_an_answer_is_silence(self, sandbox, portal):
        with pytest.raises(LenderUnanswered, match="cannot read"):
            self.open_adapter(sandbox, portal).submit(self._dossier("unreadable"))

    def test_a_lender_that_fails_twice_is_reached_at_the_third_attempt(self, sandbox, portal):
        reply = self.open_adapter(sandbox, portal).submit(self._dossier("fails_then_recovers"))

        assert reply.status is LenderStatus.RECEIVED

    def test_a_lender_that_keeps_failing_is_asked_again_later(self, sandbox, portal):
        with pytest.raises(LenderUnanswered, match="503"):
            self.open_adapter(sandbox, portal).submit(self._dossier("fails"))

    def test_a_message_the_lender_refuses_is_for_a_person(self, sandbox, portal):
        with pytest.raises(LenderRefusedMessage, match="never be accepted"):
            self.open_adapter(sandbox, portal).submit(self._dossier("refuses_message"))

    def test_a_refusal_comes_with_its_reason(self, sandbox, portal):
        self.open_adapter(sandbox, portal).submit(self._dossier("declines"))

        (declined,) = portal.wait_for(1)

        assert declined.status is LenderStatus.DECLINED
        assert declined.reason_code == "concentration"
        assert declined.reason

    def test_a_document_asked_for_and_sent_brings_the_offer(self, sandbox, portal):
        adapter, dossier = self.open_adapter(sandbox, portal), self._dossier("asks_document")
        adapter.submit(dossier)
        (asked,) = portal.wait_for(1)

        reply = adapter.send_documents(
            dossier.submission_id, asked.event_id, [a_document("delivery_proof")]
        )

        assert asked.status is LenderStatus.INFO_REQUESTED
        assert asked.requested_documents[0].receivable_number == dossier.receivables[0].number
        assert reply.status is LenderStatus.OFFERED

    def test_an_accepted_offer_is_funded_once_however_often_it_is_sent(self, sandbox, portal):
        adapter, dossier = self.open_adapter(sandbox, portal), self._dossier("at_once")
        offered = adapter.submit(dossier)

        for _ in range(2):
            accepted = adapter.accept_offer(dossier.submission_id, offered.event_id)
            adapter.send_deed(a_deed(dossier))
        news = portal.wait_for(2 if self.product == "dailly" else 1)

        assert accepted.status is LenderStatus.ACCEPTED
        disbursed = [reply for reply in news if reply.status is LenderStatus.DISBURSED]
        assert [reply.amount.cents for reply in disbursed] == [offered.terms.net_proceeds_cents]
        assert disbursed[0].value_date >= offered.terms.value_date
        assert disbursed[0].payment_reference

    def test_an_offer_that_ended_cannot_be_accepted(self, sandbox, portal):
        adapter, dossier = self.open_adapter(sandbox, portal), self._dossier("at_once")
        offered = adapter.submit(dossier)
        sandbox.stage.clock.move_to(offered.terms.valid_until + timedelta(minutes=1))

        with pytest.raises(LenderRefusedMessage, match="the offer ended"):
            adapter.accept_offer(dossier.submission_id, offered.event_id)

    def test_a_dossier_the_lender_never_saw_has_no_events(self, sandbox, portal):
        with pytest.raises(LenderRefusedMessage, match="404"):
            self.open_adapter(sandbox, portal).poll(uuid4())

    def _dossier(self, behaviour):
        return a_dossier(self.product, note=f"sandbox:{behaviour}")
