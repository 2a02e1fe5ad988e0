"""A debtor's reply is sorted by rules anyone can read."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from portal.collections.answers.sorting import Meaning, own_words, sort_reply

MONDAY = date(2026, 11, 23)
TABLE = tomllib.loads(Path(__file__).with_name("replies.toml").read_text("utf-8"))
CASES = [
    (Meaning(meaning), case[0], case[1] if len(case) > 1 else None)
    for meaning, found in TABLE.items()
    for case in found["cases"]
]


@pytest.mark.parametrize(("meaning", "text", "day"), CASES)
def test_a_reply_is_understood_as_a_person_would(meaning, text, day):
    found = sort_reply("Re: Rappel", text, automatic=False, today=MONDAY)

    assert found.meaning is meaning, (found.rule, found.words)
    assert (found.day.isoformat() if found.day else None) == day


def test_sixty_phrases_at_least_and_every_meaning_has_some():
    assert len(CASES) >= 60
    assert {meaning for meaning, _, _ in CASES} == set(Meaning)


def test_the_words_that_matched_are_told():
    found = sort_reply("", "Bonjour,\nNous CONTESTONS 300 €.", automatic=False, today=MONDAY)

    assert (found.rule, found.words) == ("dispute_told", "contestons")
    assert found.amount_cents == 300_00


@pytest.mark.parametrize(
    ("written", "cents"),
    [("1 250,50 €", 125_050), ("€1,250.50", 125_050), ("2.000 euros", 200_000), ("90€", 9_000)],
)
def test_an_amount_is_read_however_it_is_punctuated(written, cents):
    text = f"Nous paierons {written} demain."

    assert sort_reply("", text, automatic=False, today=MONDAY).amount_cents == cents


def test_what_a_reply_quotes_of_our_reminder_is_not_read():
    text = "Bien reçu.\n\nLe lun. 23 nov. 2026 à 09:00, Exemple a écrit :\n> Nous contestons."

    assert own_words(text) == "Bien reçu."
    assert sort_reply("", text, automatic=False, today=MONDAY).meaning is Meaning.OTHER


def test_a_machine_that_says_so_is_believed_before_its_words():
    found = sort_reply("", "Nous paierons demain.", automatic=True, today=MONDAY)

    assert (found.meaning, found.rule) == (Meaning.OUT_OF_OFFICE, "automatic_header")


def test_an_absence_told_in_the_subject_alone_is_an_absence():
    found = sort_reply("Réponse automatique : Rappel", "À bientôt", automatic=False, today=MONDAY)

    assert found.meaning is Meaning.OUT_OF_OFFICE


def test_a_hostile_text_is_sorted_in_no_time():
    assert sort_reply("", "paiement " * 20_000, automatic=False, today=MONDAY)
