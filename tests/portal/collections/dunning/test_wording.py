"""The words of reminders: what they say, what an assignor may write, and what is refused."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from sqlalchemy.orm import Session

from portal.collections.dunning.casefile import case_files
from portal.collections.dunning.reminding import write_reminder, write_together
from portal.collections.dunning.steps import Step, Tone
from portal.collections.dunning.wording import (
    LOCALES,
    Value,
    WordingRefused,
    Words,
    check_words,
    compose,
    kinds,
    proposed_words,
    save_words,
    words_of_assignor,
)
from portal.debtors.models import DebtorSegment
from pricing.parameters import law
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import NOW

DUE = date(2026, 5, 1)
ON = date(2026, 9, 1)
STEPS = {
    "reminder_pre": Step("PRE", -5),
    "reminder_r1": Step("R1", 1),
    "reminder_r2": Step("R2", 8, Tone.FIRM),
    "reminder_r3": Step("R3", 15, Tone.FINAL),
}


def written(session: Session, kind: str, *, own=None, several: int = 1, **debtor):
    assignor = an_assignor(session, legal_name="Menuiserie Exemple SARL", siren="000000018")
    owed = a_debtor(session, assignor, **debtor)
    facts = {"debtor": owed, "face_cents": 1_000_000, "due_on": DUE}
    facts["issued_on"] = DUE - timedelta(days=30)
    ids = [a_receivable(session, assignor, **facts).id for _ in range(several)]
    files = list(case_files(session, assignor, ids, today=ON).values())
    told = [(file, STEPS[kind]) for file in files]
    return write_together(told, assignor, ON, law(), own or {}).draft


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", kinds())
def test_every_proposed_text_passes_its_own_check(kind: str, locale: str):
    check_words(kind, proposed_words(kind, locale))


def test_the_second_reminder_says_what_is_asked_line_by_line_with_its_article(session: Session):
    said = written(session, "reminder_r2").body_text

    for part in ("413,75", "40,00", "10\u202f453,75", "L441-10", "D441-5"):
        assert part in said


@pytest.mark.parametrize("kind", ["reminder_pre", "reminder_r1"])
def test_the_first_messages_ask_for_the_principal_alone(session: Session, kind: str):
    said = written(session, kind).body_text

    assert "413,75" not in said
    assert "10\u202f000,00" in said


def test_a_statement_adds_up_and_says_its_sources(session: Session):
    draft = written(session, "reminder_r2", several=3)

    assert draft.kind == "reminder_statement_2"
    assert "31\u202f361,25" in draft.body_text
    assert draft.body_text.count("413,75") == 3
    assert "L441-10" in draft.body_text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", list(STEPS))
def test_a_reminder_never_adds_a_cost_nor_looks_official(session: Session, kind: str, locale: str):
    said = written(session, kind, locale=locale).body_text.lower()

    for banned in ("frais de dossier", "huissier", "commissaire", "tribunal", "bailiff", "court"):
        assert banned not in said.replace("courtois", "")
    assert "menuiserie exemple" in said


@pytest.mark.parametrize("kind", ["reminder_r2", "reminder_r3"])
def test_a_first_message_never_speaks_of_earlier_ones(session: Session, kind: str):
    assert "rappels précédents" not in written(session, kind).body_text


def test_a_consumer_reads_no_penalty_and_no_indemnity(session: Session):
    said = written(session, "reminder_r3", segment=DebtorSegment.CONSUMER).body_text

    assert "L441-10" not in said
    assert "D441-5" not in said


def test_what_people_typed_stays_text_in_the_html(session: Session):
    draft = written(session, "reminder_r1", contact_name="<script>alert(1)</script>")

    assert "<script>" not in (draft.body_html or "")
    assert "<script>" in draft.body_text


def test_an_assignors_own_words_are_used_in_the_debtors_language(session: Session):
    assignor = an_assignor(session)
    words = Words("Rappel {number}", "Bonjour {contact},\n\nMerci.\n\n{payment}\n\n{signature}")
    for _ in range(2):
        save_words(session, assignor.id, "reminder_r1", "fr", words, by=None, at=NOW)
    receivable = a_receivable(session, assignor, due_on=DUE, issued_on=DUE - timedelta(days=30))
    file = case_files(session, assignor, [receivable.id], today=ON)[receivable.id]
    own = words_of_assignor(session, assignor.id)

    draft = write_reminder(file, STEPS["reminder_r1"], assignor, ON, law(), own).draft

    assert draft.subject == f"Rappel {receivable.number}"
    assert draft.body_text.startswith("Bonjour,\n\nMerci.")


@pytest.mark.parametrize(
    ("subject", "body", "code", "name"),
    [
        ("x", "{payment} {signature} {solde}", "unknown_variable", "solde"),
        ("{details}", "{payment} {signature}", "unknown_variable", "details"),
        ("x", "{payment} {signature} {0.__class__}", "unknown_variable", "0.__class__"),
        ("x", "{payment}", "needed", "signature"),
        ("x", "{payment} {signature} }", "stray_brace", ""),
        ("", "{payment} {signature}", "empty", ""),
        ("x", "{payment} {signature}" + "a" * 8_000, "too_long", ""),
    ],
)
def test_words_that_could_not_be_sent_are_refused(subject: str, body: str, code: str, name: str):
    with pytest.raises(WordingRefused) as refused:
        check_words("reminder_r2", Words(subject, body))

    assert (refused.value.code, refused.value.name) == (code, name)


@given(st.text(), st.text())
def test_what_a_variable_holds_is_never_read_as_words(first: str, second: str):
    words = Words("s", "{contact}\n\n{debtor}")
    values = {"contact": Value.of(first), "debtor": Value.of(f"{{contact}}{second}")}

    said = compose(words, values)

    assert "{contact}" in said.text
    assert str(Markup.escape(second)).split("\n")[0].strip() in said.html.replace("<br>", "\n")
