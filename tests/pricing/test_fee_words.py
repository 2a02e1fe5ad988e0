import string
from datetime import timedelta
from decimal import Decimal

import pytest

from pricing.products.catalogue import price_batch
from pricing.products.fee_text import describe_fee, fee_texts
from pricing.products.quote import Product
from pricing.wording import amount_text, date_text, exact_rate_text, known_locale, rate_text
from tests.pricing.builders import TODAY, a_tariff, due_in

DEAR = {
    Product.DAILLY: {"commission_rate": "0.002", "commission_min": "5.00", "vat_rate": "0.20"},
    Product.FACTORING: {
        "insurance_rate": "0.003",
        "fee_per_slip": "10.00",
        "fee_per_receivable": "2.00",
    },
    Product.ADVANCE: {
        "service_rate": "0.01",
        "insurance_rate": "0.004",
        "late_fee": "25.00",
        "fee_per_receivable": "2.00",
        "fee_per_slip": "3.00",
        "fee_min": "15.00",
    },
    Product.DISCOUNT: {"unpaid_fee": "20.00", "fee_per_slip": "3.00"},
}


def every_fee():
    for product, changes in DEAR.items():
        late = due_in(40)
        late = type(late)(late.number, late.face, late.due_on, late.due_on + timedelta(days=30))
        yield from price_batch(a_tariff(product, **changes), [late], TODAY).fees


def test_every_fee_has_its_words_and_every_word_its_fee():
    assert {fee.code for fee in every_fee()} == set(fee_texts()) - {"words"}


def test_every_fee_explains_itself_in_both_languages():
    for fee in every_fee():
        for locale in ("fr", "en"):
            text = describe_fee(fee, locale)
            assert text.label
            assert "{" not in text.explanation


def test_an_interest_line_shows_its_calculation():
    quote = price_batch(a_tariff(Product.DAILLY), [due_in(60)], TODAY)

    text = describe_fee(quote.fees[0], "fr")

    assert text.label == "Intérêts d'escompte Dailly"
    assert text.explanation == ("8\u202f000,00\u00a0€ × 4,50\u00a0% × 60 jours (ACT/360)")


def test_a_minimum_and_vat_are_told():
    fees = {fee.code: fee for fee in every_fee()}

    assert describe_fee(fees["commission"], "en").explanation == (
        "€10,000.00 × 0.20%, at least €5.00; plus VAT at 20.00%"
    )


@pytest.mark.parametrize("charging", ["FLAT_PER_30D", "FLAT_PER_DAY", "FLAT_ONCE", "RATE_360"])
def test_each_way_of_charging_an_advance_has_its_own_words(charging):
    quote = price_batch(a_tariff(Product.ADVANCE, charging=charging), [due_in(60)], TODAY)

    words = fee_texts()["advance_fee"]["fr"]
    assert words[charging] != words["explanation"]
    expected = (
        words[charging].split("×")[-1].format_map({"tenor_days": 60, "fee_rate": "0,035\u00a0%"})
    )
    assert describe_fee(quote.fees[0], "fr").explanation.endswith(expected)


def test_both_languages_show_the_same_figures():
    def placeholders(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for words in fee_texts().values():
        if "fr" in words and isinstance(words["fr"], dict):
            assert set(words["fr"]) == set(words["en"])
            for key, french in words["fr"].items():
                assert placeholders(french) == placeholders(words["en"][key])


def test_plain_values_are_written_as_the_reader_writes_them():
    assert amount_text(-123456, "fr") == "-1\u202f234,56\u00a0€"
    assert amount_text(-123456, "en") == "-€1,234.56"
    assert amount_text(5, "fr") == "0,05\u00a0€"
    assert date_text("2026-03-01", "fr") == "01/03/2026"
    assert rate_text(Decimal("0.12345"), "fr") == "12,35\u00a0%"
    assert rate_text("0.333333", "en") == "33.33%"
    assert exact_rate_text("0.00035", "fr") == "0,035\u00a0%"
    assert exact_rate_text("0.2", "en") == "20.00%"
    assert known_locale("en_GB") == "en"
    assert known_locale("de") == "fr"
