"""What messages say, in both languages."""

from datetime import date

import pytest
from jinja2 import UndefinedError

from portal.messages.wording import FOLDER, UnknownKind, compose, kinds

INVITATION = {
    "organisation_name": "Menuiserie Exemple SARL",
    "inviter_name": "A. Exemple",
    "expires_on": date(2026, 12, 1),
    "link": "https://encaisse.example/invitations/x",
    "url": "https://encaisse.example/invitations/x",
}


def test_every_kind_is_written_in_both_languages():
    english = {entry.name for entry in FOLDER.joinpath("en").iterdir()}

    assert {f"{kind}.txt" for kind in kinds()} == english


def test_what_people_typed_stays_text_in_the_html():
    values = {**INVITATION, "inviter_name": "<script>alert(1)</script>"}

    assert "<script>" not in compose("invitation", "fr", **values).html


def test_a_missing_value_is_an_error_and_not_a_hole():
    with pytest.raises(UndefinedError):
        compose("invitation", "fr", organisation_name="x")
    with pytest.raises(UnknownKind):
        compose("poem", "fr")
