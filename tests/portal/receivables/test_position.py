"""Where a receivable stands on a day, told the same way by Python, by the view and by the lists."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.receivables import lookup
from portal.receivables.lookup import Filters, ReceivableNotFound, find_receivable
from portal.receivables.models import CreditNote, Receivable
from portal.receivables.position import (
    Status,
    days_past_due,
    position_of,
    positions_of,
    status_of,
)
from tests.builders.lending import a_dispute_on, a_payment_of
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import NOW, TODAY

FACE = 1_200_000
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def a_credit_note_on(session: Session, receivable: Receivable, cents: int) -> None:
    session.add(
        CreditNote(
            assignor_id=receivable.assignor_id,
            debtor_id=receivable.debtor_id,
            receivable_id=receivable.id,
            number=f"A-{receivable.number}-{cents}",
            number_key=f"A-{receivable.number}-{cents}",
            issued_on=TODAY,
            amount_cents=cents,
            currency="EUR",
            created_at=NOW,
        )
    )
    session.flush()


def told(session: Session, receivable: Receivable) -> Status:
    """The status, provided that Python and SQL say the same."""
    session.flush()
    in_python = status_of(receivable, position_of(session, receivable.id), TODAY)
    listed = positions_of(receivable.assignor_id, TODAY)
    in_sql = session.scalar(select(listed.c.status).where(listed.c.id == receivable.id))
    assert in_sql == in_python.value
    return in_python


@pytest.mark.parametrize(
    ("due_on", "paid", "credited", "disputed", "expected"),
    [
        (TOMORROW, 0, 0, 0, Status.UPCOMING),
        (TODAY, 0, 0, 0, Status.DUE),
        (YESTERDAY, 0, 0, 0, Status.OVERDUE),
        (TOMORROW, 1, 0, 0, Status.PART_PAID),
        (TODAY, 1, 0, 0, Status.PART_PAID),
        (YESTERDAY, 1, 0, 0, Status.OVERDUE),
        (YESTERDAY, FACE, 0, 0, Status.PAID),
        (YESTERDAY, FACE - 1, 0, 0, Status.OVERDUE),
        (YESTERDAY, FACE - 1, 1, 0, Status.PAID),
        (YESTERDAY, 0, FACE, 0, Status.CREDITED),
        (YESTERDAY, 0, 0, 1, Status.DISPUTED),
        (TOMORROW, FACE, 0, 1, Status.PAID),
        (None, 0, 0, 0, Status.DRAFT),
    ],
)
def test_each_status_is_told_in_its_order(session, due_on, paid, credited, disputed, expected):
    missing = [] if due_on else ["due_on"]
    receivable = a_receivable(session, an_assignor(session), due_on=due_on, missing=missing)
    if paid:
        a_payment_of(session, receivable, paid)
    if credited:
        a_credit_note_on(session, receivable, credited)
    if disputed:
        a_dispute_on(session, receivable, disputed)

    assert told(session, receivable) is expected


def test_a_cancelled_receivable_is_owed_by_nobody(session):
    receivable = a_receivable(session, an_assignor(session), cancelled_at=NOW)

    assert told(session, receivable) is Status.CANCELLED
    assert position_of(session, receivable.id).outstanding_cents == 0


def test_a_payment_taken_back_counts_no_more(session):
    receivable = a_receivable(session, an_assignor(session))
    a_payment_of(session, receivable, FACE).undone_at = NOW

    assert told(session, receivable) is Status.UPCOMING


@pytest.mark.parametrize(("days", "expected"), [(-1, 1), (0, 0), (1, 0), (-40, 40)])
def test_days_past_due_start_the_day_after(days, expected):
    assert days_past_due(TODAY + timedelta(days=days), TODAY) == expected


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 5_000),
            st.integers(0, 6_000),
            st.integers(0, 6_000),
            st.integers(0, 6_000),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_the_list_says_to_the_cent_what_the_view_says(session, drawn):
    assignor = an_assignor(session)
    debtor = a_debtor(session, assignor)
    for face, paid, credited, disputed in drawn:
        receivable = a_receivable(
            session, assignor, debtor, face_cents=face, prepaid_cents=face // 7
        )
        for cents, happens in (
            (paid, a_payment_of),
            (credited, a_credit_note_on),
            (disputed, a_dispute_on),
        ):
            if cents:
                happens(session, receivable, cents)
    session.flush()

    sums = "paid_cents, credited_cents, disputed_cents, outstanding_cents"
    view = session.execute(
        text(f"SELECT receivable_id, {sums} FROM receivable_position WHERE assignor_id = :a"),
        {"a": assignor.id},
    ).all()
    row = positions_of(assignor.id, TODAY).c
    listed = session.execute(
        select(
            row.id, row.paid_cents, row.credited_cents, row.disputed_cents, row.outstanding_cents
        )
    ).all()

    assert sorted(map(tuple, listed)) == sorted(map(tuple, view))


def test_a_list_is_filtered_sorted_and_summed_over_all_its_pages(session):
    assignor = an_assignor(session)
    debtor = a_debtor(session, assignor, name="Charpentes Exemple")
    for days in range(5):
        a_receivable(
            session, assignor, debtor, due_on=TODAY - timedelta(days=days), face_cents=1_000
        )
    a_receivable(session, assignor)

    page = lookup.list_receivables(
        session,
        assignor.id,
        Filters(text="charpENTES"),
        today=TODAY,
        sort="due",
        page=2,
        per_page=2,
    )

    assert [row.due_on for row in page.rows] == [
        TODAY - timedelta(days=2),
        TODAY - timedelta(days=1),
    ]
    assert (page.total, page.pages) == (5, 3)
    [totals] = page.totals
    assert (totals.face_cents, totals.outstanding_cents, totals.overdue_cents) == (
        5_000,
        5_000,
        4_000,
    )


@pytest.mark.parametrize("typed", ["%", "_", "100%", "\\"])
def test_what_is_typed_in_the_search_is_no_pattern(session, typed):
    assignor = an_assignor(session)
    a_receivable(session, assignor, number="F-100")

    found = lookup.list_receivables(session, assignor.id, Filters(text=typed), today=TODAY)

    assert found.total == 0


@pytest.mark.parametrize("sort", [*lookup.SORTS, *(f"-{key}" for key in lookup.SORTS), "nonsense"])
def test_every_sort_shows_every_row_once(session, sort):
    assignor = an_assignor(session)
    mine = {a_receivable(session, assignor).id for _ in range(5)}

    pages = [
        lookup.list_receivables(
            session, assignor.id, Filters(), today=TODAY, sort=sort, page=page, per_page=2
        )
        for page in (1, 2, 3)
    ]

    assert [row.id for page in pages for row in page.rows].__len__() == 5
    assert {row.id for page in pages for row in page.rows} == mine


def test_a_stranger_cannot_tell_that_the_receivable_exists(session):
    receivable = a_receivable(session, an_assignor(session))

    with pytest.raises(ReceivableNotFound):
        find_receivable(session, receivable.id, assignor_id=an_assignor(session).id)
