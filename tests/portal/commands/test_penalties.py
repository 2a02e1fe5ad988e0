"""``portal penalties``, as typed: one JSON object, no database."""

import json

import pytest
from click.testing import CliRunner

from portal.commands import portal

LATE = ["--principal-cents", "1000000", "--due", "2026-05-01", "--until", "2026-09-01"]


def typed(*options):
    return CliRunner().invoke(portal, ["penalties", *options])


def counted(*options):
    answer = typed(*options, "--json")
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.output)


def test_a_delay_over_two_semesters_is_counted_at_two_rates():
    found = counted(*LATE)

    assert found["interest_cents"] == 413_75
    assert found["indemnity_cents"] == 40_00
    assert found["total_cents"] == 1_000_000 + 453_75
    assert [(one["from"], one["to"], one["days"], one["rate"]) for one in found["periods"]] == [
        ("2026-05-02", "2026-06-30", 60, "0.1215"),
        ("2026-07-01", "2026-09-01", 63, "0.1240"),
    ]
    assert found["periods"][0]["interest"].startswith("199.7260")
    assert found["flags"] == []


def test_both_imputations_of_a_part_payment_are_counted():
    part = ("--payment", "2026-06-30=500000")

    interest_first = counted(*LATE, *part)
    principal_first = counted(*LATE, *part, "--imputation", "principal-first")

    assert principal_first["principal_cents"] == 500_000
    assert interest_first["principal_cents"] == 500_000 + 199_73
    assert interest_first["total_cents"] > principal_first["total_cents"]


def test_a_rate_that_is_not_recorded_is_a_flag_and_not_a_guess():
    year = ["--principal-cents", "365000", "--due", "2026-12-31", "--until", "2027-01-10"]

    assert counted(*year)["flags"] == ["RATE_UNKNOWN"]
    assert counted(*year)["interest_cents"] == 0
    agreed = counted(*year, "--contract-rate", "0.12")
    assert (agreed["interest_cents"], agreed["flags"]) == (12_00, ["FLOOR_NOT_TESTABLE"])


def test_public_buyers_consumers_and_insolvent_debtors_follow_their_own_rules():
    assert {one["rate"] for one in counted(*LATE, "--buyer", "public")["periods"]} == {"0.1015"}
    consumer = counted(*LATE, "--buyer", "consumer")
    assert (consumer["total_cents"], consumer["flags"]) == (1_000_000, ["FORMAL_NOTICE_NEEDED"])
    stopped = counted(*LATE, "--insolvency", "2026-06-01")
    assert stopped["periods"][-1]["to"] == "2026-05-31"


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--until", "01/09/2026", "2026-12-31"),
        ("--contract-rate", "12", "0.12"),
        ("--payment", "2026-06-30", "150000"),
        ("--basis", "30/360", "ACT/365F"),
    ],
)
def test_what_cannot_be_read_is_refused_with_an_example(option, value, said):
    answer = typed(*LATE, option, value)

    assert answer.exit_code == 2
    assert said in answer.output


def test_a_person_reads_the_count_line_by_line():
    shown = typed(*LATE).output

    assert "12.15 %" in shown
    assert "453" not in shown.splitlines()[0]
    assert "L441-10" in shown
