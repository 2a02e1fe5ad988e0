"""Two tabs, two offers, one company in a hurry: only one offer can be accepted."""

import re

from playwright.sync_api import Page, expect

from tests.browser.steps import (
    JOINER,
    choose_what_suits,
    come_back_until,
    fr,
    is_told,
    press,
    send_the_request,
    sign_in,
)

OFFERING = {"Banque de l'Exemple": "Dailly assignment", "Avance Factice": "Invoice advance"}
AT_LEAST_TWO = re.compile(r"^([2-9]|1\d)\b")


def choose_column(tab: Page, column: int) -> None:
    """Open the confirmation of one offer, and stop just before confirming."""
    tab.get_by_role("link", name=fr("Choose")).nth(column).click()
    expect(tab.get_by_role("button", name=fr("Accept this offer"))).to_be_visible()


def test_of_two_offers_accepted_at_once_one_wins_and_the_other_says_why(page: Page) -> None:
    choose_what_suits(sign_in(page, JOINER), OFFERING)
    send_the_request(page, list(OFFERING.values()))
    come_back_until(page, page.get_by_role("heading", name=AT_LEAST_TWO))
    press(page, "Compare and choose")
    other = page.context.new_page()
    other.goto(page.url)
    choose_column(page, 0)
    choose_column(other, 1)

    for tab in (page, other):
        button = tab.get_by_role("button", name=fr("Accept this offer"))
        button.evaluate("button => setTimeout(() => button.click())")
    for tab in (page, other):
        expect(tab.get_by_role("button", name=fr("Accept this offer"))).to_be_hidden()

    alerts = [tab.get_by_role("alert") for tab in (page, other)]
    refused = [alert for alert in alerts if alert.count()]
    assert len(refused) == 1
    expect(refused[0]).to_contain_text(re.compile("vient d'être acceptée pour cette demande"))
    accepted = next(tab for tab in (page, other) if not tab.get_by_role("alert").count())
    is_told(accepted, "Offer accepted. The deed is being drafted: read it, then sign it.")
