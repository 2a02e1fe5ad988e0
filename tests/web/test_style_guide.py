"""Every macro in a real browser, at a desk's and a telephone's width, under the real security policy.

Screenshots are left in ``STYLE_GUIDE_SHOTS`` where it names a folder.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from portal.translations import compile_catalogues
from tests.web.style_guide import COMPANIES, style_guide_site

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = {1280: 900, 390: 844}
PAGES = ["/style-guide", "/", "/error/404", "/error/500"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    compile_catalogues()
    server = make_server("127.0.0.1", 0, style_guide_site(), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator:
    contexts = []

    def opened(path: str, width: int = 1280, **options: object) -> Page:
        viewport = {"width": width, "height": WIDTHS[width]}
        context = browser.new_context(base_url=address, viewport=viewport, locale="fr", **options)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        page.complaints = []  # type: ignore[attr-defined]
        page.on("console", lambda said: _note(page, said.type, said.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


def _note(page: Page, kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        page.complaints.append(text)  # type: ignore[attr-defined]


def _scroll_through(page: Page) -> None:
    height = page.evaluate("document.documentElement.scrollHeight")
    for depth in range(0, height, 500):
        page.evaluate(f"scrollTo(0, {depth})")
        page.wait_for_timeout(30)
    page.evaluate("scrollTo(0, 0)")
    drawn = page.locator("[data-chart].is-drawn")
    expect(drawn).to_have_count(page.locator("[data-chart]").count())


def _barriers(page: Page, within: str = "html") -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "([within, tags]) => axe.run(within, {runOnly: tags})", [within, STANDARDS]
    )
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def _keep(page: Page, name: str) -> None:
    folder = os.environ.get("STYLE_GUIDE_SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_barrier_no_error_and_fits_its_width(open_page, path, width):
    page = open_page(path, width)
    _scroll_through(page)
    _keep(page, f"{path.strip('/').replace('/', '-') or 'landing'}-{width}")

    assert _barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


def test_ticking_receivables_says_how_many_and_how_much(open_page):
    page = open_page("/style-guide")
    bar = page.locator("[data-bulk]")
    expect(bar.get_by_role("button", name="Financer la sélection")).to_be_disabled()

    page.get_by_label("Choisir F-2026-1041").check()
    page.get_by_label("Choisir F-2026-1039").check()

    expect(bar.locator("[data-bulk-count]")).to_have_text("2 lignes choisies")
    expect(bar.locator("[data-bulk-total]")).to_have_text("22 400,75 €")
    expect(bar.get_by_role("button", name="Financer la sélection")).to_be_enabled()


def test_every_row_is_ticked_at_once(open_page):
    page = open_page("/style-guide")

    page.get_by_label("Choisir toutes les lignes de cette page").check()

    expect(page.locator("[data-bulk-count]")).to_have_text("5 lignes choisies")


def test_a_dropped_file_goes_at_once_and_a_refused_one_says_why(open_page):
    page = open_page("/style-guide")
    uploads = page.locator("[data-uploads] li")

    page.locator("input[type=file]").set_input_files(
        [
            {"name": "F-1.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"},
            {"name": "refuse.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"},
        ]
    )

    expect(uploads.nth(0)).to_contain_text("Facture F-1, 1 200,00 €")
    expect(uploads.nth(1)).to_contain_text("Ce PDF est chiffré")
    expect(uploads.nth(1).get_by_role("button", name="Réessayer")).to_be_visible()
    _keep(page, "dropzone-1280")


def test_a_confirmation_opens_closes_on_escape_and_gives_the_focus_back(open_page):
    page = open_page("/style-guide")
    trigger = page.get_by_role("link", name="Retirer la demande")

    trigger.click()
    expect(page.get_by_role("dialog", name="Retirer cette demande")).to_be_visible()
    assert _barriers(page, "dialog[open]") == []
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(trigger).to_be_focused()


def test_an_amount_says_where_it_comes_from(open_page):
    page = open_page("/style-guide")

    page.locator("summary", has_text="84 120,55").click()

    expect(page.get_by_text("Factures finançables (23)")).to_be_visible()
    assert _barriers(page, ".explain[open]") == []
    page.keyboard.press("Escape")
    expect(page.get_by_text("Factures finançables (23)")).to_be_hidden()


def test_an_account_number_is_copied(open_page):
    page = open_page("/style-guide")

    page.get_by_role("button", name="Copier l'IBAN").click()

    expect(page.locator("#toasts")).to_contain_text("Copié")
    assert page.evaluate("navigator.clipboard.readText()").startswith("FR76 3000")


def test_the_menu_of_a_telephone_opens_and_holds_the_navigation(open_page):
    page = open_page("/style-guide", 390)

    page.locator("summary.drawer-toggle").click()

    expect(page.locator(".drawer-panel").get_by_role("link", name="Débiteurs")).to_be_visible()
    assert _barriers(page, ".topbar") == []


def test_a_list_filters_itself_when_a_field_changes(open_page):
    page = open_page("/style-guide")

    page.get_by_label("État", exact=True).select_option("late")

    page.wait_for_url("**/style-guide?*state=late*")
    expect(page.locator("#rows table")).to_be_visible()
    assert page.complaints == []


def test_a_form_clicked_twice_is_sent_once(open_page):
    page = open_page("/style-guide")
    COMPANIES.clear()
    button = page.get_by_role("button", name="Enregistrer")

    button.evaluate("it => { it.click(); setTimeout(() => it.click(), 500) }")

    expect(page).to_have_url(re.compile("/company$"))
    assert len(COMPANIES) == 1


def test_a_broker_sees_for_whom_each_page_acts(open_page):
    page = open_page("/style-guide?client=1")

    expect(page.get_by_text("Vous agissez pour Menuiserie Exemple SARL")).to_be_visible()
    assert _barriers(page, ".client-strip") == []


def test_nothing_is_out_of_reach_without_scripts(open_page):
    page = open_page("/style-guide", java_script_enabled=False)

    page.locator("summary.account-button").click()
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()
    page.get_by_role("link", name="Retirer la demande").click()
    expect(page.get_by_role("dialog", name="Retirer cette demande")).to_be_visible()
    expect(page.get_by_role("button", name="Envoyer les fichiers")).to_be_visible()
    expect(page.get_by_role("button", name="Filtrer")).to_be_visible()


def test_the_figures_of_a_chart_are_there_to_read(open_page):
    page = open_page("/style-guide")

    page.locator("#balance summary").click()

    row = page.locator("#balance tr", has_text="31–60 j")
    expect(row).to_contain_text("2 400,00 €")
    expect(row).to_contain_text("3 100,40 €")


def test_a_first_tab_offers_to_skip_to_the_content(open_page):
    page = open_page("/")

    page.keyboard.press("Tab")

    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
