"""A broker asks for a mandate, and works for its client within it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.steps import (
    BROKER,
    HAULIER,
    choose_what_suits,
    come_back_until,
    follow,
    fr,
    is_told,
    press,
    send_the_request,
    sign_in,
)

CLIENT, CLIENT_SIREN = "Transports Fictif et Fils", "000102004"
BROKER_NAME = "Courtage Exemple Financement"


def ask_for_the_mandate(broker: Page) -> None:
    """Ask, unless the demonstration's own request still waits for its answer: then withdraw it first."""
    row = broker.get_by_role("row").filter(has_text=CLIENT)
    withdraw = row.get_by_role("link", name=fr("Withdraw"), exact=True)
    if withdraw.count():
        withdraw.click()
        press(broker, "Withdraw the request")
    press(broker, "Ask for a mandate")
    broker.get_by_label("SIREN").fill(CLIENT_SIREN)
    broker.get_by_label(fr("Company name")).fill(CLIENT)
    broker.get_by_label(fr("E-mail address of its manager")).fill(HAULIER)
    broker.get_by_label(fr("What the mandate is for")).fill("Recherche de financements.")
    press(broker, "Send the request")
    is_told(broker, "The request was sent: the company accepts or declines online.")


def test_a_broker_applies_for_its_client_but_never_decides_for_it(
    page: Page, someone: Callable[..., Page]
) -> None:
    broker = sign_in(page, BROKER)
    ask_for_the_mandate(broker)

    client = sign_in(someone(), HAULIER)
    follow(client, "Brokers")
    press(client, "Accept")
    is_told(client, "The mandate is in force; you can revoke it at any time.")

    follow(broker, "Clients")
    row = broker.get_by_role("row").filter(has_text=CLIENT)
    row.get_by_role("button", name=fr("Act for this client")).click()
    expect(
        broker.get_by_text(fr("You are acting for %(name)s, under its mandate.", name=CLIENT))
    ).to_be_visible()
    choose_what_suits(broker, {"Avance Factice": "Invoice advance"})
    reference = send_the_request(broker, ["Invoice advance"])
    come_back_until(broker, broker.get_by_role("link", name=fr("Compare and choose")))
    press(broker, "Compare and choose")
    expect(broker.get_by_text(fr("An owner of the company decides.")).first).to_be_visible()
    expect(broker.get_by_role("link", name=fr("Choose"))).to_have_count(0)
    menu = broker.get_by_role("navigation", name=fr("Main navigation")).filter(visible=True)
    expect(menu.get_by_role("link", name=fr("Brokers"), exact=True)).to_have_count(0)

    follow(client, "Funding")
    client.get_by_role("link", name=reference).click()
    press(client, "Compare and choose")
    expect(client.get_by_role("link", name=fr("Choose")).first).to_be_visible()
