"""The pages about lenders say what the code does."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from partners.lenders.registry import BUILT_IN
from partners.lenders.rest import RestLender
from partners.lenders.routing import exclusion_codes
from partners.sandbox.app import create_sandbox
from partners.sandbox.lenders import Behaviour, fictional_lenders
from partners.sandbox.settings import SandboxSettings
from partners.sandbox.stage import Stage
from partners.vocabulary.lending import ProposedTerms
from pricing.products.quote import Product
from tests.partners.lenders.dossiers import a_deed, a_dossier

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def sandbox_app():
    stage = Stage(SandboxSettings())
    yield create_sandbox(stage=stage)
    stage.close()


def page(name):
    return (DOCS / name).read_text(encoding="utf-8")


def keys_within(value):
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from keys_within(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_within(inner)


def test_every_status_of_the_contract_is_on_its_page_and_in_its_schema():
    enum = re.search(r"enum: \[(received[^\]]*)\]", page("lender-api.yaml")).group(1)

    assert set(enum.split(", ")) == set(RestLender.statuses)
    for status in RestLender.statuses:
        assert f"| `{status}` |" in page("lender-api.md")


def test_every_field_we_send_or_read_is_in_the_schema():
    sent = {*keys_within(RestLender().encode(a_dossier()))}
    sent |= {*keys_within(RestLender().encode_deed(a_deed(a_dossier())))}
    read = {field.name for field in fields(ProposedTerms)}

    for name in sent | read:
        assert re.search(rf"\b{name}:", page("lender-api.yaml")), name


def test_every_product_of_pricing_may_be_asked_for():
    enum = re.search(r"product: \{type: string, enum: \[([^\]]*)\]", page("lender-api.yaml"))

    assert enum.group(1).split(", ") == [product.value for product in Product]


def test_adapters_reasons_lenders_and_behaviours_are_on_the_page():
    named = {adapter.slug for adapter in BUILT_IN} | exclusion_codes()
    named |= {lender.slug for lender in fictional_lenders()} | {one.value for one in Behaviour}

    assert [name for name in sorted(named) if f"`{name}`" not in page("lenders.md")] == []


def test_the_table_of_fictional_lenders_is_true():
    for lender in fictional_lenders():
        (row,) = re.findall(rf"\| `{lender.slug}` \|.*", page("lenders.md"))
        assert all(product in row for product in lender.products)
        assert lender.behaviour.value in row or lender.adapter in row


def test_every_lever_of_the_sandbox_is_on_the_page(sandbox_app):
    text = page("lenders.md")
    for rule in sandbox_app.url_map.iter_rules():
        if rule.rule.startswith("/control"):
            last = [part for part in rule.rule.split("/") if not part.startswith("<")][-1]
            assert last in text, rule.rule


def test_every_address_of_the_contract_is_played_by_the_sandbox(sandbox_app):
    played = {
        rule.rule.removeprefix("/lenders/<slug>").replace("<", "{").replace(">", "}")
        for rule in sandbox_app.url_map.iter_rules()
        if rule.rule.startswith("/lenders")
    }

    assert set(re.findall(r"^  (/\S+):$", page("lender-api.yaml"), re.M)) == played
