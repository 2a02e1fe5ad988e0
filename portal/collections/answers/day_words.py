"""The day a person names in a message, in French or English, in figures or in words."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pricing.calendar import add_months

_MONTHS = (
    "janvier|january|jan",
    "fevrier|february|fevr|feb",
    "mars|march|mar",
    "avril|april|avr|apr",
    "mai|may",
    "juin|june|jun",
    "juillet|july|juil|jul",
    "aout|august|aug",
    "septembre|september|sept|sep",
    "octobre|october|oct",
    "novembre|november|nov",
    "decembre|december|dec",
)
_WEEKDAYS = (
    "lundi|monday",
    "mardi|tuesday",
    "mercredi|wednesday",
    "jeudi|thursday",
    "vendredi|friday",
    "samedi|saturday",
    "dimanche|sunday",
)
_FRENCH = [
    "premier",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
    "vingt",
]
_ENGLISH = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
]
_NUMBERS = {
    **{word: place + 1 for place, word in enumerate(_FRENCH)},
    **{word: place + 1 for place, word in enumerate(_ENGLISH)},
    "vingt-cinq": 25,
    "trente": 30,
    "twenty": 20,
    "thirty": 30,
}
_WORDED = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_MONTH = "|".join(f"(?:{one})" for one in _MONTHS)
_WEEKDAY = "|".join(f"(?:{one})" for one in _WEEKDAYS)
_COUNT = rf"(?P<count>\d{{1,3}}|{_WORDED})"


@dataclass(frozen=True, slots=True)
class DayFound:
    """A day read in a message, and the words it was read in."""

    on: date
    words: str


def day_in(plain: str, today: date, *, past: bool = False) -> DayFound | None:
    """The first day named in a text without capitals or accents; ``past`` when it tells what was done.

    A day without its year is the next one, or with ``past`` the last one.
    """
    found = [
        (match.start(), DayFound(on, match[0].strip()))
        for pattern, reading in _READINGS
        for match in pattern.finditer(plain)
        if (on := reading(match, today, past)) is not None
    ]
    return min(found, key=lambda one: one[0], default=(0, None))[1]


def _full(match: re.Match[str], today: date, past: bool) -> date | None:
    year = int(match["year"]) if match["year"] else None
    if year is not None and year < 100:
        year += 2000
    return _dated(int(match["day"]), int(match["month"]), year, today, past)


def _worded(match: re.Match[str], today: date, past: bool) -> date | None:
    day = _number(match["day"])
    month = next(
        place + 1 for place, one in enumerate(_MONTHS) if re.fullmatch(one, match["month"])
    )
    return _dated(day, month, int(match["year"]) if match["year"] else None, today, past)


def _dated(day: int, month: int, year: int | None, today: date, past: bool) -> date | None:
    if year is not None:
        return _valid(year, month, day)
    for candidate in (today.year, today.year + (-1 if past else 1)):
        found = _valid(candidate, month, day)
        if found is not None and (found <= today if past else found >= today):
            return found
    return None


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _near(match: re.Match[str], today: date, past: bool) -> date | None:
    days = {"hier": -1, "yesterday": -1, "avant-hier": -2, "demain": 1, "tomorrow": 1}
    ahead = {**days, "apres-demain": 2, "aujourd'hui": 0, "today": 0}[match[0]]
    return today + timedelta(days=ahead) if (ahead <= 0 if past else ahead >= 0) else None


def _weekday(match: re.Match[str], today: date, past: bool) -> date | None:
    wanted = next(place for place, one in enumerate(_WEEKDAYS) if re.fullmatch(one, match["name"]))
    if past:
        return today - timedelta(days=(today.weekday() - wanted) % 7 or 7)
    return today + timedelta(days=(wanted - today.weekday()) % 7 or 7)


def _after(match: re.Match[str], today: date, past: bool) -> date | None:
    days = _number(match["count"]) * (7 if match["unit"].startswith(("sem", "week")) else 1)
    return None if past else today + timedelta(days=days)


def _month_end(match: re.Match[str], today: date, past: bool) -> date | None:
    if past:
        return None
    name = match.groupdict().get("month")
    if not name:
        following = 2 if match.groupdict().get("next") else 1
        return add_months(today.replace(day=1), following) - timedelta(days=1)
    month = next(place + 1 for place, one in enumerate(_MONTHS) if re.fullmatch(one, name))
    year = today.year + (month < today.month)
    return add_months(date(year, month, 1), 1) - timedelta(days=1)


def _next_week(_match: re.Match[str], today: date, past: bool) -> date | None:
    return None if past else today + timedelta(days=11 - today.weekday())


def _bare_day(match: re.Match[str], today: date, past: bool) -> date | None:
    day = int(match["day"])
    for months in (0, -1) if past else (0, 1):
        first = add_months(today.replace(day=1), months)
        found = _valid(first.year, first.month, day)
        if found is not None and (found <= today if past else found >= today):
            return found
    return None


def _number(word: str) -> int:
    digits = re.match(r"\d+", word)
    return int(digits[0]) if digits else _NUMBERS[word]


Reading = Callable[[re.Match[str], date, bool], date | None]


def _readings() -> Iterator[tuple[re.Pattern[str], Reading]]:
    day_word = rf"(?P<day>\d{{1,2}}|{_WORDED})(?:er|st|nd|rd|th)?"
    month, year = rf"(?P<month>{_MONTH})\b\.?", r"(?:,?\s+(?P<year>20\d\d))?"
    yield re.compile(r"\b(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)\b"), _full
    yield (
        re.compile(
            r"(?<![\d/.])(?P<day>\d{1,2})[/.](?P<month>\d{1,2})(?:[/.](?P<year>20\d\d|\d\d))?(?![\d/])"
        ),
        _full,
    )
    yield re.compile(rf"\b{day_word}\s+(?:of\s+)?{month}{year}"), _worded
    yield re.compile(rf"\b{month}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b{year}"), _worded
    yield (
        re.compile(
            r"\b(?:avant-hier|hier|yesterday|apres-demain|(?<!apres-)demain|tomorrow|aujourd'hui|today)\b"
        ),
        _near,
    )
    yield re.compile(rf"\b(?P<name>{_WEEKDAY})\b(?!\s+(?:\d|{_WORDED}))"), _weekday
    yield (
        re.compile(
            rf"\b(?:dans|sous|d'ici|within|in)\s+(?:les\s+|the\s+next\s+)?{_COUNT}\s+(?P<unit>jours?|days?|semaines?|weeks?)\b"
        ),
        _after,
    )
    yield re.compile(r"\bsous (?P<count>huit)aine(?P<unit>)\b"), _after
    yield re.compile(r"\bsous (?P<count>quinz)aine(?P<unit>)\b"), _after
    yield re.compile(rf"\b(?:fin|end of)\s+(?P<month>{_MONTH})\b"), _month_end
    yield (
        re.compile(
            r"\b(?:fin du mois|fin de mois|end of (?:the|this) month)(?P<next> prochain)?\b"
        ),
        _month_end,
    )
    yield re.compile(r"\b(?:end of) (?P<next>next) month\b"), _month_end
    yield re.compile(r"\b(?:la semaine prochaine|next week)\b"), _next_week
    yield (
        re.compile(
            rf"\b(?:le|on the)\s+(?P<day>[0-3]?\d)(?:th|st|nd|rd)?\b(?!\s*(?:/|\.\d|{_MONTH}))"
        ),
        _bare_day,
    )


_NUMBERS["quinz"] = 15
_READINGS = tuple(_readings())
