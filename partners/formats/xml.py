"""XML parsed with nothing trusted: no DTD, no entity, no network, bounded size."""

from lxml import etree

from partners.formats.refusing import FileRefused

XML_BYTES_MAX = 20 * 1024 * 1024
XML_ELEMENTS_MAX = 200_000
XML_ATTRIBUTES_MAX = 200_000
TEXT_LENGTH_MAX = 10_000


def parse(content: bytes) -> etree._Element:
    """The root element.

    Raises:
        FileRefused: too large, a document type declaration, or not well-formed.
    """
    _refuse_oversized(content)
    if has_document_type(content):
        raise FileRefused("xml_dtd")
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(content.lstrip(b"\xef\xbb\xbf \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FileRefused("xml_malformed", detail=_first_line(error)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise FileRefused("xml_dtd")
    return root


def has_document_type(content: bytes) -> bool:
    """Whether a DTD or an entity is declared, in any encoding that spreads ASCII with zeros."""
    squeezed = content.replace(b"\0", b"") if b"\0" in content[:200] else content
    return b"<!DOCTYPE" in squeezed or b"<!ENTITY" in squeezed


def _refuse_oversized(content: bytes) -> None:
    if len(content) > XML_BYTES_MAX:
        raise FileRefused("xml_too_large", limit_mb=str(XML_BYTES_MAX // 2**20))
    attributes = content.count(b'="') + content.count(b"='")
    if content.count(b"<") > 2 * XML_ELEMENTS_MAX or attributes > XML_ATTRIBUTES_MAX:
        raise FileRefused("xml_too_many_elements", limit=str(XML_ELEMENTS_MAX))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:160] if str(error) else type(error).__name__


def strip_namespaces(root: etree._Element) -> None:
    """Rename every element to its local name, so that one mapping reads every edition."""
    for element in root.iter("{*}*"):
        element.tag = str(element.tag).rpartition("}")[2]


def text_of(element: etree._Element | None, path: str = ".") -> str | None:
    """The trimmed text at a path, clipped to what a field may hold; ``None`` when absent."""
    found = element if element is None or path == "." else element.find(path)
    if found is None or found.text is None:
        return None
    return found.text.strip()[:TEXT_LENGTH_MAX] or None
