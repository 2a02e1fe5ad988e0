"""A one-page PDF that proves one event of the fictional post office, written without any library."""

from partners.sandbox.post_office import Carried, Event

_TITLES = {
    "deposited": "Preuve de dépôt",
    "presented": "Avis de présentation",
    "received": "Avis de réception signé",
    "refused": "Avis de refus",
    "unclaimed": "Pli avisé et non réclamé",
    "returned": "Retour à l'expéditeur",
}

_PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
    b" /Resources << /Font << /F1 5 0 R >> >> >>"
)


def proof_pdf(sending: Carried, event: Event) -> bytes:
    """The proof as a PDF of one page; the same bytes each time it is asked for."""
    lines = [
        _TITLES[event["status"]],
        f"Référence : {sending.reference}",
        f"Service : {sending.service.value}",
        f"Destinataire : {sending.to_name}",
        f"Date : {event['occurred_at']}",
        "Bureau de poste fictif : ce document n'a aucune valeur.",
    ]
    shown = "\n".join(f"({_escaped(line)}) Tj T*" for line in lines)
    content = f"BT /F1 14 Tf 60 760 Td 24 TL\n{shown}\nET".encode("cp1252", "replace")
    return _document(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            _PAGE,
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        ]
    )


def _document(objects: list[bytes]) -> bytes:
    written = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        written += b"%010d 00000 n \n" % offset
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        table,
    )
    return bytes(written)


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
