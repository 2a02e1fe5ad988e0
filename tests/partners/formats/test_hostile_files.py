"""Files meant to harm: refused with a clear code, in under a second and 300 MB."""

import json
import subprocess
import sys
import zlib
from pathlib import Path

import pikepdf
import pytest

from partners.formats.reading import FILE_BYTES_MAX, read_file
from partners.formats.sniffing import ANTIVIRUS_TEST
from partners.formats.template import template_xlsx
from tests.partners.formats.files import archive, cii, factur_x, pdf, workbook

# Of processor time: other processes of the machine must not fail this test.
SECONDS_MAX = 1.0
PEAK_MB_MAX = 300
MEASURE = """
import json, logging, pathlib, re, sys, time
logging.disable(logging.CRITICAL)
from partners.formats.reading import read_file
started = time.process_time()
read = read_file(sys.argv[1])
seconds = time.process_time() - started
status = pathlib.Path("/proc/self/status").read_text()
peak_mb = int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) // 1024
print(json.dumps([seconds, peak_mb, [refusal.code for refusal in read.refusals]]))
"""
BOOK = {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}
MEGABYTE = 1024 * 1024


def inflating_pdf(megabytes: int, *, twice: bool = False) -> bytes:
    """A PDF whose attachment is small in the file and large once inflated."""
    document = pikepdf.new()
    document.add_blank_page()
    squeezed = zlib.compress(b"\0" * (megabytes * MEGABYTE), 9)
    stream = pikepdf.Stream(document, zlib.compress(squeezed, 9) if twice else squeezed)
    filters = [pikepdf.Name.FlateDecode] * (2 if twice else 1)
    stream.Filter = pikepdf.Array(filters)
    files = pikepdf.Dictionary(F=document.make_indirect(stream))
    name = pikepdf.String("factur-x.xml")
    specification = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F=name, UF=name, EF=files)
    tree = pikepdf.Array([name, document.make_indirect(specification)])
    document.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=tree))
    from io import BytesIO

    saved = BytesIO()
    document.save(
        saved,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )
    return saved.getvalue()


def index_bomb() -> bytes:
    """A PDF whose own index inflates to hundreds of megabytes when it is opened."""
    squeezed = zlib.compress(b"\0" * (600 * MEGABYTE), 9)
    head = b"%PDF-1.5\n1 0 obj\n<</Type/Catalog>>\nendobj\n"
    index = b"<</Type/XRef/Size 9/W[1 4 1]/Root 1 0 R/Filter/FlateDecode/Length %d>>" % len(
        squeezed
    )
    body = b"3 0 obj\n" + index + b"stream\n" + squeezed + b"\nendstream\nendobj\n"
    return head + body + b"startxref\n%d\n%%%%EOF\n" % len(head)


def entities(levels: int) -> bytes:
    declared = ['<!ENTITY e0 "ha">']
    declared += [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels)]
    return f"<!DOCTYPE x [{''.join(declared)}]><x>&e{levels - 1};</x>".encode()


HOSTILE = {
    "empty.pdf": (lambda: b"", "empty_file"),
    "blank.csv": (lambda: b"\r\n \n", "empty_file"),
    "fifty-megabytes.pdf": (lambda: b"%PDF-1.7" + b"0" * (50 * MEGABYTE), "file_too_large"),
    "external-entity.xml": (
        lambda: b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "xml_dtd",
    ),
    "external-dtd.xml": (lambda: b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>', "xml_dtd"),
    "billion-laughs.xml": (lambda: entities(12), "xml_dtd"),
    "quadratic.xml": (
        lambda: b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 50_000 + b'">]><a>' + b"&b;" * 50_000,
        "xml_dtd",
    ),
    "wide-characters.xml": (
        lambda: '<?xml version="1.0" encoding="utf-16"?>'.encode("utf-16") + b"".join(
            bytes((byte, 0)) for byte in b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
        ),
        "xml_dtd",
    ),
    "many-elements.xml": (lambda: b"<a>" + b"<b/>" * 3_000_000 + b"</a>", "xml_too_many_elements"),
    "many-attributes.xml": (
        lambda: b"<a " + b" ".join(b'a%d=""' % n for n in range(300_000)) + b"/>",
        "xml_too_many_elements",
    ),
    "deep.xml": (lambda: b"<a>" * 150_000, "xml_malformed"),
    "one-long-text.xml": (lambda: b"<a>" + b"x" * (19 * MEGABYTE) + b"</a>", "xml_malformed"),
    "not-an-invoice.xml": (lambda: b"<note/>", "xml_not_an_invoice"),
    "attachment-bomb.pdf": (lambda: inflating_pdf(300), "pdf_attachment_too_large"),
    "attachment-bomb-twice.pdf": (
        lambda: inflating_pdf(600, twice=True),
        "pdf_attachment_too_large",
    ),
    "index-bomb.pdf": (index_bomb, "pdf_damaged"),
    "garbage.pdf": (
        lambda: b"%PDF-1.4\n" + b"1 0 obj <</A 1 0 R>> endobj\n" * 700_000 + b"startxref\n0\n%%EOF",
        "pdf_damaged",
    ),
    "small-garbage.pdf": (
        lambda: b"%PDF-1.4\n" + b"1 0 obj <</A 1 0 R>> endobj\n" * 170_000 + b"startxref\n0\n%%EOF",
        "pdf_damaged",
    ),
    "nested.pdf": (
        lambda: b"%PDF-1.4\n1 0 obj " + b"[" * 2_000_000 + b"\nstartxref\n9\n%%EOF",
        "pdf_damaged",
    ),
    "encrypted.pdf": (lambda: pdf({"factur-x.xml": cii()}, password="secret"), "pdf_encrypted"),
    "restricted.pdf": (lambda: pdf({"factur-x.xml": cii()}, password=""), "pdf_encrypted"),
    "truncated.pdf": (lambda: (whole := factur_x(cii()))[: len(whole) // 2], "pdf_truncated"),
    "many-attachments.pdf": (
        lambda: pdf({f"{n}.xml": b"<a/>" for n in range(150)}),
        "pdf_too_many_attachments",
    ),
    "page.pdf": (lambda: b"<!DOCTYPE html><html></html>", "web_page"),
    "invoice-as.pdf": (cii, "wrong_extension"),
    "pdf-as.xml": (lambda: pdf({"factur-x.xml": cii()}), "wrong_extension"),
    "program.pdf": (lambda: b"MZ\x90\0" + b"\0" * 500, "executable"),
    "photo.pdf": (lambda: b"\xff\xd8\xff\xe0" + b"\0" * 500, "image"),
    "old.xls": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "legacy_or_protected_office"),
    "random.bin": (lambda: bytes(range(256)) * 100, "unknown_format"),
    "virus.csv": (lambda: b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + ANTIVIRUS_TEST, "virus_signature"),
    "virus-inside.pdf": (lambda: pdf({"a.xml": b"X5O!" + ANTIVIRUS_TEST}), "virus_signature"),
    "virus-inside.xlsx": (
        lambda: archive({**BOOK, "xl/sharedStrings.xml": b"X5O!" + ANTIVIRUS_TEST}),
        "virus_signature",
    ),
    "bomb.xlsx": (
        lambda: archive({**BOOK, "xl/worksheets/sheet1.xml": b" " * (400 * MEGABYTE)}),
        "workbook_too_large",
    ),
    "many-texts.xlsx": (
        lambda: archive({**BOOK, "xl/sharedStrings.xml": b"<si/>" * 3_000_000}),
        "workbook_too_large",
    ),
    "entities.xlsx": (
        lambda: archive({**BOOK, "xl/worksheets/sheet1.xml": entities(10)}),
        "xml_dtd",
    ),
    "macros.xlsx": (lambda: archive({**BOOK, "xl/vbaProject.bin": b"x"}), "workbook_with_macros"),
    "cut.xlsx": (lambda: (whole := workbook([["a"]]))[: len(whole) // 2], "workbook_damaged"),
    "nested.zip": (lambda: archive({"a.zip": archive({"b.zip": b""})}), "archive"),
    "packed.gz": (lambda: b"\x1f\x8b\x08" + b"\0" * 100, "archive"),
    "one-cell.csv": (lambda: b'numero;date;ttc\n"' + b"a;" * (9 * MEGABYTE), "unknown_format"),
    "separators.csv": (lambda: (b";" * 100 + b"\n") * 200_000, "headings_not_found"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_quickly_and_in_little_memory(name: str, tmp_path: Path):
    build, code = HOSTILE[name]
    path = tmp_path / name
    path.write_bytes(build())

    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, timeout=30
    )

    seconds, peak_mb, codes = json.loads(measured.stdout)
    assert codes == [code]
    assert seconds < SECONDS_MAX
    assert peak_mb < PEAK_MB_MAX


def test_the_size_limit_is_exact_to_the_byte():
    assert read_file(b"x" * FILE_BYTES_MAX, "a.csv").refusals[0].code != "file_too_large"
    assert read_file(b"x" * (FILE_BYTES_MAX + 1), "a.csv").refusals[0].code == "file_too_large"


def test_a_missing_file_is_a_refusal_too(tmp_path: Path):
    assert read_file(tmp_path / "absent.pdf").refusals[0].code == "file_not_found"


@pytest.mark.parametrize("kept", range(5, 100, 5))
def test_a_file_cut_anywhere_never_gives_an_invoice_in_silence(kept: int):
    whole = factur_x(cii())
    read = read_file(whole[: len(whole) * kept // 100], "f.pdf")
    assert read.documents == ()
    assert read.refusals


def test_flipped_bytes_never_raise_and_never_change_an_amount_unseen():
    xml = cii()
    clean = read_file(xml, "f.xml").documents[0]
    for position in range(0, len(xml), 7):
        broken = xml[:position] + bytes([xml[position] ^ 1]) + xml[position + 1 :]
        for invoice in read_file(broken, "f.xml").documents:
            changed = invoice.gross_cents != clean.gross_cents
            assert not changed or invoice.warnings


def test_a_workbook_with_flipped_bytes_is_damaged_and_nothing_worse():
    whole = template_xlsx()
    for position in range(0, len(whole), 41):
        broken = whole[:position] + bytes([whole[position] ^ 85]) + whole[position + 1 :]
        codes = {refusal.code for refusal in read_file(broken, "l.xlsx").refusals}
        assert "unreadable" not in codes
