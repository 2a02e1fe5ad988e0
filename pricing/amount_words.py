"""An amount in French words, as an undertaking to pay spells it (C. civ. art. 1376)."""

from __future__ import annotations

from pricing.money import Money

_UNITS = [
    "zéro",
    "un",
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
]
_TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante", 8: "quatre-vingt"}
WRITABLE_CENTS = 100_000_000_000


def amount_in_words(amount: Money) -> str:
    """``1 234,56`` EUR as “mille deux cent trente-quatre euros et cinquante-six centimes”.

    Raises:
        ValueError: negative, a thousand million or more, or not in euros.
    """
    if not 0 <= amount.cents < WRITABLE_CENTS or amount.currency != "EUR":
        raise ValueError(f"{amount} is not written in words")
    euros, cents = divmod(amount.cents, 100)
    of = "d'" if euros >= 1_000_000 and euros % 1_000_000 == 0 else ""
    told = f"{number_in_words(euros)} {of}euro{'s' if euros > 1 else ''}"
    if not cents:
        return told
    return f"{told} et {number_in_words(cents)} centime{'s' if cents > 1 else ''}"


def number_in_words(number: int) -> str:
    """A whole number under a thousand million, in the traditional spelling."""
    millions, rest = divmod(number, 1_000_000)
    thousands, units = divmod(rest, 1_000)
    parts = []
    if millions:
        parts.append(f"{_under_thousand(millions)} million{'s' if millions > 1 else ''}")
    if thousands:
        parts.append(
            "mille" if thousands == 1 else f"{_under_thousand(thousands, before=True)} mille"
        )
    if units or not parts:
        parts.append(_under_thousand(units))
    return " ".join(parts)


def _under_thousand(number: int, *, before: bool = False) -> str:
    """``before`` another numeral, “cent” and “vingt” take no s."""
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _under_hundred(rest, before=before)
    plural = "s" if hundreds > 1 and not rest and not before else ""
    head = "cent" if hundreds == 1 else f"{_UNITS[hundreds]} cent{plural}"
    return f"{head} {_under_hundred(rest, before=before)}" if rest else head


def _under_hundred(number: int, *, before: bool = False) -> str:
    if number <= 16:
        return _UNITS[number]
    if number < 20:
        return f"dix-{_UNITS[number - 10]}"
    tens, units = divmod(number, 10)
    if tens in (7, 9):
        tens, units = tens - 1, units + 10
    head = _TENS[tens]
    if units == 0:
        return f"{head}s" if tens == 8 and not before else head
    if units in (1, 11) and tens != 8:
        return f"{head} et {_UNITS[units]}"
    return f"{head}-{_under_hundred(units)}"
