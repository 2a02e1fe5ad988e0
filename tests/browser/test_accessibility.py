"""Every page can be read by everyone: with assistive tools, on a telephone, in French and in English."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.steps import BANK, BROKER, JOINER, OPERATOR, fr, menu_of, sign_in

AXE = Path(__file__).parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN_AXE = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
DESK: ViewportSize = {"width": 1280, "height": 900}
TELEPHONE: ViewportSize = {"width": 390, "height": 844}
PUBLIC = ["/", "/apply/", "/apply/?company=imaginaire", "/apply/?company=000157008", "/sign-in"]
BESIDE_THE_MENU = {
    JOINER: ["/collections/scenarios/", "/imports/"],
    BROKER: ["/brokers/mandates/ask"],
}
"""Pages reached by a button rather than by the menu or a list."""


def problems_of(page: Page, address: str) -> Iterator[str]:
    """What is wrong with a page at both widths, one line each."""
    page.set_viewport_size(DESK)
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.evaluate(AXE.read_text())
    for size in (DESK, TELEPHONE):
        page.set_viewport_size(size)
        where = f"{address} at {size['width']}"
        for found in page.evaluate(RUN_AXE, RULES)["violations"]:
            for node in found["nodes"]:
                yield f"{where}: {found['id']}: {node['html'][:160]}"
        if page.evaluate("document.documentElement.lang") != "fr":
            yield f"{where}: not in French"
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            yield f"{where}: {width} pixels wide"


def addresses_for(page: Page) -> Iterator[str]:
    """The pages of the menu, and the first page each of their lists leads to."""
    for address in menu_of(page).values():
        yield address
        page.goto(address)
        rows = page.get_by_role("main").get_by_role("row")
        first = rows.get_by_role("link").and_(page.locator("td a")).first
        if first.count():
            yield first.get_attribute("href") or address


def requests_in_each_state(page: Page) -> Iterator[str]:
    """One funding request in each state; then offers to compare, a deed to sign and a statement."""
    page.goto("/funding/?show=all")
    rows = page.get_by_role("main").get_by_role("row").filter(has=page.locator("td a"))
    by_state = {
        row.locator(".pill").first.inner_text(): row.locator("td a").first.get_attribute("href")
        for row in rows.all()
    }
    beyond = dict.fromkeys(("Compare and choose", "The deed", "Statement"), "")
    for address in by_state.values():
        assert address
        yield address
        page.goto(address)
        for name in beyond:
            link = page.get_by_role("link", name=fr(name), exact=True)
            if link.count():
                beyond[name] = link.get_attribute("href") or ""
    assert all(beyond.values())
    yield from beyond.values()


@pytest.mark.parametrize("email", [JOINER, BANK, BROKER, OPERATOR])
def test_every_page_of_a_member_is_accessible_and_fits_a_telephone(page: Page, email: str) -> None:
    sign_in(page, email)
    addresses = [*addresses_for(page), *BESIDE_THE_MENU.get(email, [])]
    if email == JOINER:
        addresses += requests_in_each_state(page)

    problems = [
        problem for address in dict.fromkeys(addresses) for problem in problems_of(page, address)
    ]

    assert not problems, "\n".join(problems)


def test_every_public_page_is_accessible_and_fits_a_telephone(page: Page) -> None:
    problems = [problem for address in PUBLIC for problem in problems_of(page, address)]

    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("email", [JOINER, BANK, BROKER, OPERATOR])
def test_a_member_reads_every_page_in_the_language_of_their_choice(page: Page, email: str) -> None:
    french = menu_of(sign_in(page, email))

    page.get_by_role("button", name="English").click()
    try:
        expect(page.locator("html")).to_have_attribute("lang", "en")
        english = menu_of(page)
        assert [fr(label) for label in english] == list(french)
        for address in english.values():
            page.goto(address)
            expect(page.locator("html")).to_have_attribute("lang", "en")
            expect(page).not_to_have_title(fr("Home"))
    finally:
        page.get_by_role("button", name="Français").click()
        expect(page.locator("html")).to_have_attribute("lang", "fr")
