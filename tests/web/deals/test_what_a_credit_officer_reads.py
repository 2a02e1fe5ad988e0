"""What a credit officer reads before deciding: what to do first, how long is left, what debtors weigh."""

from datetime import timedelta
from decimal import Decimal

import pytest

from portal.assignments.lookup import deeds_by_submission
from portal.funding.lender_queue import QueueFilter, counts_by_group, queue_of
from portal.funding.states import SubmissionState
from portal.settlement.debtor_record import debtor_records
from portal.web.deal_stage import TO_DATE, TO_EXAMINE, TO_PAY, stage_of, time_left
from portal.web.tariff_words import POLICY_WORDS, TARIFF_WORDS, setting_rows
from pricing.eligibility import LenderPolicy
from pricing.products.catalogue import tariff_from_mapping
from pricing.products.quote import Product
from tests.builders.funding import TARIFFS, a_funded_deal, a_routed_request, a_signed_deal
from tests.conftest import NOW, TODAY


@pytest.fixture
def store(app):
    return app.extensions["runtime"].documents


def listed(session, submission, group=""):
    found = queue_of(submission.lender_id, QueueFilter(group=group))
    return [one.id for one in session.scalars(found).unique()]


class TestTheStage:
    def test_a_dossier_sent_is_to_examine(self, session):
        submission = a_routed_request(session).submissions[0]
        submission.state = SubmissionState.RECEIVED

        assert stage_of(submission, None) == TO_EXAMINE

    def test_a_signed_dailly_deed_is_to_date_before_anything_is_paid(self, session, store):
        deal = a_signed_deal(session, store)
        deed = deeds_by_submission(session, {deal.submission.id})[deal.submission.id]

        assert deed.product is Product.DAILLY
        assert stage_of(deal.submission, deed) == TO_DATE
        deed.dated_on = TODAY
        assert stage_of(deal.submission, deed) == TO_PAY

    def test_a_funded_deal_is_counted_among_what_is_financed(self, session, store):
        deal = a_funded_deal(session, store)

        counts = counts_by_group(session, deal.submission.lender_id)

        assert counts["funded"] == 1
        assert counts["offered"] == 0
        assert listed(session, deal.submission, "funded") == [deal.submission.id]
        assert listed(session, deal.submission, "answer") == []


@pytest.mark.parametrize(
    ("hours", "tone"), [(-1, "danger"), (3, "warning"), (20, "neutral"), (72, "neutral")]
)
def test_the_time_left_warns_as_it_shortens(app, hours, tone):
    with app.test_request_context():
        assert time_left(NOW + timedelta(hours=hours), NOW)[1] == tone


class TestADebtorsRecord:
    def test_a_debtor_not_yet_paid_counts_as_financed_and_late_once_past_due(self, session, store):
        deal = a_funded_deal(session, store)
        receivable = deal.request.lines[0].receivable
        siren = receivable.debtor.siren

        before = debtor_records(session, deal.submission.lender_id, {siren}, today=TODAY)[siren]
        later = receivable.due_on + timedelta(days=1)
        after = debtor_records(session, deal.submission.lender_id, {siren}, today=later)[siren]

        assert (before.paid, before.late, before.mean_days_late) == (0, 0, None)
        assert after.late == after.financed > 0

    def test_another_lender_learns_nothing_of_it(self, session, store):
        deal = a_funded_deal(session, store)
        other = a_routed_request(session).submissions[0]
        siren = deal.request.lines[0].receivable.debtor.siren

        assert debtor_records(session, other.lender_id, {siren}, today=TODAY) == {}


class TestARateCardInWords:
    @pytest.mark.parametrize("product", list(Product))
    def test_every_setting_of_every_product_has_words(self, app, product):
        tariff = tariff_from_mapping(product, TARIFFS[product])
        with app.test_request_context():
            names = {name for _, _, name in setting_rows(tariff, TARIFF_WORDS)}

        assert names == set(tariff.__dataclass_fields__)

    def test_a_rate_is_a_percentage_and_no_threshold_is_said(self, app):
        policy = LenderPolicy(concentration_max=Decimal("0.305"))
        with app.test_request_context(headers={"Accept-Language": "en"}):
            values = {name: value for _, value, name in setting_rows(policy, POLICY_WORDS)}

        assert set(values) == set(LenderPolicy.__dataclass_fields__)
        assert values["concentration_max"].startswith("30")
        assert values["amount_max"] not in ("", "None")
