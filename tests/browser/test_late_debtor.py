"""A debtor pays late: reminders leave as the days pass, and stop when it pays."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from portal.clock import Clock
from portal.web.presentation import day_text
from tests.browser.steps import HAULIER, OPERATOR, come_back_until, follow, fr, press, sign_in

DAYS: Mapping[str, date] = {
    day_text(day, locale="fr"): day
    for day in (Clock().day() + timedelta(days=ahead) for ahead in range(-2, 366))
}
"""The days of the coming year, by how a French page writes them."""


def day_shown(operator: Page) -> date:
    """The day it is everywhere in the demonstration."""
    follow(operator, "Calendar")
    term = operator.get_by_role("term").filter(has_text=fr("Day shown everywhere"))
    return DAYS[term.locator("xpath=following-sibling::dd").inner_text().strip()]


def move_to(operator: Page, day: date) -> None:
    """Move the calendar of the demonstration forward to a day, unless it has come already."""
    ahead = (day - day_shown(operator)).days
    if ahead > 0:
        operator.get_by_label(fr("Days to move forward")).fill(str(ahead))
        press(operator, "Move forward")
        expect(operator.get_by_role("status").filter(has_text="calendrier")).to_be_visible()
    assert day_shown(operator) >= day


def reminded_twice_soon(company: Page, tomorrow: date) -> tuple[str, date, date]:
    """The invoice that the plan is to remind twice the soonest: its number and both days."""
    follow(company, "To chase")
    press(company, "Dunning plan")
    table = company.get_by_role("table", name=fr("What the plan would do"))
    planned: dict[str, list[date]] = {}
    for row in table.get_by_role("row").all()[1:]:
        day, step, number = row.get_by_role("cell").all_inner_texts()[:3]
        day_planned = DAYS[day.strip()]
        is_mail = step.strip() != fr("Formal notice, as a draft") and "\n" not in step.strip()
        if is_mail and day_planned >= tomorrow:
            planned.setdefault(number.strip(), []).append(day_planned)
    twice = [(days[1], days[0], number) for number, days in planned.items() if len(days) > 1]
    second, first, number = min(twice)
    return number, first, second


def messages_about(company: Page, number: str) -> int:
    """How many messages about an invoice the company's list holds."""
    company.goto(f"/messages/?q={number}")
    return company.get_by_role("table", name=fr("Messages")).get_by_role("link").count()


def test_reminders_go_out_on_their_day_and_stop_once_the_debtor_has_paid(
    page: Page, someone: Callable[..., Page]
) -> None:
    company, operator = sign_in(page, HAULIER), sign_in(someone(), OPERATOR)
    tomorrow = day_shown(operator) + timedelta(days=1)
    number, first, second = reminded_twice_soon(company, tomorrow)
    before = messages_about(company, number)

    move_to(operator, first)
    company.goto(f"/messages/?q={number}")
    messages = company.get_by_role("table", name=fr("Messages")).get_by_role("link")
    come_back_until(company, messages.nth(before))
    follow(operator, "Messages")
    expect(operator.get_by_role("link").filter(has_text=number).first).to_be_visible()

    messages.first.click()
    press(company, "The invoice it is about")
    hint = company.get_by_text(fr("Principal owed: %(amount)s", amount=""))
    owed = hint.inner_text().split(":")[1].replace("€", "").strip()
    company.get_by_label(fr("Amount received")).fill(owed)
    company.get_by_role("radio", name=fr("Principal first, as agreed with the debtor")).check()
    press(company, "Record the payment")
    expect(company.get_by_text("La facture est payée.")).to_be_visible()

    move_to(operator, second)
    follow(company, "Messages")
    come_back_until(company, company.get_by_role("cell").filter(has_text=written(second)).first)
    assert messages_about(company, number) == before + 1


def written(day: date) -> str:
    return day_text(day, locale="fr")
