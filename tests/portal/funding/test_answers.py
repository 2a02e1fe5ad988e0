"""What lenders answer, in whatever order, and what is shown of it."""

from sqlalchemy import select

from portal.funding.messages import message_kinds
from portal.funding.models import LenderEvent
from portal.funding.states import OfferState
from portal.messages.models import Message
from tests.builders.funding import (
    a_routed_request,
    an_offered_request,
    event,
    tell,
    terms,
)


class TestAnswers:
    def test_an_offer_too_good_by_a_cent_is_shown_to_nobody(self, session):
        request = a_routed_request(session)
        wrong = terms(request)
        wrong["net_proceeds_cents"] += 1

        outcome = tell(session, request.submissions[0], "offered", terms=wrong)

        assert outcome.code == "terms_do_not_add_up"
        session.refresh(request)
        assert request.offers == []

    def test_an_offer_for_another_face_is_shown_to_nobody(self, session):
        request = a_routed_request(session)
        wrong = terms(request)
        wrong["face_cents"] -= 1
        wrong["reserve_cents"] -= 1

        outcome = tell(session, request.submissions[0], "offered", terms=wrong)

        assert outcome.code == "terms_do_not_add_up"

    def test_a_better_offer_supersedes_the_one_before(self, session):
        request = an_offered_request(session)

        tell(session, request.submissions[0], "offered", terms=terms(request, fee_cents=7_000))

        session.refresh(request)
        assert sorted(one.state.value for one in request.offers) == ["open", "superseded"]

    def test_the_same_offer_said_again_changes_nothing(self, session):
        request = an_offered_request(session)

        outcome = tell(session, request.submissions[0], "offered", terms=terms(request))

        assert str(outcome) == "ignored:same_offer"

    def test_an_offer_that_arrives_after_the_refusal_it_preceded_is_not_shown(self, session):
        request = a_routed_request(session, lenders=2)
        submission = request.submissions[0]
        tell(session, submission, "declined", sequence=3, reason={"code": "no", "text": "Non"})

        outcome = tell(session, submission, "offered", sequence=2, terms=terms(request))

        assert str(outcome) == "ignored:overtaken"

    def test_a_withdrawal_that_arrives_before_its_offer_still_withdraws_it(self, session):
        request = a_routed_request(session)
        submission = request.submissions[0]
        tell(session, submission, "offer_withdrawn", sequence=3)

        tell(session, submission, "offered", sequence=2, terms=terms(request))

        session.refresh(request)
        assert [one.state for one in request.offers] == [OfferState.WITHDRAWN]

    def test_the_company_is_told_of_each_offer_once(self, session):
        request = an_offered_request(session)
        said = session.scalars(select(LenderEvent)).all()

        for one in said:
            one.processed_at = None
        session.flush()
        told = session.scalars(
            select(Message).where(Message.request_id == request.id, Message.kind == "offer_arrived")
        ).all()

        assert len(told) == 1

    def test_every_message_has_its_words(self):
        assert {"offer_arrived", "piece_asked", "deed_to_sign", "advance_paid"} <= message_kinds()

    def test_an_unreadable_event_is_written_down_and_changes_nothing(self, session):
        request = a_routed_request(session)

        outcome = tell(session, request.submissions[0], "offered", terms={"face_cents": "a lot"})

        assert outcome.code == "unreadable"
        assert event(session, request.submissions[0], "received").processed_at is None
