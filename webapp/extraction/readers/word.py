"""The reader of Word documents (.docx, ECMA-376)."""

import posixpath
import re
from collections.abc import Iterator

from lxml import etree

from webapp.extraction.extracted import Extracted, Format, read_as
from webapp.extraction.markup import parse_xml
from webapp.extraction.packages import Package
from webapp.extraction.paragraphs import Paragraph, joined, left_out

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_MAIN = "word/document.xml"
_DOCUMENT_TYPE = "/officeDocument"
# Deleted and moved text, a second form of the same drawing for older programs, the small letters above others (ruby).
_LEFT_OUT = {f"{_W}{name}" for name in ("del", "moveFrom", "rt", "instrText", "delText")} | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
}
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "‑"}
_CONTENTS = re.compile(r"(?:toc \d|toc heading|table of figures|index \d)$", re.IGNORECASE)
_HEADING = re.compile(r"(?:heading \d|title|subtitle)$", re.IGNORECASE)


def read(package: Package) -> Extracted:
    """Return the text of a document: its paragraphs, headings and line breaks.

    Left out: headers and footers, which are in other parts; footnotes and their numbers; the table of contents; text
    that was deleted while changes were tracked.
    """
    data = package.read(_main_part(package))
    body = parse_xml(data.replace(_STRICT, _W.strip("{}").encode()))
    notes = sum(1 for _ in body.iter(f"{_W}footnoteReference", f"{_W}endnoteReference"))
    text = joined(_paragraphs(body, _styles(package)))
    return read_as(Format.WORD, text, left_out(notes))


def _main_part(package: Package) -> str:
    """Return the name of the part with the document, which the package's relations say."""
    if "_rels/.rels" in package:
        for relation in parse_xml(package.read("_rels/.rels")):
            if relation.get("Type", "").endswith(_DOCUMENT_TYPE) and relation.get("TargetMode") != "External":
                return posixpath.normpath(str(relation.get("Target", "")).lstrip("/"))
    return _MAIN


def _styles(package: Package) -> dict[str, str]:
    """Return the name of each paragraph style by its id. Names of built-in styles are English in every language."""
    if "word/styles.xml" not in package:
        return {}
    styles = parse_xml(package.read("word/styles.xml")).iter(f"{_W}style")
    names = ((style.get(f"{_W}styleId", ""), style.find(f"{_W}name")) for style in styles)
    return {key: name.get(f"{_W}val", "") for key, name in names if name is not None}


def _paragraphs(body: etree._Element, styles: dict[str, str]) -> Iterator[Paragraph]:
    """Yield the paragraphs, also those in tables and text boxes. A box comes before the paragraph that it is in."""
    open_paragraphs: list[list[str]] = []
    before = ""  # of a paragraph whose end was deleted, so that the next one goes on
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        if event == "start" and (element.tag in _LEFT_OUT or _is_contents(element)):
            walk.skip_subtree()
        elif element.tag == f"{_W}p":
            if event == "start":
                open_paragraphs.append([])
            elif open_paragraphs:
                text = before + "".join(open_paragraphs.pop())
                before = text if _has_deleted_end(element) else ""
                name = _style_name(element, styles)
                if not _has_deleted_end(element) and not _CONTENTS.match(name):
                    yield Paragraph(text, bool(_HEADING.match(name)) and text.strip() != "")
        elif event == "start" and open_paragraphs:
            open_paragraphs[-1].append(_text(element))
    if before:
        yield Paragraph(before)


def _has_deleted_end(paragraph: etree._Element) -> bool:
    """Whether the end of a paragraph was deleted or moved away while changes were tracked."""
    kept = paragraph.find(f"{_W}pPr/{_W}rPr")
    return kept is not None and any(kept.find(f"{_W}{name}") is not None for name in ("del", "moveFrom"))


def _text(element: etree._Element) -> str:
    if not isinstance(element.tag, str) or not element.tag.startswith(_W):
        return ""
    name = element.tag[len(_W) :]
    if name == "t":
        return "" if _is_mark_of_note(element) else element.text or ""
    return _SIGNS.get(name, "") if _is_in_run(element) else ""


def _is_mark_of_note(text: etree._Element) -> bool:
    """Whether a text is the sign of a note that somebody has chosen in place of its number."""
    before = text.getprevious()
    notes = (f"{_W}footnoteReference", f"{_W}endnoteReference")
    return before is not None and before.tag in notes and before.get(f"{_W}customMarkFollows") in ("1", "true", "on")


def _is_in_run(element: etree._Element) -> bool:
    """Whether an element is text: `tab` also stands in the properties of a paragraph, where it is a tab stop."""
    parent = element.getparent()
    return parent is not None and parent.tag == f"{_W}r"


def _is_contents(element: etree._Element) -> bool:
    if element.tag != f"{_W}sdt":
        return False
    kind = element.find(f"{_W}sdtPr/{_W}docPartObj/{_W}docPartGallery")
    return kind is not None and kind.get(f"{_W}val", "") == "Table of Contents"


def _style_name(paragraph: etree._Element, styles: dict[str, str]) -> str:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    key = "" if style is None else style.get(f"{_W}val", "")
    return styles.get(key, key)
