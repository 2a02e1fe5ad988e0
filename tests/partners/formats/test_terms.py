"""Due dates out of payment terms."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.formats.terms import due_date

ISSUED = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ("30 jours", "2026-04-09"),
        ("Paiement à 30 jours date de facture", "2026-04-09"),
        ("45 jours fin de mois", "2026-04-30"),
        ("fin de mois + 45 jours", "2026-05-15"),
        ("30 jours fin de mois le 15", "2026-05-15"),
        ("Échéance : 30/04/2026", "2026-04-30"),
        ("échéance le 31 déc. 2026", "2026-12-31"),
        ("Comptant à réception de facture", "2026-03-10"),
        ("net 30", "2026-04-09"),
        ("30 days EOM", "2026-04-30"),
        ("2/10 net 30", "2026-04-09"),
        ("Due on receipt", "2026-03-10"),
        ("Zahlbar innerhalb von 14 Tagen netto", "2026-03-24"),
        ("Zahlbar ohne Abzug bis 12.12.2026", "2026-12-12"),
        ("Paiement à 30 jours, escompte 2 % à 10 jours", "2026-04-09"),
        ("Pas d'escompte pour paiement anticipé, règlement à 30 jours", "2026-04-09"),
        ("3% Skonto innerhalb 10 Tagen, netto 30 Tage", "2026-04-09"),
        ("#SKONTO#TAGE=7#PROZENT=2.00#\n#SKONTO#TAGE=30#PROZENT=0.00#", "2026-04-09"),
        ("Paiement à 30 jours. Pénalités de retard dès 5 jours.", "2026-04-09"),
    ],
)
def test_terms_that_settle_the_day_give_it(terms, expected):
    assert due_date(terms, ISSUED) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    "terms",
    [
        "Voir conditions générales",
        "#SKONTO#TAGE=14#PROZENT=2.25#",
        "Bei Zahlungen binnen 14 Tagen, 2% Skonto",
        "Paiement à 10 jours, escompte 2 %",
        "30/60/90 jours",
        "Payable en deux fois : 30 jours et 60 jours",
        "Pénalités de retard après 30 jours",
        "Garantie de 90 jours",
        "30 jours le 15",
        "30 jours ; 60 jours",
        "999 jours",
        "Payé le 01/01/2020",
        "31/02/2027",
    ],
)
def test_terms_that_leave_a_doubt_give_nothing_and_are_asked(terms):
    assert due_date(terms, ISSUED) is None


@given(st.integers(0, 365), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_number_of_days_is_counted_from_the_issue_date(days, issued_on):
    due_on = due_date(f"Règlement à {days} jours", issued_on)
    assert due_on is not None
    assert (due_on - issued_on).days == days


@given(st.text(max_size=300))
def test_no_text_whatever_breaks_the_reading(terms):
    found = due_date(terms, ISSUED)
    assert found is None or found >= ISSUED
