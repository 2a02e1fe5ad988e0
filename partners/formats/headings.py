"""Which column is which: the usual French and English headings of invoice lists."""

import re
from collections.abc import Iterable, Mapping, Sequence

from partners.formats.values import unaccented

# Field → headings. The first French and English ones are those of the template; all are compared
# without case, accents, punctuation, currency signs or small words.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "number": (
        "numéro de facture", "invoice number", "numéro", "n° facture", "n°", "facture",
        "référence facture", "référence", "réf", "pièce", "n° pièce", "numéro de pièce",
        "numéro de document", "n° document", "invoice", "invoice no", "invoice id", "number",
        "document number", "document no", "reference", "ref", "bill number", "doc id", "piece ref",
    ),
    "kind": (
        "type", "kind", "type de document", "type de pièce", "nature", "document type",
        "invoice type",
    ),
    "issued_on": (
        "date de facture", "invoice date", "date d'émission", "date", "date facture",
        "date de facturation", "date pièce", "date document", "émise le", "facturé le",
        "issue date", "issued", "issued on", "date issued", "document date", "posting date",
        "billing date", "bill date",
    ),
    "due_on": (
        "date d'échéance", "due date", "échéance", "date échéance", "échéance le", "à payer le",
        "date limite de paiement", "date de règlement prévue", "date exigibilité", "due", "due on",
        "payment due", "payment due date", "maturity", "due in date",
    ),
    "delivered_on": (
        "date de livraison", "delivery date", "livré le", "date de prestation", "delivered on",
        "date bl", "service date",
    ),
    "currency": ("devise", "currency", "monnaie", "code devise", "invoice currency", "ccy"),
    "net": (
        "montant HT", "net amount", "HT", "total HT", "base HT", "hors taxes", "montant hors taxe",
        "net HT", "amount excl vat", "amount excluding tax", "subtotal", "net total", "excl tax",
    ),
    "vat": (
        "montant TVA", "VAT amount", "TVA", "total TVA", "taxes", "VAT", "tax", "tax amount",
        "total tax", "total VAT",
    ),
    "gross": (
        "montant TTC", "total amount", "TTC", "total TTC", "toutes taxes comprises", "montant brut",
        "montant toutes taxes comprises", "gross amount", "gross", "gross total",
        "amount TTC", "amount incl vat", "amount including tax", "total incl tax", "invoice total", "grand total",
    ),
    "prepaid": (
        "acomptes versés", "prepaid amount", "acompte", "acomptes", "déjà payé", "déjà réglé",
        "montant réglé", "montant payé", "réglé", "payé", "encaissé", "paid", "amount paid",
        "paid amount", "prepaid", "deposit",
    ),
    "payable": (
        "reste à payer", "amount due", "solde", "reste dû", "solde dû", "restant dû", "net à payer",
        "montant dû", "à régler", "solde TTC", "encours", "balance", "balance due", "open amount",
        "outstanding", "outstanding amount", "amount outstanding", "payable", "total open amount",
        "open balance", "remaining",
    ),
    "buyer_name": (
        "client", "customer", "nom du client", "raison sociale", "nom client", "débiteur",
        "acheteur", "tiers", "nom", "société", "raison sociale client", "intitulé", "destinataire",
        "customer name", "buyer", "buyer name", "debtor", "debtor name", "company",
        "company name", "account name", "bill to", "name customer", "name",
    ),
    "buyer_siren": (
        "SIREN client", "customer SIREN", "SIREN", "SIREN du client", "SIREN débiteur",
        "n° SIREN", "numéro SIREN", "SIREN acheteur", "buyer SIREN",
    ),
    "buyer_siret": (
        "SIRET client", "customer SIRET", "SIRET", "SIRET du client", "n° SIRET", "numéro SIRET",
        "SIRET débiteur", "SIRET acheteur", "buyer SIRET",
    ),
    "buyer_vat": (
        "TVA intracommunautaire client", "customer VAT number", "TVA intracommunautaire",
        "n° TVA", "numéro de TVA", "numéro TVA intracommunautaire", "TVA intra", "VAT number",
        "VAT id", "tax id", "buyer VAT", "customer VAT",
    ),
    "buyer_country": ("pays client", "customer country", "pays", "code pays", "country",
                      "country code", "buyer country"),
    "buyer_street": ("adresse client", "customer address", "adresse", "rue", "address", "street",
                     "adresse 1", "adresse de facturation", "billing address"),
    "buyer_postcode": ("code postal client", "customer postcode", "code postal", "CP", "postcode",
                       "zip", "zip code", "postal code"),
    "buyer_city": ("ville client", "customer city", "ville", "city", "localité", "commune"),
    "buyer_email": ("e-mail client", "customer e-mail", "email", "e-mail", "mail", "courriel",
                    "adresse e-mail", "email address", "customer email", "email client"),
    "seller_name": ("vendeur", "seller", "fournisseur", "nom du vendeur", "émetteur", "supplier",
                    "seller name", "vendor", "issuer"),
    "seller_siren": ("SIREN vendeur", "seller SIREN", "SIREN fournisseur", "SIREN émetteur",
                     "SIREN du vendeur"),
    "seller_vat": ("TVA intracommunautaire vendeur", "seller VAT number", "TVA vendeur",
                   "seller VAT", "supplier VAT number"),
    "payee_name": ("bénéficiaire", "payee", "payer à", "pay to"),
    "iban": ("IBAN", "IBAN", "compte bancaire", "bank account", "IBAN vendeur", "RIB"),
    "terms": (
        "conditions de règlement", "payment terms", "conditions de paiement", "délai de paiement",
        "délai de règlement", "mode et délai", "modalités de paiement", "terms", "conditions",
        "payment conditions", "cust payment terms",
    ),
    "order_reference": ("bon de commande", "purchase order", "commande", "n° commande",
                        "numéro de commande", "référence commande", "PO", "PO number", "order",
                        "order number"),
    "contract_reference": ("contrat", "contract", "n° contrat", "numéro de contrat", "marché",
                           "n° marché", "contract number"),
    "delivery_reference": ("bon de livraison", "delivery note", "BL", "n° BL",
                           "delivery reference"),
    "preceding": ("facture d'origine", "preceding invoice", "facture liée", "avoir sur facture",
                  "facture rectifiée", "original invoice", "credited invoice"),
    "note": ("commentaire", "note", "notes", "remarque", "libellé", "objet", "description",
             "comment", "comments", "subject"),
}  # fmt: skip

# "Montant" alone means the total with VAT, but only where no column says so better.
GENERIC_GROSS = ("montant", "amount", "total", "invoice amount", "montant facture", "montant total")

NEEDED = ("number", "issued_on")
AMOUNTS = ("gross", "payable", "net")
HEADING_ROW_MAX = 20
COLUMNS_MAX = 200

_SMALL_WORDS = frozenset(
    {"d", "de", "des", "du", "en", "eur", "euro", "euros", "l", "la", "les", "of", "the", "usd"}
)
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}[a-z]?\b")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_NUMBER_SIGN = re.compile(r"\bn\s*°|\bno\b\.?|\bnum\b\.?|\bnbr\b|\bnumero\b|#")


def normalised(heading: str) -> str:
    """A heading reduced to what it says: ``N° de facture (€)`` and ``numero facture`` are one."""
    plain = re.sub(r"\(.*?\)|\[.*?\]", " ", _CAMEL.sub(" ", heading.replace("_", " ")))
    plain = _NUMBER_SIGN.sub(" numero ", unaccented(plain.replace("°", " ° ").replace("º", " ° ")))
    plain = _INITIALS.sub(lambda found: found[0].replace(".", ""), plain)
    words = re.sub(r"[^a-z0-9]+", " ", plain.replace("e-mail", "email")).split()
    kept = [word for word in words if word not in _SMALL_WORDS]
    return " ".join(kept or words)


_FIELD_BY_HEADING = {
    normalised(heading): field for field, headings in SYNONYMS.items() for heading in headings
}
_GENERIC_GROSS = frozenset(normalised(heading) for heading in GENERIC_GROSS)


def recognise(cells: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[int, str]:
    """Column index → field, for a row of headings; each field once, at its first column.

    ``chosen`` is the sender's own mapping, heading → field (or ``""`` to leave a column out); it
    wins over what is recognised.
    """
    found: dict[int, str] = {}
    wishes = {normalised(heading): field for heading, field in (chosen or {}).items()}
    for column, cell in enumerate(cells):
        key = normalised(cell)
        field = wishes.get(key, _FIELD_BY_HEADING.get(key, ""))
        if key and field and field not in found.values():
            found[column] = field
    if "gross" not in found.values():
        for column, cell in enumerate(cells):
            if column not in found and normalised(cell) in _GENERIC_GROSS:
                found[column] = "gross"
                break
    return found


def are_enough(fields: Iterable[str]) -> bool:
    """Whether a table with these columns can be read at all."""
    known = set(fields)
    return known.issuperset(NEEDED) and bool(known.intersection(AMOUNTS))


def heading_row(
    rows: Sequence[Sequence[str]], chosen: Mapping[str, str] | None = None
) -> tuple[int, dict[int, str]]:
    """(index of the row of headings, its columns): the first row that recognises the most."""
    best: tuple[int, dict[int, str]] = (0, {})
    for index, cells in enumerate(rows[:HEADING_ROW_MAX]):
        columns = recognise(cells, chosen)
        if len(columns) > len(best[1]):
            best = (index, columns)
    return best
