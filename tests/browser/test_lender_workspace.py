"""A lender works in the portal: it reads a dossier, asks for a piece, then offers; the company sees each answer."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from portal.demo.samples import NEWCOMER_SIREN
from tests.browser.steps import (
    BANK,
    JOINER,
    REGIONAL_BANK,
    choose_what_suits,
    come_back_until,
    fr,
    invoice_files,
    is_told,
    open_dossier,
    press,
    send_the_request,
    sign_in,
)

PIECE = "bon de livraison signé"


def test_the_company_sees_what_the_lender_asks_then_offers(
    page: Page, someone: Callable[..., Page], tmp_path: Path
) -> None:
    choose_what_suits(sign_in(page, JOINER), {REGIONAL_BANK: "Dailly assignment"})
    reference = send_the_request(page, ["Dailly assignment"])
    lender = sign_in(someone(), BANK)

    open_dossier(lender, reference)
    expect(lender.get_by_role("heading", name=fr("What your rules found"))).to_be_visible()
    expect(lender.get_by_role("heading", name=fr("Your exposure on these debtors"))).to_be_visible()
    lender.get_by_label(fr("Ask for a document")).fill(PIECE)
    press(lender, "Ask")
    is_told(lender, "Recorded: the company sees it now.")

    answer = page.get_by_role("article", name=REGIONAL_BANK)
    come_back_until(page, answer.get_by_text(PIECE))
    answer.get_by_label(fr("Document")).set_input_files(
        next(invoice_files(tmp_path, NEWCOMER_SIREN))
    )
    answer.get_by_role("button", name=fr("Send to this lender")).click()
    is_told(page, "The document was sent to this lender.")

    lender.reload()
    lender.get_by_label(fr("Conditions")).fill("Sous réserve du maintien de la domiciliation.")
    press(lender, "Make this offer")
    expect(lender.get_by_role("heading", name=fr("Your offers"))).to_be_visible()

    offer = page.get_by_role("article").filter(
        has_text=REGIONAL_BANK, has=page.get_by_text(fr("Firm offer"))
    )
    come_back_until(page, offer)
    press(page, "Compare and choose")
    table = page.get_by_role("table", name=fr("Offers side by side"))
    expect(table).to_contain_text("Sous réserve du maintien de la domiciliation.")
