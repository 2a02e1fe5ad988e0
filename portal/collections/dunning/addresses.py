"""The postal address of a debtor, read from the line it was imported as."""

import re

from partners.vocabulary.post import PostalAddress

FRENCH = re.compile(r"^(?P<street>.+?)[,\n]?\s*\b(?P<postcode>\d{5})\s+(?P<city>[^\d,\n]+)$", re.S)
LINES_MAX = 4


def postal_address(address: str | None, country: str) -> PostalAddress | None:
    """Street, postcode and town; None when the line does not give all three (abroad, it is never guessed)."""
    found = FRENCH.match((address or "").strip()) if country == "FR" else None
    if found is None:
        return None
    lines = [part.strip() for part in re.split(r"[,\n]", found["street"]) if part.strip()]
    return PostalAddress(tuple(lines[:LINES_MAX]), found["postcode"], found["city"].strip())
