"""The XML invoice inside a PDF, and nothing else of it: pages are never drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from tempfile import NamedTemporaryFile

import pikepdf
from pikepdf import settings

from partners.formats.refusing import FileRefused
from partners.formats.sniffing import ANTIVIRUS_TEST

INFLATED_BYTES_MAX = 32 * 1024 * 1024
ATTACHMENTS_MAX = 100
NODES_MAX = 200
DAMAGE_MAX = 200
TAIL_BYTES = 4096
# By preference when several are present: today's names first, then the names of older editions.
INVOICE_NAMES = ("factur-x.xml", "xrechnung.xml", "zugferd-invoice.xml")

# qpdf's limits hold for the whole process and must be set before its first use: a stream that
# inflates without end stops here instead of taking the memory of the server.
settings.set_qpdf_limits(
    doc_max_warnings=DAMAGE_MAX,
    parser_max_container_size=200_000,
    flate_max_memory=INFLATED_BYTES_MAX,
    run_length_max_memory=INFLATED_BYTES_MAX,
    png_max_memory=INFLATED_BYTES_MAX,
    tiff_max_memory=INFLATED_BYTES_MAX,
    max_stream_filters=4,
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file attached to the PDF."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class InvoicePdf:
    """The XML attachments by preference, and what is wrong around them."""

    attachments: tuple[Attachment, ...]
    xmp: bytes | None = None
    is_damaged: bool = False


def open_invoice(content: bytes) -> InvoicePdf:
    """The XML files attached to a PDF.

    Raises:
        FileRefused: encrypted, damaged beyond reading, without XML, or inflating too much.
    """
    if not _has_end(content):
        raise FileRefused("pdf_truncated")
    try:
        with _opened(content) as document:
            if document.is_encrypted:
                raise FileRefused("pdf_encrypted")
            return _invoice_of(document)
    except pikepdf.PasswordError as error:
        raise FileRefused("pdf_encrypted") from error
    except (pikepdf.PdfError, pikepdf.DataDecodingError) as error:
        raise FileRefused("pdf_damaged") from error
    except (RuntimeError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise FileRefused("pdf_damaged") from error


def _opened(content: bytes) -> pikepdf.Pdf:
    """The document by its own index, rebuilt when that is broken."""
    try:
        return pikepdf.open(BytesIO(content), attempt_recovery=False)
    except pikepdf.PdfError:
        return _repaired(content)


def _repaired(content: bytes) -> pikepdf.Pdf:
    """Rebuilding reads every byte many times: ten times faster from a file than from Python."""
    with NamedTemporaryFile(suffix=".pdf") as copy:
        copy.write(content)
        copy.flush()
        return pikepdf.open(copy.name)


def _has_end(content: bytes) -> bool:
    """Whether the end of the file came too: what is cut off is missing, however much is left."""
    return b"startxref" in content[-TAIL_BYTES:] and b"%%EOF" in content[-TAIL_BYTES:]


def _invoice_of(document: pikepdf.Pdf) -> InvoicePdf:
    specifications = dict(_embedded(document))
    names = [name for name in specifications if name.lower().endswith(".xml")]
    found = [
        Attachment(name, _content(specifications[name])) for name in sorted(names, key=_preference)
    ]
    is_damaged = bool(document.get_warnings())
    if not found:
        raise FileRefused("pdf_damaged" if is_damaged else "pdf_without_invoice")
    return InvoicePdf(
        attachments=tuple(found),
        xmp=_metadata(document),
        is_damaged=is_damaged,
    )


def _embedded(document: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Object]]:
    """(file name, its specification), from the names tree and from PDF/A-3's associated files."""
    for count, specification in enumerate(_specifications(document)):
        if count >= ATTACHMENTS_MAX:
            raise FileRefused("pdf_too_many_attachments", limit=str(ATTACHMENTS_MAX))
        name = specification.get("/UF", specification.get("/F", ""))
        yield PurePath(str(name)).name, specification


def _specifications(document: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """Walked by hand: real producers write trees that are not sorted, and hostile ones loops."""
    waiting = [_item(_item(document.Root, "/Names"), "/EmbeddedFiles")]
    for _ in range(NODES_MAX):
        if not waiting:
            break
        node = waiting.pop()
        yield from _dictionaries(_item(node, "/Names"))
        waiting += _dictionaries(_item(node, "/Kids"))
    yield from _dictionaries(_item(document.Root, "/AF"))


def _item(node: pikepdf.Object | None, key: str) -> pikepdf.Object | None:
    return node.get(key) if isinstance(node, pikepdf.Dictionary) else None


def _dictionaries(array: pikepdf.Object | None) -> list[pikepdf.Dictionary]:
    if not isinstance(array, pikepdf.Array):
        return []
    items = (array[index] for index in range(min(len(array), 4 * ATTACHMENTS_MAX)))
    return [item for item in items if isinstance(item, pikepdf.Dictionary)]


def _preference(name: str) -> tuple[int, str]:
    lowered = name.lower()
    rank = INVOICE_NAMES.index(lowered) if lowered in INVOICE_NAMES else len(INVOICE_NAMES)
    # "ZUGFeRD-invoice.xml" is edition 1.0, "zugferd-invoice.xml" edition 2.0.
    return rank + (name != lowered), name


def _content(specification: pikepdf.Object) -> bytes:
    files = specification.EF
    stream = files.get("/UF", files.get("/F"))
    if not isinstance(stream, pikepdf.Stream):
        raise FileRefused("pdf_damaged")
    content = _inflated(stream)
    if ANTIVIRUS_TEST in content:
        raise FileRefused("virus_signature")
    return content


def _inflated(stream: pikepdf.Stream) -> bytes:
    try:
        return stream.read_bytes()
    except pikepdf.DataDecodingError as error:
        if "limit exceeded" not in str(error):
            raise
        limit = str(INFLATED_BYTES_MAX // 2**20)
        raise FileRefused("pdf_attachment_too_large", limit_mb=limit) from error


def _metadata(document: pikepdf.Pdf) -> bytes | None:
    metadata = document.Root.get("/Metadata")
    if not isinstance(metadata, pikepdf.Stream):
        return None
    try:
        return _inflated(metadata)
    except (FileRefused, pikepdf.PdfError, pikepdf.DataDecodingError, RuntimeError):
        return None
