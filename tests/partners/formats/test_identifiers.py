"""Company and account identifiers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.formats import identifiers
from partners.formats.identifiers import SellerMatch, seller_matches
from partners.formats.reading import read_file
from tests.partners.formats.files import BUYER_SIREN, SELLER_SIREN, cii, french_vat, siren

BASES = st.from_regex(r"9[0-9]{7}", fullmatch=True)


@given(BASES, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_in_a_siren_is_always_seen(base, position, shift):
    right = siren(base)
    wrong_digit = str((int(right[position]) + shift) % 10)
    wrong = right[:position] + wrong_digit + right[position + 1 :]
    assert identifiers.is_siren(right)
    assert not identifiers.is_siren(wrong)


@pytest.mark.parametrize(
    ("siret", "valid"),
    [
        ("73282932000074", True),
        ("73282932000075", False),
        ("35600000000048", True),
        ("35600000000001", True),
        ("35600000000002", False),
        ("3560000000000", False),
    ],
)
def test_establishments_of_la_poste_follow_their_own_rule(siret, valid):
    assert identifiers.is_siret(siret) is valid


def test_the_siren_inside_a_french_vat_number_is_found():
    assert identifiers.siren_of_vat("FR44732829320") == "732829320"
    assert identifiers.siren_of_vat("DE123456789") is None
    assert identifiers.is_french_vat(french_vat(SELLER_SIREN))
    assert not identifiers.is_french_vat("FR00" + SELLER_SIREN)


def test_an_account_shows_only_its_end():
    assert identifiers.masked("FR7630006000011234567890189") == "…0189"


def test_a_document_of_the_applicant_matches_and_one_of_another_does_not():
    (invoice,) = read_file(cii(), "a.xml").documents
    assert seller_matches(invoice, SELLER_SIREN) is SellerMatch.MATCH
    assert seller_matches(invoice, "900 000 100") is SellerMatch.MATCH
    assert seller_matches(invoice, BUYER_SIREN) is SellerMatch.MISMATCH


def test_a_document_without_french_identifier_is_neither():
    (invoice,) = read_file(cii(seller_siren=None), "a.xml").documents
    assert seller_matches(invoice, SELLER_SIREN) is SellerMatch.UNKNOWN


def test_a_siren_with_the_vat_number_of_another_company_does_not_match():
    xml = cii().replace(french_vat(SELLER_SIREN).encode(), french_vat(BUYER_SIREN).encode(), 1)
    (invoice,) = read_file(xml, "a.xml").documents
    assert "vat_not_of_siren" in {warning.code for warning in invoice.warnings}
    assert seller_matches(invoice, SELLER_SIREN) is SellerMatch.MISMATCH


@given(st.text(max_size=30))
def test_no_identifier_however_odd_breaks_the_checks(text):
    assert identifiers.is_siren(text) in (True, False)
    assert identifiers.is_siret(text) in (True, False)
    assert identifiers.is_french_vat("FR" + text) in (True, False)
    assert identifiers.is_iban(text) in (True, False)
