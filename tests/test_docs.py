"""Pages of docs/ that come from the code agree with it, and pages that people write name what exists."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from portal.commands import COMMANDS
from portal.commands.drawing import DOCS, DRAWN
from portal.config import Settings

ROOT = Path(__file__).parent.parent
WRITTEN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_a_page_drawn_from_the_code_is_current(name: str):
    assert (DOCS / name).read_text(encoding="utf-8") == DRAWN[name](), "run `make docs`"


def test_every_setting_is_documented_by_its_variable():
    page = (DOCS / "settings.md").read_text(encoding="utf-8")

    assert [one.name for one in fields(Settings) if f"`{one.metadata['env']}`" not in page] == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path):
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_command_that_a_page_names_exists(page: Path):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z-]+)`", page.read_text(encoding="utf-8")))

    assert {target for target in named if f"\n{target}:" not in makefile} == set()


def test_every_portal_command_has_help_that_says_what_it_does():
    from click.testing import CliRunner

    from portal.commands import portal

    for name in COMMANDS:
        answer = CliRunner().invoke(portal, [name, "--help"])
        assert answer.exit_code == 0, name
        assert len(answer.output.splitlines()) > 3, name


def test_each_decision_has_a_number_of_its_own():
    numbers = [page.name[:4] for page in (DOCS / "decisions").glob("*.md")]

    assert len(set(numbers)) == len(numbers)
