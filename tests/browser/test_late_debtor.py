"""A debtor pays late: reminders leave as the days pass, and stop when it pays."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import combinations

from playwright.sync_api import Locator, Page, expect

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


def reminded_twice_soon(company: Page, tomorrow: date) -> tuple[tuple[str, str], date, date]:
    """Two invoices first reminded on one day, and each again soon: their numbers, that day, the last one."""
    follow(company, "To chase")
    press(company, "Scenarios")
    scenarios = company.get_by_role("table", name=fr("Your scenarios"))
    scenarios.get_by_role("link").first.click()
    table = company.get_by_role("table", name=fr("What the scenario would do"))
    planned: dict[str, list[date]] = {}
    for row in table.get_by_role("row").all()[1:]:
        day, step, number = row.get_by_role("cell").all_inner_texts()[:3]
        day_planned = DAYS[day.strip()]
        is_mail = step.strip().endswith(fr("E-mail"))
        if is_mail and day_planned >= tomorrow:
            planned.setdefault(number.strip(), []).append(day_planned)
    twice = {number: days for number, days in planned.items() if len(days) > 1}
    last, first, pair = min(
        (max(twice[one][1], twice[other][1]), twice[one][0], (one, other))
        for one, other in combinations(twice, 2)
        if twice[one][0] == twice[other][0]
    )
    return pair, first, last


def messages_about(company: Page, number: str) -> Locator:
    """The messages about an invoice in the company's list."""
    company.goto(f"/messages/?q={number}")
    return company.get_by_role("table", name=fr("Messages")).get_by_role("link")


def test_reminders_go_out_on_their_day_and_stop_once_the_debtor_has_paid(
    page: Page, someone: Callable[..., Page]
) -> None:
    company, operator = sign_in(page, HAULIER), sign_in(someone(), OPERATOR)
    tomorrow = day_shown(operator) + timedelta(days=1)
    (unpaid, paid), first, last = reminded_twice_soon(company, tomorrow)
    before = {number: messages_about(company, number).count() for number in (unpaid, paid)}

    move_to(operator, first)
    for number in (unpaid, paid):
        come_back_until(company, messages_about(company, number).nth(before[number]))
    follow(operator, "Messages")
    subject = messages_about(company, paid).first.inner_text()
    expect(operator.get_by_role("link").filter(has_text=subject).first).to_be_visible()

    company.goto(f"/collections/?q={paid}")
    company.get_by_role("link", name=paid, exact=True).click()
    hint = company.get_by_text(fr("Principal owed: %(amount)s", amount=""))
    owed = hint.inner_text().split(":")[1].replace("€", "").strip()
    company.get_by_label(fr("Amount received")).fill(owed)
    company.get_by_role("radio", name=fr("Principal first, as agreed with the debtor")).check()
    press(company, "Record the payment")
    expect(company.get_by_text("La facture est payée.")).to_be_visible()

    move_to(operator, last)
    come_back_until(company, messages_about(company, unpaid).nth(before[unpaid] + 1))
    expect(messages_about(company, paid)).to_have_count(before[paid] + 1)
