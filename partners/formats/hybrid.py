"""XML invoices, alone or inside a PDF: CII of every edition, UBL, and what surrounds them."""

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lxml import etree

from partners.formats import cii, profiles, ubl, zugferd1
from partners.formats.documents import read_document
from partners.formats.refusing import FileRefused
from partners.formats.stated import StatedInvoice
from partners.formats.xml import parse, strip_namespaces
from partners.vocabulary.invoices import FileFormat, FileRead, InvoiceRead, ReadWarning

if TYPE_CHECKING:
    from partners.formats.pdf import Attachment

# It narrates its start and every repair; what matters of that is a warning of the document.
logging.getLogger("pikepdf").setLevel(logging.ERROR)

CII_NAMESPACE = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:"
UBL_NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:"
XMP_LEVEL = "ConformanceLevel"


@dataclass(frozen=True, slots=True)
class _Found:
    """One XML invoice with the syntax and profile it turned out to have."""

    stated: StatedInvoice
    format: FileFormat
    profile: str | None
    guideline: str | None
    remarks: tuple[ReadWarning, ...]

    def document(self) -> InvoiceRead:
        invoice = read_document(self.stated, self.profile)
        return replace(invoice, warnings=(*invoice.warnings, *self.remarks))


def read_xml(content: bytes, name: str) -> FileRead:
    """A file that is XML by itself."""
    found = _find_invoice(content)
    return FileRead(
        name, found.format, found.profile, found.guideline, documents=(found.document(),)
    )


def read_pdf(content: bytes, name: str) -> FileRead:
    """A PDF that carries its invoice as XML; other attachments are left alone."""
    from partners.formats import pdf

    held = pdf.open_invoice(content)
    found, others = _choose(held.attachments)
    document = found.document()
    remarks = [*document.warnings, *_disagreements(found.stated, others)]
    if held.is_damaged:
        remarks.append(ReadWarning("pdf_repaired"))
    remarks += _metadata_remarks(held.xmp)
    return FileRead(
        name,
        FileFormat.ZUGFERD if _is_zugferd(found, held.attachments[0].name) else FileFormat.FACTUR_X,
        found.profile,
        found.guideline,
        documents=(replace(document, warnings=tuple(remarks)),),
    )


def _is_zugferd(found: _Found, attachment: str) -> bool:
    """The German name of the format, by its guideline or, in edition 2.0, only by the file."""
    return "ferd" in f"{found.guideline or ''} {attachment}".lower()


def _choose(attachments: tuple["Attachment", ...]) -> tuple[_Found, list[_Found]]:
    """The preferred attachment that is an invoice, and the others that are too."""
    found: list[_Found] = []
    refused: FileRefused | None = None
    for attachment in attachments:
        try:
            found.append(_find_invoice(attachment.content))
        except FileRefused as error:
            refused = refused or error
    if not found:
        raise refused or FileRefused("pdf_without_invoice")
    return found[0], found[1:]


def _disagreements(kept: StatedInvoice, others: list[_Found]) -> list[ReadWarning]:
    """Two XML in one PDF must tell the same story: a second one is a way to hide another debt."""
    for other in others:
        told = other.stated
        same = (
            told.number == kept.number
            and told.amounts.get("gross") == kept.amounts.get("gross")
            and told.amounts.get("payable") == kept.amounts.get("payable")
            and told.ibans[:1] == kept.ibans[:1]
        )
        if not same:
            return [ReadWarning("attachments_disagree", {"number": told.number or "—"})]
    return []


def _metadata_remarks(xmp: bytes | None) -> list[ReadWarning]:
    """Whether the PDF announces its XML as Factur-X and ZUGFeRD ask (XMP, PDF/A-3)."""
    if xmp is None:
        return [ReadWarning("pdf_metadata_missing")]
    try:
        root = parse(xmp.strip(b"\0 \t\r\n"))
    except FileRefused:
        return [ReadWarning("pdf_metadata_unreadable")]
    names = {etree.QName(element).localname for element in root.iter("{*}*")}
    attributes = {
        etree.QName(key).localname for element in root.iter("{*}*") for key in element.attrib
    }
    announced = {XMP_LEVEL, "DocumentFileName"} <= names | attributes
    return [] if announced else [ReadWarning("pdf_metadata_missing")]


def _find_invoice(content: bytes) -> _Found:
    root = parse(content)
    tag = etree.QName(root)
    namespace = tag.namespace or ""
    if tag.localname == "CrossIndustryInvoice" and namespace.startswith(CII_NAMESPACE):
        return _cross_industry(root, None)
    if tag.localname == "CrossIndustryDocument":
        return _cross_industry(root, profiles.ZUGFERD1_SCHEMA)
    if tag.localname == "Invoice" and "CBFBUY" in namespace:
        return _cross_industry(root, None, ReadWarning("prestandard_edition"))
    if tag.localname in profiles.UBL_SCHEMAS and namespace.startswith(UBL_NAMESPACE):
        return _universal(root, tag.localname)
    raise FileRefused("xml_not_an_invoice", root=tag.localname[:60])


def _cross_industry(root: etree._Element, schema: str | None, *remarks: ReadWarning) -> _Found:
    guideline_text = _guideline(root)
    profile = profiles.profile_of(guideline_text)
    is_old = bool(schema or remarks)
    if not is_old:
        schema = profiles.SCHEMAS.get(profile or "en16931")
    # The schema speaks of namespaces, the mapping does not: check first, then strip.
    error = profiles.schema_error(root, schema) if schema else None
    strip_namespaces(root)
    if is_old:
        zugferd1.modernise(root)
    return _Found(
        _not_empty(cii.stated(root)),
        FileFormat.CII,
        profile,
        guideline_text,
        (*remarks, *_profile_remarks(guideline_text, profile), *_schema_remark(error)),
    )


def _not_empty(stated: StatedInvoice) -> StatedInvoice:
    if stated.number is None and not any(stated.amounts.values()):
        raise FileRefused("document_empty")
    return stated


def _guideline(root: etree._Element) -> str | None:
    for element in root.iter("{*}GuidelineSpecifiedDocumentContextParameter"):
        for identifier in element.iter("{*}ID"):
            return (identifier.text or "").strip() or None
    return None


def _universal(root: etree._Element, tag: str) -> _Found:
    error = profiles.schema_error(root, profiles.UBL_SCHEMAS[tag])
    strip_namespaces(root)
    guideline_text = ubl.guideline(root)
    profile = profiles.profile_of(guideline_text)
    return _Found(
        _not_empty(ubl.stated(root)),
        FileFormat.UBL,
        profile,
        guideline_text,
        (*_profile_remarks(guideline_text, profile), *_schema_remark(error)),
    )


def _profile_remarks(guideline: str | None, profile: str | None) -> list[ReadWarning]:
    if profile:
        return []
    if guideline:
        return [ReadWarning("profile_unknown", {"guideline": guideline[:120]})]
    return [ReadWarning("profile_not_stated")]


def _schema_remark(error: str | None) -> list[ReadWarning]:
    return [ReadWarning("schema_invalid", {"detail": error})] if error else []
