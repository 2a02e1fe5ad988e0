"""Identifiers of companies and accounts: cleaned, checked, and compared with an applicant."""

import re
from enum import StrEnum

from partners.formats.values import unaccented
from partners.vocabulary.invoices import InvoiceRead, PartyRead

# France and the overseas territories whose companies are in the Sirene register.
SIRENE_COUNTRIES = frozenset(
    {"FR", "GF", "GP", "MQ", "RE", "YT", "BL", "MF", "PM", "MC", "NC", "PF", "WF", "TF"}
)
SIREN_SCHEME, SIRET_SCHEME = "0002", "0009"


class SellerMatch(StrEnum):
    """Whether the seller of a document is the company that applies."""

    MATCH = "match"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"


def compact(text: str) -> str:
    """Upper case without spaces, dots or hyphens."""
    return re.sub(r"[\s.\-\u00a0\u202f]", "", text).upper()


def plain(text: str) -> str:
    """Letters and digits only, lower case, for telling whether two names are the same."""
    return re.sub(r"[^a-z0-9 ]", "", unaccented(text)).strip()


def is_siren(text: str) -> bool:
    """Nine digits whose Luhn key is right (reference: INSEE)."""
    from stdnum.fr import siren

    return bool(siren.is_valid(text))


def is_siret(text: str) -> bool:
    """Fourteen digits with a right key, La Poste's establishments by their own rule (INSEE)."""
    from stdnum import luhn

    if not re.fullmatch(r"[0-9]{14}", text):
        return False
    if luhn.is_valid(text):
        return True
    return text.startswith("356000000") and sum(map(int, text)) % 5 == 0


def is_french_vat(text: str) -> bool:
    """``FR``, two-character key, SIREN (CGI art. 286 ter)."""
    from stdnum.fr import tva

    return bool(tva.is_valid(text))


def siren_of_vat(vat_id: str | None) -> str | None:
    """The SIREN inside a French VAT number."""
    found = re.fullmatch(r"FR[0-9A-Z]{2}([0-9]{9})", vat_id or "")
    return found[1] if found else None


def is_iban(text: str) -> bool:
    """Length and structure of its country, and the mod 97 key (ISO 13616)."""
    from stdnum import iban

    return bool(iban.is_valid(text))


def clean_iban(text: str) -> str:
    """Compact when it looks like an IBAN; as written when it is something else."""
    squeezed = compact(text)
    return squeezed if re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{6,30}", squeezed) else text.strip()


def masked(text: str) -> str:
    """The last four characters only: enough to recognise an account, useless to a thief."""
    return f"…{text[-4:]}"


def siren_of(party: PartyRead) -> str | None:
    """The party's SIREN, from itself, its SIRET or its French VAT number."""
    if party.siren:
        return party.siren
    return party.siret[:9] if party.siret else siren_of_vat(party.vat_id)


def seller_matches(invoice: InvoiceRead, siren: str) -> SellerMatch:
    """Whether the document was issued by the company with this SIREN.

    ``UNKNOWN`` when the document gives its seller no French identifier; every one it does give
    (SIREN, SIRET, VAT) must agree, so a forged mix is a mismatch.
    """
    wanted = compact(siren)
    stated = {
        invoice.seller.siren,
        invoice.seller.siret[:9] if invoice.seller.siret else None,
        siren_of_vat(invoice.seller.vat_id),
    } - {None}
    if stated:
        return SellerMatch.MATCH if stated == {wanted} else SellerMatch.MISMATCH
    country = invoice.seller.country
    if country and country not in SIRENE_COUNTRIES:
        return SellerMatch.MISMATCH
    return SellerMatch.UNKNOWN
