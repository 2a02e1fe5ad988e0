"""What people do again and again, by the words they read on the page."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from playwright.sync_api import Locator, Page, expect

from portal import translations
from portal.clock import Clock
from portal.demo.accounts import PASSWORD
from portal.demo.samples import sample_invoices

JOINER = "dirigeante@menuiserie.example"
HAULIER = "gerant@transport.example"
AGENCY = "associee@agence.example"
BANK = "credit@banque.example"
BROKER = "courtier@cabinet.example"
OPERATOR = "operateur@encaisse.example"
REGIONAL_BANK = "Crédit Fictif Régional"
"""The lender of `BANK`, which works in the portal."""

FRENCH: Catalog = translations.merge_areas(translations.HERE / "fr")
TRIES = 30
TRY_MS = 1_500
AFTER = re.compile(r"%\(\w+\)[sd]")


def fr(text: str, **values: object) -> str:
    """The French of a text of the product, as its catalogues have it; the journeys read French pages."""
    message = FRENCH.get(text)
    said = message.string if message and isinstance(message.string, str) else text
    return said % values if values else said


def like(text: str) -> re.Pattern[str]:
    """The French of a text that holds values, whatever they are."""
    return re.compile(".+".join(re.escape(part) for part in AFTER.split(fr(text))))


def sign_in(page: Page, email: str, password: str = PASSWORD) -> Page:
    """Come in by the front door."""
    page.goto("/sign-in")
    page.get_by_label(fr("E-mail address")).fill(email)
    page.get_by_label(fr("Password"), exact=True).fill(password)
    page.get_by_role("button", name=fr("Sign in"), exact=True).click()
    expect(page.get_by_role("navigation", name=fr("Main navigation"))).to_be_visible()
    return page


def press(page: Page, text: str) -> None:
    """Click the button, or the link that looks like one, of this name."""
    named = page.get_by_role("button", name=fr(text), exact=True)
    named.or_(page.get_by_role("link", name=fr(text), exact=True)).first.click()


def is_told(page: Page, text: str) -> None:
    """The page says so, in the notice that follows an act."""
    expect(page.get_by_role("status").filter(has_text=like(text))).to_be_visible()


def menu_of(page: Page) -> dict[str, str]:
    """The entries of the menu in their order: what each is called, and its address."""
    links = page.locator("nav.sidebar-nav").get_by_role("link").all()
    return {
        one.locator("span").first.inner_text().strip(): one.get_attribute("href") or ""
        for one in links
    }


def follow(page: Page, text: str) -> None:
    """Go to a page of the menu."""
    menu = page.get_by_role("navigation", name=fr("Main navigation"))
    entry = menu.get_by_role("link").filter(has=page.get_by_text(fr(text), exact=True))
    entry.first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def come_back_until(page: Page, awaited: Locator) -> None:
    """Look again, as people do, until the work done behind the pages shows."""
    for _ in range(TRIES):
        try:
            expect(awaited).to_be_visible(timeout=TRY_MS)
            return
        except AssertionError:
            page.reload()
    expect(awaited).to_be_visible()


def invoice_files(directory: Path, siren: str) -> Iterator[Path]:
    """Five Factur-X invoices a fictional company issued lately; one runs over several pages."""
    for name, content in sample_invoices(siren, Clock().day()):
        path = directory / name
        path.write_bytes(content)
        yield path


def choose_in_the_list(page: Page, invoices: int) -> None:
    """Tick the first invoices that can be financed, and go on."""
    follow(page, "Invoices")
    boxes = page.get_by_role("cell").get_by_role("checkbox", disabled=False)
    for row in range(invoices):
        boxes.nth(row).check()
    press(page, "Finance these")


def choose_what_suits(page: Page, wanted: Mapping[str, str]) -> str:
    """Open invoices until these lenders would take one, each for its product; its number."""
    follow(page, "Invoices")
    rows = page.get_by_role("row").filter(has=page.get_by_role("checkbox", disabled=False))
    links = rows.locator("td.cell-primary").get_by_role("link").all()
    found = [(one.inner_text(), one.get_attribute("href") or "") for one in links]
    for number, address in found:
        page.goto(address)
        takers = page.locator("details.quote summary").filter(has_text=fr("Eligible"))
        if all(
            takers.filter(has_text=lender).filter(has_text=fr(product)).count()
            for lender, product in wanted.items()
        ):
            press(page, "Finance it")
            return number
    raise AssertionError(f"no invoice of the first page suits {dict(wanted)}")


def send_the_request(page: Page, products: list[str]) -> str:
    """Choose kinds of funding, read the statement, send the request; its reference."""
    kinds = page.get_by_role("group", name=fr("Ask for"))
    for box in kinds.get_by_role("checkbox").all():
        box.uncheck()
    for product in products:
        kinds.get_by_role("checkbox", name=fr(product)).check()
    press(page, "Continue")
    consent = "I have read this statement, and I ask that my file be sent to lenders."
    page.get_by_role("checkbox", name=fr(consent)).check()
    press(page, "Send to lenders")
    is_told(page, "Your request is on its way to lenders.")
    return page.get_by_role("heading", level=1).inner_text().split()[-1]


def open_dossier(lender: Page, reference: str) -> None:
    """Find the dossier of this reference in the lender's queue, once it has arrived there."""
    follow(lender, "Queue")
    row = lender.get_by_role("row").filter(has_text=reference)
    come_back_until(lender, row)
    row.get_by_role("link").click()
    expect(lender.get_by_role("button", name=fr("Make this offer"))).to_be_visible()


def accept_the_offer_of(page: Page, lender: str) -> None:
    """Wait for its offer, compare, choose its column, confirm."""
    offer = page.get_by_role("article").filter(has_text=lender).filter(has_text=fr("Firm offer"))
    come_back_until(page, offer)
    press(page, "Compare and choose")
    table = page.get_by_role("table", name=fr("Offers side by side"))
    heads = table.get_by_role("columnheader")
    expect(heads.filter(has_text=lender)).to_be_visible()
    column = [lender in text for text in heads.all_inner_texts()].index(True)
    table.get_by_role("link", name=fr("Choose")).nth(column).click()
    press(page, "Accept this offer")


def sign_the_deed(page: Page, name: str) -> None:
    """Read the deed once it is drafted, consent, and type one's name."""
    come_back_until(page, page.get_by_role("link", name=fr("Read and sign the deed")))
    press(page, "Read and sign the deed")
    page.get_by_role("checkbox", name=fr("I consent in these words.")).check()
    page.get_by_label(fr("Type your name to sign")).fill(name)
    page.get_by_label(fr("Your capacity")).fill("Gérante")
    press(page, "Sign the deed")
