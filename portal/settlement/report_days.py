"""The days a lender may state: an act has happened, money may be valued a little later."""

from datetime import date

from partners.vocabulary.lending import LenderReply
from pricing.calendar import add_business_days

VALUE_DAYS_STANDARD = 2
"""Business days by which a bank usually values a movement after the operation."""

DATE_IN_FUTURE = "date_in_future"
VALUE_DATE_TOO_FAR = "value_date_too_far"


def latest_value_date(today: date, value_days: int = 0) -> date:
    """The last value date a movement reported on ``today`` may bear.

    Two business days after it, or the ``value_days`` of the lender's rate card when they are more;
    never before the first of them, so that a week-end or a holiday does not shorten the delay.
    """
    return add_business_days(today, max(VALUE_DAYS_STANDARD, value_days))


def act_day_refusal(day: date | None, today: date) -> str | None:
    """The code that refuses the day of an act (a deed dated, a debtor notified) that has not come."""
    return DATE_IN_FUTURE if day is not None and day > today else None


def value_date_refusal(day: date | None, today: date, value_days: int = 0) -> str | None:
    """The code that refuses a value date further ahead than the trade's practice."""
    too_far = day is not None and day > latest_value_date(today, value_days)
    return VALUE_DATE_TOO_FAR if too_far else None


def days_refusal(reply: LenderReply, today: date, value_days: int = 0) -> str | None:
    """Why the days of a lender's message cannot be, whichever way it came; None when they can."""
    return (
        act_day_refusal(reply.deed_dated_on, today)
        or act_day_refusal(reply.notified_on, today)
        or value_date_refusal(reply.value_date, today, value_days)
    )


def happened_on(stated: date | None, today: date) -> date:
    """The day something happened by the lender's own clock, never after ours."""
    return min(stated or today, today)
