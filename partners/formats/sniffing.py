"""What a file is, by its first bytes; its name is only checked against that."""

from pathlib import PurePath

from partners.formats.refusing import FileRefused

HEADER_BYTES = 1024
PDF, XML, WORKBOOK, TEXT = "pdf", "xml", "xlsx", "csv"
# The EICAR test string, in two parts so that this very file does not raise an alarm.
ANTIVIRUS_TEST = b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE"

SIGNATURES = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "legacy_or_protected_office"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
    (b"\xff\xd8\xff", "image"),
    (b"\x89PNG", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"MZ", "executable"),
    (b"\x7fELF", "executable"),
)
LABELS = {PDF: "PDF", XML: "XML", WORKBOOK: "XLSX", TEXT: "TXT/CSV"}
EXTENSIONS = {".pdf": PDF, ".xml": XML, ".csv": TEXT, ".tsv": TEXT, ".xlsx": WORKBOOK}


def kind_of(content: bytes, name: str) -> str:
    """``pdf``, ``xml``, ``xlsx`` or ``csv``.

    Raises:
        FileRefused: empty, a virus, a kind we do not take, or not what its extension claims.
    """
    if not content.strip(b"\0 \t\r\n"):
        raise FileRefused("empty_file")
    if ANTIVIRUS_TEST in content:
        raise FileRefused("virus_signature")
    kind = _kind_by_content(content)
    claimed = EXTENSIONS.get(PurePath(name).suffix.lower())
    if claimed and claimed != kind:
        raise FileRefused(
            "wrong_extension", extension=PurePath(name).suffix.lower(), actual=LABELS[kind]
        )
    return kind


def _kind_by_content(content: bytes) -> str:
    header = content[:HEADER_BYTES]
    for signature, code in SIGNATURES:
        if header.startswith(signature):
            raise FileRefused(code)
    if b"%PDF-" in header:
        return PDF
    if header.startswith(b"PK"):
        return WORKBOOK
    plain = header.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if plain[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise FileRefused("web_page")
    if plain.startswith(b"<"):
        return XML
    if b"\0" in header and not header.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused("unknown_format")
    return TEXT
