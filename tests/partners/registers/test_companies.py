"""A company is found by SIREN or name; a register that is down is said to be so."""

import json
import os
from datetime import date
from pathlib import Path

import httpx
import pytest

from partners.registers.companies import (
    ANSWER_BYTES_MAX,
    CompanyRegister,
    RegisterUnavailable,
    activity_label,
    legal_form_label,
    read_answer,
    read_company,
)
from partners.sandbox.server import serve
from partners.sandbox.settings import SandboxSettings

SHARED = Path(os.environ.get("PORTAL_SHARED", Path(__file__).parents[4] / "shared"))
SAMPLES = SHARED / "samples" / "api" / "recherche_entreprises"


@pytest.fixture(scope="module")
def sandbox():
    with serve(SandboxSettings()) as running:
        yield running


@pytest.fixture
def register(sandbox):
    register = CompanyRegister(sandbox.register_url, timeout_seconds=0.8)
    yield register
    register.close()


def answering(response):
    return CompanyRegister("http://register.test", transport=httpx.MockTransport(response))


def test_a_company_is_found_by_its_siren_with_what_the_form_asks(register):
    company = register.find("000101006")

    assert company.name == "MENUISERIE DE L'EXEMPLE"
    assert company.siret.startswith("000101006")
    assert (company.legal_form_code, company.legal_form) == ("5499", "SARL")
    assert (company.activity_code, company.activity) == (
        "43.32A",
        "Travaux de construction spécialisés",
    )
    assert company.address.postcode == "69998"
    assert company.address.line == "12 RUE DES COPEAUX"
    assert company.address.city == "VILLENEUVE-L'EXEMPLE"
    assert company.created_on == date(2009, 3, 2)
    assert company.vat_id.endswith("000101006")
    assert company.is_active
    assert not company.is_public_body


def test_the_register_also_answers_at_the_sandboxs_root(sandbox):
    register = CompanyRegister(sandbox.url)

    assert register.find("000101006").name == "MENUISERIE DE L'EXEMPLE"
    register.close()


@pytest.mark.parametrize("typed", ["000 101 006", " 000101006 ", "000.101.006"])
def test_a_siren_may_be_typed_with_spaces(register, typed):
    assert register.find(typed).siren == "000101006"


def test_the_siret_leads_to_the_company(register):
    siret = register.find("000101006").siret

    assert [company.siren for company in register.search(siret)] == ["000101006"]


def test_a_name_is_suggested_from_its_first_letters_without_accents(register):
    names = [company.name for company in register.search("electr imag")]

    assert names == ["ÉLECTRICITÉ IMAGINAIRE"]


def test_suggestions_are_as_many_as_asked(register):
    assert len(register.search("exemple", limit=4)) == 4


def test_an_unknown_siren_is_not_found_rather_than_an_error(register):
    assert register.find("000999003") is None


@pytest.mark.parametrize("typed", ["", "  ", "ab", "a  b"[:2]])
def test_too_short_a_query_is_not_sent(typed):
    def never(request):
        raise AssertionError("nothing should be asked")

    assert answering(never).search(typed) == ()


def test_a_closed_company_says_when_it_closed(register):
    company = next(iter(register.search("ancienne fonderie")))

    assert not company.is_active
    assert company.closed_on == date(2024, 6, 30)


def test_a_town_hall_and_a_hospital_are_public_bodies(register):
    for words in ("commune de saint exemple", "centre hospitalier exemple"):
        assert next(iter(register.search(words))).is_public_body


def test_a_company_that_asked_not_to_be_published_keeps_only_its_number(register):
    hidden = register.find("000156000")

    assert not hidden.is_diffusible
    assert hidden.name == ""
    assert hidden.address is None
    assert hidden.activity_code is None
    assert register.search("atelier discret") == ()


def test_too_many_questions_say_when_to_come_back(register):
    with pytest.raises(RegisterUnavailable) as refusal:
        register.search("sandbox:429")

    assert refusal.value.retry_after == 3


@pytest.mark.parametrize("trouble", ["sandbox:500", "sandbox:slow"])
def test_a_register_in_trouble_is_unavailable(register, trouble):
    with pytest.raises(RegisterUnavailable) as refusal:
        register.search(trouble)

    assert refusal.value.retry_after is None


def test_a_register_that_is_down_is_unavailable():
    register = CompanyRegister("http://127.0.0.1:9")
    with pytest.raises(RegisterUnavailable, match="could not be reached"):
        register.find("000101006")
    register.close()


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b'{"results": 3}', b"null", b" " * (ANSWER_BYTES_MAX + 1)]
)
def test_an_answer_of_another_shape_is_no_answer(content):
    with pytest.raises(RegisterUnavailable):
        answering(lambda _: httpx.Response(200, content=content)).search("exemple")


def test_the_register_is_told_who_asks_and_for_how_many():
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(200, json={"results": []})

    answering(answer).search("menuiserie exemple", limit=100)

    assert seen[0].headers["User-Agent"].startswith("encaisse/")
    assert dict(seen[0].url.params) == {"q": "menuiserie exemple", "page": "1", "per_page": "25"}


def test_every_field_but_the_siren_may_be_absent_or_of_another_type():
    for extra in ({}, {"siege": None, "tva": "x", "complements": 1, "nature_juridique": 5499}):
        company = read_company({"siren": "000101006"} | extra)

        assert company.siren == "000101006"
        assert company.name == ""
        assert company.address is None
        assert company.legal_form is None


@pytest.mark.parametrize("siren", [None, "", "12345678", "00010100é", 101006])
def test_an_entry_without_a_siren_is_left_out(siren):
    assert read_answer({"results": [{"siren": siren}, "noise", None]}) == ()


def test_legal_forms_and_activities_have_words_or_say_their_code():
    assert legal_form_label("5710") == "SAS"
    assert legal_form_label("5432") == "SARL"
    assert legal_form_label("0099") == "Catégorie juridique 0099"
    assert legal_form_label(None) is None
    assert activity_label("73.11Z") == "Publicité et études de marché"
    assert activity_label("00.00Z") is None


@pytest.mark.shared
@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the material beside the checkout is absent")
@pytest.mark.parametrize(
    ("siren", "legal_form", "is_active"),
    [
        ("552032534", "SA", True),
        ("487444697", "SARL", True),
        ("423208180", "SCI", True),
        ("843701079", "SAS", True),
        ("880878145", "SAS", False),
        ("383657467", "Association déclarée", True),
        ("784410607", "Comité social et économique", True),
    ],
)
def test_recorded_answers_of_the_public_register_are_read(siren, legal_form, is_active):
    answer = json.loads((SAMPLES / f"search_{siren}.json").read_text(encoding="utf-8"))

    company = next(iter(read_answer(answer)))

    assert company.siren == siren
    assert company.name
    assert company.legal_form == legal_form
    assert company.is_active is is_active
    assert len(company.siret) == 14
    assert company.address.postcode in company.address.printed
    assert company.address.line
    assert company.created_on
