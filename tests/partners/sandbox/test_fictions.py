"""The fictional companies and lenders hold together: numbers, names, prices, appetites."""

from datetime import timedelta
from decimal import Decimal

import pytest
from stdnum.fr import siren as siren_number
from stdnum.fr import siret as siret_number
from stdnum.fr import tva

from partners.lenders.adapter import check_terms
from partners.lenders.rest import RestLender
from partners.sandbox.companies import companies_of, fictional_companies
from partners.sandbox.lenders import fictional_lenders
from partners.sandbox.offers import CannotOffer, offer_terms
from pricing.money import Money
from pricing.products.quote import Product
from tests.partners.lenders.dossiers import TODAY, a_dossier, a_receivable
from tests.partners.lenders.test_rest import an_event

OFFERS = [
    (lender, card, cents)
    for lender in fictional_lenders()
    for card in lender.rate_cards
    for cents in (lender.appetite.dossier_min.cents, 1_234_567)
]


def test_every_french_company_has_numbers_that_pass_their_checks():
    for company in fictional_companies():
        if company.country == "FR":
            assert siren_number.is_valid(company.siren)
            assert siret_number.is_valid(company.siret)
            assert tva.is_valid(company.french_vat_id)


def test_the_numbers_come_from_a_range_nobody_has():
    sirens = [company.siren for company in fictional_companies() if company.siren]

    assert all(siren.startswith("0001") for siren in sirens)
    assert len(sirens) == len(set(sirens))


def test_the_demo_has_its_cast():
    assert len(companies_of("assignor")) == 3
    assert len({company.activity_code[:2] for company in companies_of("assignor")}) == 3
    assert len(companies_of("debtor")) >= 40
    assert len(companies_of("broker")) == 1
    assert {c.country for c in companies_of("debtor")} == {"FR", "DE", "ES"}
    assert {c.segment for c in companies_of("debtor")} == {"sme", "large", "public", "foreign"}


def test_lenders_cover_the_four_products_and_both_ways_of_working():
    lenders = fictional_lenders()
    offered = [product for lender in lenders for product in lender.products]

    assert len(lenders) >= 6
    assert {product.value for product in Product} == set(offered)
    assert {lender.adapter for lender in lenders} == {"rest", "workspace"}
    assert all(offered.count(product.value) >= 2 for product in Product)


def test_every_lender_is_a_company_of_the_register():
    names = {company.siren: company.name for company in companies_of("lender")}

    assert {lender.siren: lender.name for lender in fictional_lenders()} == names


def test_both_kinds_of_factoring_are_offered():
    lender = next(one for one in fictional_lenders() if one.slug == "factor-imaginaire")

    assert lender.card_for("factoring", with_recourse=False).slug == "affacturage-garanti"
    assert lender.card_for("factoring", with_recourse=True).slug == "affacturage-recours"
    assert lender.card_for("factoring").slug == "affacturage-recours"
    assert lender.card_for("dailly") is None


@pytest.mark.parametrize(("lender", "card", "cents"), OFFERS)
def test_every_rate_card_gives_an_offer_that_the_portal_accepts(lender, card, cents):
    card.read_policy()
    receivables = (a_receivable("F-1", cents), a_receivable("F-2", 99_99))
    recourse = card.tariff.get("recourse")
    body = RestLender().encode(a_dossier(card.product.value, receivables=receivables))
    body["asked"]["with_recourse"] = recourse

    terms = offer_terms(lender, body, TODAY)

    reply = RestLender().read_event(an_event("offered", terms=terms), face=Money(cents + 99_99))
    check_terms(reply.terms, Money(cents + 99_99))
    assert terms["rate_card"] == card.slug
    assert reply.terms.value_date > TODAY
    assert 0 < reply.terms.net_proceeds_cents < cents + 99_99
    assert reply.terms.teg is None or reply.terms.teg.rate < Decimal("1.5")
    assert all(fee.label[0].isupper() and "_" not in fee.label for fee in reply.terms.fees)


@pytest.mark.parametrize(
    ("cents", "due_in_days", "product", "code"),
    [
        (10_000_001, 60, "advance", "amount_over_limit"),
        (49_999, 60, "advance", "amount_under_minimum"),
        (1_000_000, 60, "dailly", "product_not_offered"),
        (1_000_000, 0, "advance", "receivable_not_financeable"),
    ],
)
def test_a_dossier_a_lender_cannot_take_is_declined_with_a_code(cents, due_in_days, product, code):
    lender = next(one for one in fictional_lenders() if one.slug == "avance-factice")
    due_on = TODAY + timedelta(days=due_in_days)
    body = RestLender().encode(
        a_dossier(product, receivables=(a_receivable(cents=cents, due_on=due_on),))
    )

    with pytest.raises(CannotOffer) as refusal:
        offer_terms(lender, body, TODAY)
    assert refusal.value.code == code
