"""The debtor does not pay: the lender calls its recourse, the company repays, the debt is its own again."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.steps import (
    AGENCY,
    BANK,
    REGIONAL_BANK,
    accept_the_offer_of,
    choose_what_suits,
    come_back_until,
    follow,
    fr,
    like,
    open_dossier,
    press,
    send_the_request,
    sign_in,
    sign_the_deed,
)


def test_a_debt_nobody_paid_comes_back_to_the_company(
    page: Page, someone: Callable[..., Page]
) -> None:
    number = choose_what_suits(sign_in(page, AGENCY), {REGIONAL_BANK: "Dailly assignment"})
    reference = send_the_request(page, ["Dailly assignment"])
    lender = sign_in(someone(), BANK)
    open_dossier(lender, reference)
    lender.get_by_label(fr("With recourse against the company")).check()
    press(lender, "Make this offer")
    accept_the_offer_of(page, REGIONAL_BANK)
    sign_the_deed(page, "Associée (démonstration)")
    request_page = page.url.removesuffix("/deed")

    come_back_until(lender, lender.get_by_role("button", name=fr("Date the deed")))
    press(lender, "Date the deed")
    press(lender, "Confirm the payment")
    lender.get_by_text(fr("The debtor does not pay: call recourse")).click()
    press(lender, "Call recourse")

    page.goto(request_page)
    come_back_until(page, page.get_by_text(fr("The lender asks you to repay")))
    press(lender, "Record the repayment")
    press(page, "Statement")
    come_back_until(page, page.get_by_role("cell", name=fr("Recourse repaid"), exact=True))

    follow(page, "Invoices")
    page.get_by_role("searchbox").fill(number)
    expect(page.get_by_role("table", name=fr("Invoices")).get_by_role("row")).to_have_count(3)
    page.get_by_role("link", name=number).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    expect(page.get_by_text(like("Assigned to %(lender)s"))).to_have_count(0)
