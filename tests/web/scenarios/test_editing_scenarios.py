"""An operator of collections edits, reads and activates a scenario, chooses for whom it is, and words its messages."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.collections.dunning.models import (
    DebtorPlacement,
    Scenario,
    ScenarioChoice,
    WordingVersion,
)
from portal.collections.models import Channel, Reminder
from portal.identity.models import Organisation, Role
from portal.receivables.models import Receivable
from tests.builders.organisations import a_member, an_assignor
from tests.builders.receivables import a_receivable
from tests.conftest import TODAY

HERE = "/collections/scenarios"


@pytest.fixture
def assignor(session: Session) -> Organisation:
    return an_assignor(session, legal_name="Menuiserie Exemple SARL")


@pytest.fixture
def owner(session: Session, assignor: Organisation, client_of: Callable):
    return client_of(a_member(session, assignor))


@pytest.fixture
def late(session: Session, assignor: Organisation) -> Receivable:
    due_on = TODAY - timedelta(days=10)
    return a_receivable(
        session, assignor, due_on=due_on, issued_on=due_on - timedelta(days=30), face_cents=123_400
    )


def take(owner, slug: str = "standard") -> None:
    assert owner.post(f"{HERE}/take", data={"slug": slug}).status_code == 303


def activate(owner, slug: str = "standard", version: int = 1) -> None:
    form = {"consent": "1", "version": str(version)}
    assert owner.post(f"{HERE}/{slug}/activate", data=form).status_code == 303


def form_of(html: str) -> dict[str, list[str]]:
    """The fields of the editor as a browser would send them back, buttons aside."""
    part = html[html.index('name="title"') - 400 : html.index('name="save"')]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", part):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and ("checkbox" not in tag or " checked" in tag):
            found.setdefault(name[1], []).append(value[1])
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', part, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = [chosen[1] if chosen else ""]
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', part, re.S):
        found[name] = [text]
    found.pop("csrf_token", None)
    return found


def newest(session: Session, slug: str = "standard") -> Scenario:
    query = select(Scenario).where(Scenario.slug == slug).order_by(Scenario.version.desc())
    return session.scalars(query.limit(1)).one()


def test_a_proposed_scenario_is_taken_read_and_activated(session, owner, late):
    page = owner.get(f"{HERE}/").get_data(as_text=True)
    assert "Mauvais payeur" in page
    take(owner)
    shown = owner.get(f"{HERE}/standard").get_data(as_text=True)
    assert late.number in shown
    assert session.scalars(select(Reminder)).all() == []

    assert owner.post(f"{HERE}/standard/activate", data={"version": "1"}).status_code == 422
    assert newest(session).activated_at is None
    activate(owner)

    session.expire_all()
    assert newest(session).activated_at is not None
    assert session.scalars(select(ScenarioChoice)).one().slug == "standard"


def test_a_step_is_added_moved_and_removed_and_nothing_is_stored_before_saving(
    session, owner, late
):
    take(owner)
    form = form_of(owner.get(f"{HERE}/standard").get_data(as_text=True))

    page = owner.post(f"{HERE}/standard", data={**form, "add": "1"}).get_data(as_text=True)
    form = form_of(page)
    assert len(form["code"]) == 6
    removed = {**form, "remove": "PRE"}
    form = form_of(owner.post(f"{HERE}/standard", data=removed).get_data(as_text=True))
    assert form["code"][0] == "R1"
    moved = {**form, "up": "R2"}
    form = form_of(owner.post(f"{HERE}/standard", data=moved).get_data(as_text=True))
    assert form["code"][:2] == ["R2", "R1"]
    assert newest(session).version == 1

    added = form["code"][-1]
    form |= {f"channel-{added}": ["sms"], f"tone-{added}": ["final"], f"day-{added}": ["40"]}
    form |= {f"anchor-{added}": ["due"]}
    form["code"].remove("MED")
    assert owner.post(f"{HERE}/standard", data={**form, "save": "1"}).status_code == 303
    saved = newest(session)
    assert saved.version == 2
    assert saved.activated_at is None
    assert saved.steps[-1]["channel"] == Channel.SMS


def test_what_cannot_run_is_said_beside_its_field_and_what_was_typed_stays(session, owner):
    take(owner)
    form = form_of(owner.get(f"{HERE}/standard").get_data(as_text=True))

    wrong = owner.post(f"{HERE}/standard", data={**form, "day-R1": "demain", "save": "1"})
    assert wrong.status_code == 422
    assert "Écrivez un nombre de jours" in wrong.get_data(as_text=True)
    twice = owner.post(f"{HERE}/standard", data={**form, "day-R1": "8", "save": "1"})
    assert twice.status_code == 422
    assert "le même jour" in twice.get_data(as_text=True)
    assert newest(session).version == 1


def test_a_version_read_before_it_changed_is_not_activated(session, owner):
    take(owner)
    form = form_of(owner.get(f"{HERE}/standard").get_data(as_text=True))
    owner.post(f"{HERE}/standard", data={**form, "day-R1": "2", "save": "1"})

    activate(owner, version=1)

    session.expire_all()
    assert all(one.activated_at is None for one in session.scalars(select(Scenario)))


def test_a_former_version_is_proposed_again_then_all_is_paused(session, assignor, owner):
    take(owner)
    activate(owner)
    form = form_of(owner.get(f"{HERE}/standard").get_data(as_text=True))
    owner.post(f"{HERE}/standard", data={**form, "day-R1": "2", "save": "1"})
    assert owner.post(f"{HERE}/standard/versions/1").status_code == 303
    assert newest(session).version == 3
    assert owner.post(f"{HERE}/standard/versions/9").status_code == 404

    owner.post(f"{HERE}/standard/retire")
    owner.post(f"{HERE}/pause")
    session.refresh(assignor)
    assert assignor.reminders_consented_at is None
    assert "Aucun scénario n’est activé" in owner.get(f"{HERE}/").get_data(as_text=True)


def test_a_segment_a_debtor_and_an_invoice_each_have_their_scenario(session, owner, late):
    for slug in ("standard", "strategic"):
        take(owner, slug)
        activate(owner, slug)
    owner.post(f"{HERE}/choices", data={"segment": "strategic", "slug": "strategic"})
    url = f"/collections/{late.id}/scenario"
    assert "Habituel" in owner.get(url).get_data(as_text=True)

    owner.post(f"/collections/{late.id}/segment", data={"segment": "strategic", "because": "x"})
    assert session.scalars(select(DebtorPlacement)).one().by_hand
    assert "Relancé par « Compte stratégique »" in owner.get(url).get_data(as_text=True)
    assert owner.post(url, data={"scope": "receivable", "slug": "-"}).status_code == 422
    form = {"scope": "receivable", "slug": "-", "because": "Accord verbal"}
    assert owner.post(url, data=form).status_code == 303
    assert "Rien ne part automatiquement" in owner.get(url).get_data(as_text=True)
    owner.post(url, data={"scope": "receivable", "slug": ""})
    owner.post(f"/collections/{late.id}/segment", data={"segment": ""})
    assert "Habituel" in owner.get(url).get_data(as_text=True)


def test_words_are_seen_on_a_real_invoice_then_kept(session, owner, late):
    url = "/collections/wordings/reminder_r2/fr"
    assert owner.get("/collections/wordings/").status_code == 200
    assert late.number in owner.get(url).get_data(as_text=True)
    words = {"subject": "Rappel {number}", "body": "Bonjour.\n\n{payment}\n\n{signature}"}

    seen = owner.post(url, data=words, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert f"Rappel {late.number}" in seen
    assert "<html" not in seen
    assert session.scalars(select(WordingVersion)).all() == []
    assert owner.post(url, data={**words, "save": "1"}).status_code == 303
    assert session.scalars(select(WordingVersion)).one().subject == "Rappel {number}"

    refused = owner.post(url, data={**words, "subject": "{solde}", "save": "1"})
    assert refused.status_code == 422
    assert "{solde} n’est pas une variable" in refused.get_data(as_text=True)
    assert owner.get("/collections/wordings/poem/fr").status_code == 404


@pytest.mark.parametrize(
    "kind", ["reminder_pre", "reminder_statement_1", "reminder_statement_3", "reminder_sms"]
)
def test_every_kind_has_its_preview_in_english_too(owner, late, kind):
    html = owner.get(f"/collections/wordings/{kind}/en").get_data(as_text=True)

    assert "Dear" in html or "Please" in html


def test_a_reader_sees_and_changes_nothing(session, assignor, client_of, late):
    take(client_of(a_member(session, assignor)))
    reader = client_of(a_member(session, assignor, Role.READER))

    for url in (f"{HERE}/standard", f"/collections/{late.id}/scenario", "/collections/wordings/"):
        assert reader.get(url).status_code == 200
    for url in (
        f"{HERE}/standard",
        f"{HERE}/choices",
        f"/collections/{late.id}/scenario",
        f"/collections/{late.id}/segment",
        "/collections/wordings/reminder_r2/fr",
    ):
        assert reader.post(url).status_code == 403
