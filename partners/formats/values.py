"""Amounts and dates out of text: exactly as norms write them, or as people type them."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

AMOUNT_DIGITS_MAX = 15
AMOUNT_LENGTH_MAX = 60
YEAR_MIN, YEAR_MAX = 1970, 2199
EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_SERIAL_MIN, EXCEL_SERIAL_MAX = 25_569, 109_574

_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)\Z")
_CURRENCY_MARKS = re.compile(r"€|\$|£|\b(?:eur|euros?|usd|gbp|chf|ht|ttc)\b", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_GROUPED = {
    ",": re.compile(r"\d{1,3}(,\d{3})*(\.\d*)?\Z"),
    ".": re.compile(r"\d{1,3}(\.\d{3})*(,\d*)?\Z"),
}


class AmbiguousAmount(ValueError):
    """``1,234`` may be a thousand or one and a bit: only its author knows."""


def exact_amount(text: str) -> Decimal:
    """An ``xs:decimal``; anything else, thousands separators included, is a ``ValueError``."""
    stripped = text.strip()
    if len(stripped) > AMOUNT_LENGTH_MAX or not _DECIMAL.match(stripped):
        raise ValueError(f"not a decimal number: {stripped[:40]!r}")
    if sum(character.isdigit() for character in stripped.split(".")[0]) > AMOUNT_DIGITS_MAX:
        raise ValueError(f"more than {AMOUNT_DIGITS_MAX} digits")
    return Decimal(stripped)


def to_cents(amount: Decimal) -> int:
    """Whole hundredths, half up."""
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


def is_whole_cents(amount: Decimal) -> bool:
    return amount * 100 == (amount * 100).to_integral_value()


def exact_date(text: str) -> date:
    """A date as CII (``20261122``) or ISO 8601 writes it; a time or a zone after it is dropped."""
    stripped = text.strip()
    compact = re.match(r"(\d{4})(\d{2})(\d{2})(?:\d{4}(?:\d{2})?)?\Z", stripped)
    iso = re.match(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*|Z|[+-]\d{2}:\d{2})?\Z", stripped)
    found = compact or iso
    if not found:
        raise ValueError(f"not a date: {stripped[:40]!r}")
    return _plausible(*(int(part) for part in found.groups()))


def _plausible(year: int, month: int, day: int) -> date:
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise ValueError(f"year out of range: {year}")
    return date(year, month, day)


def typed_amount(text: str, decimal_mark: str | None = None) -> Decimal:
    """An amount as people type it: ``1 234,56``, ``1.234,56``, ``(12.00)``, ``12,50-``, ``8 €``.

    ``decimal_mark`` is what the rest of the file says; without it ``1,234`` raises
    ``AmbiguousAmount`` rather than being guessed a thousand times too large.
    """
    bare = _CURRENCY_MARKS.sub("", unicodedata.normalize("NFKC", text)).replace("−", "-")
    bare = bare.replace("'", " ").replace("’", " ").strip()
    negative = bare.startswith(("-", "(")) or bare.endswith("-")
    bare = bare.strip("()+- ")
    if not re.match(r"\d{1,3}( \d{3})+([.,]\d*)?\Z", _SPACES.sub(" ", bare)) and " " in bare:
        raise ValueError(f"not an amount: {text[:40]!r}")
    digits = _point_decimal(_SPACES.sub("", bare), decimal_mark)
    amount = exact_amount(digits)
    return -amount if negative else amount


def _point_decimal(bare: str, decimal_mark: str | None) -> str:
    marks = [character for character in bare if character in ",."]
    if not marks:
        return bare
    mark = _sure_decimal_mark(bare) or decimal_mark
    if mark is None:
        raise AmbiguousAmount(f"thousands or decimals: {bare!r}")
    grouping = "," if mark == "." else "."
    if grouping in bare and not _GROUPED[grouping].match(bare):
        raise ValueError(f"not an amount: {bare!r}")
    return bare.replace(grouping, "").replace(mark, ".")


def _sure_decimal_mark(bare: str) -> str | None:
    """The decimal mark when the text alone decides it."""
    commas, points = bare.count(","), bare.count(".")
    if commas and points:
        return "," if bare.rindex(",") > bare.rindex(".") else "."
    if commas > 1 or points > 1:
        return "." if commas else ","
    mark = "," if commas else "."
    whole, _, rest = bare.partition(mark)
    if len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
        return None
    return mark


def decimal_mark_of(texts: Iterable[str]) -> str | None:
    """The decimal mark a file uses: the one every deciding amount agrees on, else ``None``."""
    found: set[str] = set()
    for text in texts:
        bare = _SPACES.sub("", _CURRENCY_MARKS.sub("", unicodedata.normalize("NFKC", text)))
        bare = bare.strip("()+-−'’")
        if re.fullmatch(r"[\d.,]+", bare) and re.search(r"[.,]", bare):
            mark = _sure_decimal_mark(bare)
            if mark:
                found.add(mark)
    return found.pop() if len(found) == 1 else None


MONTHS = {
    "janvier": 1, "janv": 1, "january": 1, "jan": 1, "januar": 1,
    "fevrier": 2, "fevr": 2, "fev": 2, "february": 2, "feb": 2, "februar": 2,
    "mars": 3, "march": 3, "mar": 3, "marz": 3,
    "avril": 4, "avr": 4, "april": 4, "apr": 4,
    "mai": 5, "may": 5,
    "juin": 6, "june": 6, "jun": 6, "juni": 6,
    "juillet": 7, "juil": 7, "july": 7, "jul": 7, "juli": 7,
    "aout": 8, "august": 8, "aug": 8,
    "septembre": 9, "sept": 9, "september": 9, "sep": 9,
    "octobre": 10, "oct": 10, "october": 10, "oktober": 10, "okt": 10,
    "novembre": 11, "nov": 11, "november": 11,
    "decembre": 12, "dec": 12, "december": 12, "dezember": 12, "dez": 12,
}  # fmt: skip


def unaccented(text: str) -> str:
    """Lower case without accents or doubled spaces, for comparing words people typed."""
    decomposed = unicodedata.normalize("NFKD", text)
    kept = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _SPACES.sub(" ", kept).strip().lower()


def typed_date(text: str, *, day_first: bool = True) -> date:
    """A date as people or spreadsheets write it: ``31/12/2026``, ISO, ``31 déc. 2026``, ``46387``.

    ``day_first`` decides ``03/04/2026`` (in France the third of April).
    """
    plain = unaccented(text)
    serial = re.fullmatch(r"(\d{5,6})(?:\.\d+)?", plain)
    if serial and EXCEL_SERIAL_MIN <= int(serial[1]) <= EXCEL_SERIAL_MAX:
        return EXCEL_EPOCH + timedelta(days=int(serial[1]))
    numeric = re.match(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})(?:[ t].*)?\Z", plain)
    if numeric:
        first, second, year = (int(part) for part in numeric.groups())
        day, month = (first, second) if day_first else (second, first)
        return _plausible(year + 2000 if year < 100 else year, month, day)
    worded = re.match(r"(\d{1,2})(?:er|st|nd|rd|th)?[ .\-]+([a-z]+)[ .,\-]+(\d{4})\Z", plain)
    if worded:
        return _plausible(int(worded[3]), _month(worded[2]), int(worded[1]))
    american = re.match(r"([a-z]+)\.? (\d{1,2}),? (\d{4})\Z", plain)
    if american:
        return _plausible(int(american[3]), _month(american[1]), int(american[2]))
    return exact_date(plain.replace("/", "-").replace("t", "T"))


def _month(word: str) -> int:
    if word not in MONTHS:
        raise ValueError(f"not a month: {word!r}")
    return MONTHS[word]


def is_day_first(texts: Iterable[str]) -> bool:
    """Whether ``03/04/2026`` means April: yes, unless the file's own dates prove otherwise."""
    firsts, seconds = 0, 0
    for text in texts:
        found = re.match(r"\s*(\d{1,2})[/.\-](\d{1,2})[/.\-]\d{2,4}", text)
        if found:
            firsts = max(firsts, int(found[1]))
            seconds = max(seconds, int(found[2]))
    return not (seconds > 12 >= firsts)
