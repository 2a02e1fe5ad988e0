"""Which reminder is due on a day, and why one is not sent."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from portal.collections.dunning.steps import (
    DEFAULT_STEPS,
    FINAL,
    Case,
    Past,
    decide,
    foresee,
    next_step,
    suppression,
)
from portal.collections.models import ReminderState
from portal.collections.reasons import Suppression, words_of
from pricing.calendar import is_business_day
from pricing.collection_right import FinancingState, collection_right

DUE = date(2026, 3, 2)
OWN = collection_right(FinancingState.NOT_FINANCED)


def a_case(**given) -> Case:
    return Case(
        **{
            "receivable_id": uuid4(),
            "due_on": DUE,
            "outstanding_cents": 100_000,
            "claimable_cents": 100_000,
            "right": OWN,
            **given,
        }
    )


def after(case: Case, days: int) -> tuple[Case, dict[str, ReminderState]]:
    """Decide on one day, and the case once it is done."""
    on = DUE + timedelta(days=days)
    past = dict(case.past)
    decided = decide(case, DEFAULT_STEPS, on)
    for one in decided:
        reason = one.reason.value if one.reason else None
        past[one.step.code] = Past(one.state, one.step.level, on, reason)
    return replace(case, past=past), {one.step.code: one.state for one in decided}


def test_each_step_has_its_day():
    case, sent = a_case(), {}
    for day in range(-10, 60):
        case, done = after(case, day)
        sent.update({code: day for code, state in done.items() if state in FINAL})

    assert sent == {"PRE": -5, "R1": 1, "R2": 8, "R3": 15, "MED": 30}


@pytest.mark.parametrize("day", [-6, 0, 2, 7, 9, 14, 16, 29])
def test_nothing_happens_between_the_steps(day: int):
    case = a_case()
    for earlier in range(-10, day):
        case, _ = after(case, earlier)

    assert after(case, day)[1] == {}


def test_after_missed_days_one_message_goes_out_at_the_highest_level():
    _, done = after(a_case(), 10)

    assert done == {
        "PRE": ReminderState.OVERTAKEN,
        "R1": ReminderState.OVERTAKEN,
        "R2": ReminderState.SENT,
    }


def test_a_formal_notice_is_never_the_first_word():
    case, first = after(a_case(), 91)
    assert first["R3"] is ReminderState.SENT
    assert "MED" not in first

    assert after(case, 98)[1] == {}
    assert after(case, 99)[1] == {"MED": ReminderState.DRAFTED}


def test_two_messages_are_never_closer_than_five_days():
    case, _ = after(a_case(), 14)

    assert after(case, 18)[1] == {}
    assert after(case, 19)[1] == {}, "the fifth day is a Saturday"
    assert after(case, 21)[1] == {"R3": ReminderState.SENT}


def test_a_milder_step_never_follows_a_firmer_one_sent_by_hand():
    by_hand = {"R3": Past(ReminderState.SENT, 3, DUE + timedelta(days=2))}

    case, done = after(a_case(past=by_hand), 8)

    assert done["R1"] is done["R2"] is ReminderState.OVERTAKEN
    assert next_step(case, DEFAULT_STEPS, DUE + timedelta(days=8))[0].code == "MED"


def test_a_word_before_the_due_date_is_never_sent_after_it():
    _, done = after(a_case(due_on=DUE), 1)

    assert done["PRE"] is ReminderState.OVERTAKEN


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"outstanding_cents": 0, "paid_cents": 1}, Suppression.PAID),
        ({"outstanding_cents": 0, "credited_cents": 1}, Suppression.CREDITED),
        ({"disputed_cents": 100_000}, Suppression.DISPUTED),
        ({"disputed_cents": 50_000, "claimable_cents": 0}, Suppression.NOTHING_CLAIMABLE),
        ({"promised_for": DUE + timedelta(days=1)}, Suppression.PROMISED),
        ({"insolvent_since": DUE}, Suppression.INSOLVENT),
        ({"has_address": False}, Suppression.NO_ADDRESS),
        ({"consented": False}, Suppression.NO_CONSENT),
        (
            {"right": collection_right(FinancingState.FACTORING_NOTIFIED)},
            Suppression.FACTOR_COLLECTS,
        ),
        (
            {"right": collection_right(FinancingState.DAILLY_NOTIFIED, lender_consent=False)},
            Suppression.LENDER_CONSENT_NEEDED,
        ),
        (
            {"right": collection_right(FinancingState.DAILLY_NOTIFIED, lender_consent=True)},
            Suppression.LENDER_ACCOUNT_UNKNOWN,
        ),
        ({"right": collection_right(FinancingState.DISCOUNT)}, Suppression.BANK_PRESENTS_BILL),
    ],
)
def test_a_suppressed_reminder_says_why(facts, reason):
    case, done = after(a_case(**facts), 1)

    assert done["R1"] is ReminderState.SUPPRESSED
    assert case.past["R1"].reason_code == reason.value
    assert after(case, 2)[1] == {}, "the same reason is not said every day"


@pytest.mark.parametrize(
    "right",
    [
        collection_right(FinancingState.DAILLY_NOT_NOTIFIED),
        collection_right(FinancingState.FACTORING_CONFIDENTIAL),
        collection_right(FinancingState.ADVANCE),
    ],
)
def test_while_the_debtor_was_not_told_the_assignor_reminds(right):
    assert after(a_case(right=right), 1)[1]["R1"] is ReminderState.SENT


def test_dailly_notified_is_reminded_with_the_lenders_consent_and_account():
    right = collection_right(FinancingState.DAILLY_NOTIFIED, lender_consent=True)

    assert suppression(a_case(right=right, assignee_account_known=True), DUE) is None


def test_a_part_dispute_leaves_the_rest_to_collect():
    case = a_case(disputed_cents=40_000, claimable_cents=60_000)

    assert after(case, 1)[1]["R1"] is ReminderState.SENT


def test_a_promise_suspends_until_its_day_and_two_more_then_reminders_resume():
    promised = a_case(promised_for=DUE + timedelta(days=9))
    case, _ = after(promised, 8)

    assert case.past["R2"].reason_code == "promised"
    assert after(case, 11)[1] == {}
    assert after(case, 14)[1]["R2"] is ReminderState.SENT


def test_a_promises_grace_never_ends_on_a_weekend():
    promised = a_case(promised_for=DUE + timedelta(days=10))
    case, _ = after(promised, 8)

    assert after(case, 14)[1] == {}


def test_a_broken_promise_is_followed_at_once_by_a_firm_word():
    deceived = a_case(promised_for=None, broken_on=DUE + timedelta(days=9))
    sent = after(deceived, 9)[1]

    assert sent["R1"] is ReminderState.OVERTAKEN
    assert sent["R2"] is ReminderState.SENT


def test_every_reason_has_its_words_in_both_languages():
    for reason in Suppression:
        assert words_of(reason.value, "fr") != words_of(reason.value, "en")


def test_the_next_step_is_foreseen():
    step, on = next_step(a_case(), DEFAULT_STEPS, DUE)

    assert (step.code, on) == ("PRE", DUE)
    assert next_step(after(a_case(), 30)[0], DEFAULT_STEPS, DUE + timedelta(days=30))[0].code == (
        "MED"
    )


FACTS = st.fixed_dictionaries(
    {
        "promised_for": st.none() | st.integers(-10, 60).map(lambda n: DUE + timedelta(days=n)),
        "disputed_cents": st.sampled_from([0, 40_000, 100_000]),
        "outstanding_cents": st.sampled_from([0, 100_000]),
        "has_address": st.booleans(),
    }
)


@hypothesis(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(-12, 75), FACTS), min_size=1, max_size=25))
def test_whatever_happens_no_step_is_done_twice_and_every_due_step_is_explained(days):
    case = a_case()
    done: list[str] = []
    levels: list[int] = []
    for day, facts in sorted(days, key=lambda one: one[0]):
        case = replace(case, **facts)
        case, result = after(case, day)
        today = DUE + timedelta(days=day)
        active = [c for c, s in result.items() if s in (ReminderState.SENT, ReminderState.DRAFTED)]
        assert len(active) <= 1
        if active:
            assert suppression(case, today) is None
            levels += [case.past[active[0]].level]
        done += [code for code, state in result.items() if state in FINAL]
        for step in DEFAULT_STEPS if is_business_day(today) else ():
            if step.code != "MED" and DUE + timedelta(days=step.day + 9) <= today:
                assert step.code in case.past
    assert len(done) == len(set(done))
    assert levels == sorted(levels)


def test_the_preview_is_what_then_happens():
    case = a_case(promised_for=DUE + timedelta(days=9))
    foreseen = [
        (on, step.code)
        for on, step, reason in foresee(case, DEFAULT_STEPS, DUE, 60)
        if reason is None
    ]

    really = []
    for day in range(61):
        case, done = after(case, day)
        really += [
            (DUE + timedelta(days=day), code)
            for code, state in done.items()
            if state in (ReminderState.SENT, ReminderState.DRAFTED)
        ]
    assert foreseen == really
