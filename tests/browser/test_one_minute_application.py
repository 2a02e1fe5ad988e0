"""The application by somebody whose browser runs no script, who goes back, reloads and comes back by the link."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.demo.samples import NEWCOMER_SIREN
from tests.browser.steps import fr, invoice_files, press

EMAIL = "atelier@serrurerie-imaginaire.example"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Five Factur-X invoices, one of several pages."""
    return list(invoice_files(tmp_path, NEWCOMER_SIREN))


def apply_without_script(page: Page, files: list[Path]) -> None:
    """From the landing page to the priced table: eight gestures."""
    page.goto("/")
    page.get_by_label(fr("Your company: SIREN or name")).fill(NEWCOMER_SIREN)
    press(page, "See my cash")
    page.get_by_label(fr("Your e-mail address")).fill(EMAIL)
    press(page, "Continue to my invoices")
    page.get_by_label(fr("Drop your invoices here, or choose files")).set_input_files(files)
    press(page, "Send and see my prices")
    expect(the_table(page)).to_be_visible()


def the_table(page: Page) -> Locator:
    return page.get_by_role("region", name=fr("Prices by invoice"))


def test_nothing_is_lost_without_script_on_reload_back_or_by_the_link(
    someone: Callable[..., Page], files: list[Path]
):
    page = someone(java_script_enabled=False)

    apply_without_script(page, files)
    numbers = [path.stem for path in files]
    for number in numbers:
        expect(the_table(page).get_by_text(number, exact=True)).to_be_visible()

    page.reload()
    expect(the_table(page)).to_be_visible()
    link = page.get_by_role("link", name=fr("Later: keep this link")).get_attribute("href")
    page.go_back()
    expect(page.get_by_role("heading", level=1, name=fr("Drop your invoices"))).to_be_visible()

    elsewhere = someone(viewport={"width": 390, "height": 844})
    elsewhere.goto(link or "")
    expect(the_table(elsewhere)).to_be_visible()
    width = elsewhere.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_the_same_files_again_change_nothing(someone: Callable[..., Page], files: list[Path]):
    page = someone(java_script_enabled=False)
    apply_without_script(page, files)
    before = the_table(page).get_by_role("row").count()

    press(page, "Add invoices")
    page.get_by_label(fr("Drop your invoices here, or choose files")).set_input_files(files)
    press(page, "Send and see my prices")

    expect(the_table(page).get_by_role("row")).to_have_count(before)
