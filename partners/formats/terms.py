"""Due dates out of payment terms written for people: French, English, German.

Only a statement of when the whole price is due counts. Early-payment discounts are removed
first: "2 % Skonto within 10 days" is not a term. Anything unclear gives no date, and is asked.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

from partners.formats.values import typed_date, unaccented

TERM_DAYS_MAX = 365
TEXT_LENGTH_MAX = 2_000

_DAYS = r"(\d{1,3})\s*(?:jours?|jrs?|j|days?|tagen?|t)\b(?: calendaires?)?"
_END_OF_MONTH = r"(?:fin (?:de|du) mois|fdm|eom|end of (?:the )?month|monatsende)"
_DATE = r"(\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}(?:er)? [a-z]+\.? \d{4})"
_AT_ONCE = (
    r"\b(?:comptant|a (?:la )?reception|a la commande|des reception|immediat|"
    r"due on receipt|payable immediately|sofort)\b"
)
_XRECHNUNG = re.compile(r"#SKONTO#TAGE=(\d{1,3})#PROZENT=(\d+(?:\.\d+)?)#[^\n]*|#VERZUG#[^\n]*")
_DISCOUNT = re.compile(r"skonto|escompte|discount|rabais|%")
_NO_DISCOUNT = re.compile(
    r"\b(?:pas|sans|aucun|no|without|kein\w*|ohne)\b.{0,12}(?:escompte|discount|skonto)"
)
_OTHER_SUBJECT = re.compile(
    r"penalit|interet|interest|retard|\blate\b|verzug|garantie|warranty|reclamation|dispute|litige|"
    r"contest|indemnit|livraison|delivery|\blieferung"
)
# A full stop ends a sentence, except after a shortened month.
_SENTENCES = re.compile(
    r"[;\n]|(?<!janv)(?<!fevr)(?<!avr)(?<!juil)(?<!sept)(?<!oct)(?<!nov)(?<!dec)\.(?:\s|$)"
)
_SEVERAL_TERMS = re.compile(
    r"\b\d{1,3}\s*[/-]\s*\d{1,3}(?:\s*[/-]\s*\d{1,3})*\s*(?:jours?|days?|tagen?)\b"
)

Reading = Callable[[re.Match[str], date], date]


def end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _add(match: re.Match[str], issued_on: date) -> date:
    return issued_on + timedelta(days=_bounded(match[1]))


def _add_then_end_of_month(match: re.Match[str], issued_on: date) -> date:
    """ "45 jours fin de mois": the days, then the end of that month (L441-10 I, first reading)."""
    return end_of_month(_add(match, issued_on))


def _end_of_month_then_add(match: re.Match[str], issued_on: date) -> date:
    return end_of_month(issued_on) + timedelta(days=_bounded(match[1]))


def _then_day_of_next_month(match: re.Match[str], issued_on: date) -> date:
    """ "30 jours fin de mois le 15": the 15th of the month after."""
    first = _add_then_end_of_month(match, issued_on) + timedelta(days=1)
    return first.replace(day=min(int(match[2]), end_of_month(first).day))


def _at_issue(_match: re.Match[str], issued_on: date) -> date:
    return issued_on


def _on_date(match: re.Match[str], _issued_on: date) -> date:
    return typed_date(match[1])


def _bounded(days: str) -> int:
    if int(days) > TERM_DAYS_MAX:
        raise ValueError(f"a term of {days} days")
    return int(days)


# Tried in this order; the first that fits a clause decides it.
READINGS: tuple[tuple[re.Pattern[str], Reading], ...] = tuple(
    (re.compile(pattern), reading)
    for pattern, reading in (
        (rf"\b(?:au|le|until|bis(?: zum)?|by|before|avant le|on|am)\s+{_DATE}", _on_date),
        (rf"\b(?:echeance|due(?: date)?|faellig|fallig)\b[^0-9]{{0,15}}{_DATE}", _on_date),
        (rf"{_DAYS},?\s*{_END_OF_MONTH},?\s*(?:le|au|the)\s+(\d{{1,2}})\b", _then_day_of_next_month),
        (rf"{_DAYS},?\s*(?:nets?\s+)?{_END_OF_MONTH}", _add_then_end_of_month),
        (rf"\bnet\s+(\d{{1,3}})\s+{_END_OF_MONTH}", _add_then_end_of_month),
        (rf"{_END_OF_MONTH}\s*(?:\+|plus|et|a)?\s*{_DAYS}", _end_of_month_then_add),
        (rf"{_DAYS}", _add),
        (r"\bnet\s*(\d{1,3})\b", _add),
        (_AT_ONCE, _at_issue),
    )
)  # fmt: skip


def due_date(terms: str, issued_on: date) -> date | None:
    """The day the whole price is due, ``None`` when the words do not settle it.

    Two clauses that disagree settle nothing, nor does a day before the invoice was issued.
    """
    text = unaccented_lines(_XRECHNUNG.sub(_net_segment, terms[:TEXT_LENGTH_MAX]))
    found: set[date] = set()
    for sentence in _SENTENCES.split(text):
        for clause in _clauses_on_the_whole_price(sentence):
            if _speaks_of_instalments(clause):
                return None
            day = _read_clause(clause, issued_on)
            if day:
                found.add(day)
    if len(found) != 1:
        return None
    day = found.pop()
    return day if day >= issued_on else None


def _clauses_on_the_whole_price(sentence: str) -> list[str]:
    """The clauses about payment in full; none when a discount may own the only term given."""
    clauses = [clause for clause in sentence.split(", ") if not _OTHER_SUBJECT.search(clause)]
    clauses = [clause for clause in clauses if not _NO_DISCOUNT.search(clause)]
    discounts = [clause for clause in clauses if _DISCOUNT.search(clause)]
    if not all(re.search(rf"{_DAYS}|{_DATE}", clause) for clause in discounts):
        return []
    return [clause for clause in clauses if clause not in discounts]


def _speaks_of_instalments(clause: str) -> bool:
    """Several terms, or "30 jours le 15", which people read in two ways."""
    several = len(re.findall(_DAYS, clause)) > 1 or _SEVERAL_TERMS.search(clause)
    return bool(several or re.search(rf"{_DAYS}\s+le\s+\d{{1,2}}\b(?!\s*[/.\-a-z])", clause))


def unaccented_lines(text: str) -> str:
    return "\n".join(unaccented(line) for line in text.splitlines())


def _net_segment(match: re.Match[str]) -> str:
    """XRechnung's ``#SKONTO#TAGE=30#PROZENT=0.00#`` is the net term; the rest are discounts."""
    is_net = match[1] is not None and float(match[2]) == 0
    return f"{match[1]} days\n" if is_net else "\n"


def _read_clause(clause: str, issued_on: date) -> date | None:
    for pattern, reading in READINGS:
        found = pattern.search(clause)
        if found:
            try:
                return reading(found, issued_on)
            except (ValueError, OverflowError):
                return None
    return None
