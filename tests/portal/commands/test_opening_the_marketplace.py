"""An operator opens a lender from the shell: founded, connected, with its cards in force."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from portal.commands.organisations import lender, organisation
from portal.config import Settings
from portal.runtime import Runtime
from portal.upgrade import bring_up_to_date
from tests.conftest import fresh_database

CARDS = """
[[rate_card]]
slug = "dailly"
title = "Cession Dailly"
product = "dailly"
policy = { tenor_days_min = 10, tenor_days_max = 120 }

[rate_card.tariff]
advance_rate = "0.80"
index_rate = "0.02"
margin_rate = "0.025"
fee_per_slip = "15.00"
fee_per_receivable = "5.00"
vat_rate = "0.20"
"""


@pytest.fixture
def opened(server_url: str, worker_id: str, tmp_path: Path) -> Settings:
    settings = replace(
        Settings(),
        database_url=fresh_database(server_url, f"commands_{worker_id}"),
        var_directory=tmp_path,
    )
    bring_up_to_date(settings)
    return settings


def run(command: object, settings: Settings, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(command, list(arguments), obj=settings, input=typed)  # type: ignore[arg-type]


def test_a_lender_is_founded_connected_and_given_its_cards(opened: Settings, tmp_path: Path):
    cards = tmp_path / "cards.toml"
    cards.write_text(CARDS)

    founded = run(
        organisation, opened, "found", "lender", "Banque Exemple", "--siren", "000105007",
        "--owner", "credit@banque.example",
    )  # fmt: skip
    connected = run(
        lender, opened, "connect", "000105007", "banque-exemple", "--endpoint", "https://api.example",
        "--status", "établissement de crédit", typed="a secret\n",
    )  # fmt: skip
    priced = run(lender, opened, "cards", "banque-exemple", str(cards), "--activate")

    assert (founded.exit_code, connected.exit_code, priced.exit_code) == (0, 0, 0)
    assert "a secret" not in connected.output
    with Runtime.running(opened) as runtime, runtime.transaction() as session:
        card = session.execute(text("SELECT version, activated_at FROM rate_card")).one()
        sealed = session.scalar(text("SELECT outgoing_key FROM lender_secret"))
        invited = session.scalar(text("SELECT to_address FROM message"))
    assert card.version == 1
    assert card.activated_at is not None
    assert "a secret" not in sealed
    assert invited == "credit@banque.example"


def test_a_remote_lender_without_an_address_is_refused(opened: Settings):
    answer = run(lender, opened, "connect", "000105007", "banque-exemple", "--status", "x")

    assert answer.exit_code == 2
    assert "--endpoint is needed" in answer.output


def test_cards_of_an_unknown_lender_say_what_to_do_first(opened: Settings, tmp_path: Path):
    cards = tmp_path / "cards.toml"
    cards.write_text(CARDS)

    answer = run(lender, opened, "cards", "nobody", str(cards))

    assert answer.exit_code == 1
    assert "connect it first" in answer.output
