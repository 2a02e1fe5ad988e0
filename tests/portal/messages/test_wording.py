"""What messages say, in both languages."""

from datetime import date

import pytest
from jinja2 import UndefinedError

from portal.messages.wording import FOLDER, UnknownKind, compose, kinds

REMINDER = {
    "assignor_name": "Menuiserie Exemple SARL",
    "assignor_address": "1 rue de l'Exemple, 69001 Exempleville",
    "assignor_siren": "000000018",
    "contact_name": None,
    "debtor_name": "Débiteur Exemple",
    "number": "F-1",
    "issued_on": date(2026, 3, 1),
    "due_on": date(2026, 5, 1),
    "asked_on": date(2026, 9, 1),
    "principal_cents": 1_000_000,
    "deducted_cents": 0,
    "penalties_cents": 41_375,
    "indemnity_cents": 4_000,
    "total_cents": 1_045_375,
    "days_past_due": 123,
    "day_count": "ACT/365F",
    "public_buyer": False,
    "reminded": True,
    "currency": "EUR",
    "payee_name": "Menuiserie Exemple SARL",
    "payee_iban": "FR7630006000011234567890189",
    "to_assignee": False,
}


def test_every_kind_is_written_in_both_languages():
    english = {entry.name for entry in FOLDER.joinpath("en").iterdir()}

    assert {f"{kind}.txt" for kind in kinds()} == english


def test_the_second_reminder_says_what_is_asked_line_by_line_with_its_article():
    said = compose("reminder_r2", "fr", **REMINDER)

    assert "413,75" in said.text
    assert "40,00" in said.text
    assert "L441-10" in said.text
    assert "D441-5" in said.text
    assert "10\u202f453,75" in said.text


@pytest.mark.parametrize("kind", ["reminder_pre", "reminder_r1"])
def test_the_first_messages_ask_for_the_principal_alone(kind: str):
    said = compose(kind, "fr", **REMINDER)

    assert "413,75" not in said.text
    assert "10\u202f000,00" in said.text


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind.startswith("reminder_")])
def test_a_reminder_never_adds_a_cost_nor_looks_official(kind: str, locale: str):
    said = compose(kind, locale, **REMINDER).text.lower()

    for banned in ("frais de dossier", "huissier", "commissaire", "tribunal", "bailiff", "court"):
        assert banned not in said
    assert "menuiserie exemple" in said


@pytest.mark.parametrize("kind", ["reminder_r2", "reminder_r3"])
def test_a_first_message_never_speaks_of_earlier_ones(kind: str):
    first = compose(kind, "fr", **{**REMINDER, "reminded": False})

    assert "rappel" not in first.text
    assert "Deuxième" not in first.subject
    assert "rappel" in compose(kind, "fr", **REMINDER).text


def test_a_consumer_reads_no_penalty_and_no_indemnity():
    values = {**REMINDER, "penalties_cents": 0, "indemnity_cents": 0, "total_cents": 1_000_000}

    assert "L441-10" not in compose("reminder_r3", "fr", **values).text


def test_once_assigned_and_notified_the_debtor_is_told_whom_to_pay():
    values = {**REMINDER, "payee_name": "Banque Exemple", "to_assignee": True}

    assert (
        "seul un règlement à Banque Exemple vous libère"
        in compose("reminder_r1", "fr", **values).text
    )


def test_what_people_typed_stays_text_in_the_html():
    values = {**REMINDER, "contact_name": "<script>alert(1)</script>"}

    assert "<script>" not in compose("reminder_r1", "fr", **values).html


def test_a_missing_value_is_an_error_and_not_a_hole():
    with pytest.raises(UndefinedError):
        compose("reminder_r1", "fr", number="F-1")
    with pytest.raises(UnknownKind):
        compose("poem", "fr")
