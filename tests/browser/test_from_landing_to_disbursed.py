"""A company nobody knows arrives, sees what its invoices are worth, and is paid."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

from playwright.sync_api import Locator, Page, Response, expect

from portal.demo.samples import NEWCOMER_SIREN
from tests.browser.steps import (
    OPERATOR,
    accept_the_offer_of,
    choose_in_the_list,
    come_back_until,
    follow,
    fr,
    invoice_files,
    press,
    send_the_request,
    sign_in,
    sign_the_deed,
)

EMAIL = f"gerante-{token_hex(4)}@serrurerie-imaginaire.example"
NAME = "Gérante Imaginaire"
PASSWORD = "une phrase facile à garder"
INTERACTIONS_MAX = 12
SERVER_SECONDS_MAX = 10.0
"""Twelve interactions are the promise; the promised two seconds are printed, since a loaded machine takes longer."""


@dataclass
class Counted:
    """The applicant's hand: every click, every field and every drop counts for one."""

    interactions: int = 0
    answers: list[Response] = field(default_factory=list)

    def click(self, target: Locator) -> None:
        self.interactions += 1
        target.click()

    def fill(self, target: Locator, text: str) -> None:
        self.interactions += 1
        target.fill(text)

    def drop(self, target: Locator, files: list[Path]) -> None:
        self.interactions += 1
        target.set_input_files(files)

    def server_seconds(self) -> float:
        """The server's own time: reading the last file, then computing the priced table."""
        last_file = [one for one in self.answers if one.request.method == "POST"][-1]
        table = next(one for one in self.answers if one.url.endswith("/prices"))
        spent = [one.request.timing for one in (last_file, table)]
        return sum(one["responseEnd"] - one["requestStart"] for one in spent) / 1000


def see_the_prices(page: Page, files: list[Path]) -> Counted:
    """From the landing page to the priced table, as few gestures as it takes."""
    hand = Counted()
    page.on("response", lambda answer: hand.answers.append(answer))
    page.goto("/")
    hand.fill(page.get_by_label(fr("Your company: SIREN or name")), NEWCOMER_SIREN)
    hand.click(page.get_by_role("button", name=fr("See my cash")))
    expect(page.get_by_role("heading", level=1, name="Serrurerie Imaginaire")).to_be_visible()
    hand.fill(page.get_by_label(fr("Your e-mail address")), EMAIL)
    hand.click(page.get_by_role("button", name=fr("Continue to my invoices")))
    hand.drop(page.get_by_label(fr("Drop your invoices here, or choose files")), files)
    expect(page.get_by_role("table", name=fr("Prices by invoice"))).to_be_visible()
    return hand


def open_the_account(page: Page, operator: Page) -> None:
    """Ask for the link, read it in the message the product kept, choose a password."""
    press(page, "Open my account")
    expect(page.get_by_text(EMAIL)).to_be_visible()
    sign_in(operator, OPERATOR)
    follow(operator, "Messages")
    row = operator.get_by_role("row").filter(has_text=EMAIL)
    row.get_by_role("link", name=fr("Confirm your address and open your account")).click()
    page.goto(operator.get_by_role("link", name="/apply/confirm/").get_attribute("href") or "")
    page.get_by_label(fr("Your name")).fill(NAME)
    page.get_by_label(fr("Password")).fill(PASSWORD)
    press(page, "Open my account")
    expect(page.get_by_role("navigation", name=fr("Main navigation"))).to_be_visible()


def test_an_unknown_company_is_paid_the_same_day(
    page: Page, someone: Callable[..., Page], tmp_path: Path
) -> None:
    files = list(invoice_files(tmp_path, NEWCOMER_SIREN))
    hand = see_the_prices(page, files)

    seconds = hand.server_seconds()
    told = f"{hand.interactions} interactions, {seconds:.2f} s of the server's own time"
    print(told)  # noqa: T201 - the figures of a promise, read in the output
    table = page.get_by_role("table", name=fr("Prices by invoice"))
    for file in files:
        expect(table.get_by_text(file.stem, exact=True)).to_be_visible()
    assert hand.interactions <= INTERACTIONS_MAX
    assert seconds <= SERVER_SECONDS_MAX

    open_the_account(page, someone())
    choose_in_the_list(page, 2)
    send_the_request(page, ["Dailly assignment", "Invoice advance"])
    accept_the_offer_of(page, "Banque de l'Exemple")
    sign_the_deed(page, NAME)

    come_back_until(page, page.get_by_role("link", name=fr("Statement")))
    press(page, "Statement")
    expect(page.get_by_role("table", name=fr("Movements"))).to_contain_text(fr("Advance"))
