from datetime import date
from decimal import Decimal

import pytest

from pricing.parameters import LegalValue, NoLegalValue, UnsoundParameter, law, read_parameters

VALUE = """
[[cap.history]]
since = {since}
value = {value}
source = "Article premier"
read_on = 2026-11-22
"""
HEAD = '[cap]\ntitle = "A cap"\nunit = "day"\n'


def written(*values: tuple[str, str], head: str = HEAD) -> str:
    return head + "".join(VALUE.format(since=since, value=value) for since, value in values)


def test_the_value_is_the_one_in_force_that_day():
    cap = read_parameters(written(("2026-07-01", "45"), ("2020-01-01", "60")))["cap"]

    assert cap.on(date(2026, 6, 30)).days == 60
    assert cap.on(date(2026, 7, 1)).days == 45
    assert cap.on(date(2020, 1, 1)).days == 60


def test_a_day_before_the_first_value_says_what_to_do():
    cap = read_parameters(written(("2020-01-01", "60")))["cap"]

    assert not cap.covers(date(2019, 12, 31))
    with pytest.raises(NoLegalValue, match=r"takes effect on 2020-01-01\. Add the text"):
        cap.on(date(2019, 12, 31))


def test_a_day_after_what_was_read_is_unknown():
    text = written(("2020-01-01", "60"), head=HEAD + "known_until = 2026-12-31\n")
    cap = read_parameters(text)["cap"]

    assert cap.on(date(2026, 12, 31)).days == 60
    with pytest.raises(NoLegalValue, match="last read as in force on 2026-12-31"):
        cap.on(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (written(("2020-01-01", "60"), ("2026-07-01", "45")), "not sorted"),
        (written(("2020-01-01", "60"), ("2020-01-01", "45")), "not sorted"),
        (written(("2020-01-01", "60")).replace('source = "Article premier"', ""), "lacks 'source'"),
        (
            written(("2020-01-01", "60")).replace('"Article premier"', '""'),
            "lacks 'source'",
        ),
        (written(("2020-01-01", "60")).replace("read_on = 2026-11-22", ""), "lacks 'read_on'"),
        (HEAD, "has no value"),
    ],
)
def test_an_unsound_history_is_refused(text, complaint):
    with pytest.raises(UnsoundParameter, match=complaint):
        read_parameters(text)


def test_a_parameter_is_given_once():
    with pytest.raises(UnsoundParameter, match="given twice"):
        read_parameters(written(("2020-01-01", "60")), written(("2020-01-01", "60")))


def test_an_operator_adds_a_newer_value_and_never_changes_a_past_one():
    newer = LegalValue(date(2027, 1, 1), Decimal("0.0265"), "BCE", date(2027, 1, 2))

    added = law().with_value("ecb_refinancing_rate", newer, known_until=date(2027, 2, 1))

    assert added["ecb_refinancing_rate"].on(date(2027, 1, 15)).amount == Decimal("0.0265")
    assert added["ecb_refinancing_rate"].on(date(2026, 7, 1)).amount == Decimal("0.0240")
    with pytest.raises(UnsoundParameter, match="never changed"):
        added.with_value("ecb_refinancing_rate", newer)


def test_what_we_ship_is_sound_and_says_when_it_was_read():
    shipped = law()

    assert shipped["recovery_indemnity"].on(date(2026, 1, 1)).amount == Decimal("40.00")
    assert shipped["vat_rate_standard"].on(date(2026, 1, 1)).amount == Decimal("0.20")
    assert shipped["payment_term_days_max"].on(date(2026, 1, 1)).days == 60
    assert shipped.version == "2026-11-22"
    assert all(parameter.title and parameter.unit for parameter in shipped.values())


def test_every_rate_is_a_fraction_of_one():
    rates = [p for p in law().values() if p.unit == "rate"]

    assert len(rates) >= 8
    assert all(0 <= value.amount < Decimal("0.2000001") for p in rates for value in p.history)
