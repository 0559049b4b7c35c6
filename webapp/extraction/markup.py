"""The reading of XML and HTML of strangers: no entity is expanded, nothing is fetched, size and depth have limits."""

from lxml import etree

from webapp.extraction.extracted import TextProblem

_DAMAGED = (
    "A part of the file is not as its format asks: open it in the program that made it, save it again, and use that."
)
_ENTITIES = (
    "The file declares entities, which no program does that writes texts, and which can be made to fill a machine's "
    "memory: nothing of it was read. Save it anew in the program that made it, and use that file."
)
_XML = {"resolve_entities": False, "no_network": True, "load_dtd": False, "remove_comments": True, "remove_pis": True}


def parse_xml(data: bytes, entities: bool = False) -> etree._Element:
    """Return the root of an XML document.

    Raises TextProblem if it is not well-formed, or declares entities (unless `entities`, and then they stay unread).
    """
    if not entities and b"<!ENTITY" in data:
        raise TextProblem(_ENTITIES)
    try:
        root = etree.fromstring(data, etree.XMLParser(**_XML))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise TextProblem(_DAMAGED) from error
    if not entities and root.getroottree().docinfo.doctype:
        raise TextProblem(_ENTITIES)
    return root


def parse_html(text: str) -> etree._Element | None:
    """Return the root of a web page, read as leniently as browsers do; None where there is none."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(text.encode(errors="replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def local_name(element: etree._Element) -> str:
    """Return a tag without its namespace, in small letters; nothing for what is no element, such as an entity."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
