"""The reader of OpenDocument texts (.odt, ISO 26300)."""

from collections.abc import Iterator

from lxml import etree

from webapp.extraction.extracted import Extracted, Format, TextProblem, read_as
from webapp.extraction.markup import parse_xml
from webapp.extraction.packages import Package
from webapp.extraction.paragraphs import Paragraph, joined, left_out

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_NOTE = f"{_TEXT}note"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_INDEXES = {
    f"{_TEXT}{name}"
    for name in (
        "table-of-content",
        "alphabetical-index",
        "illustration-index",
        "table-index",
        "object-index",
        "user-index",
        "bibliography",
    )
}
_PICTURES = {f"{_SVG}title", f"{_SVG}desc"}  # what is said of a picture to those who can't see it
_LEFT_OUT = {_NOTE, *_INDEXES, *_PICTURES, f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}ruby-text"}
_PARAGRAPHS = {f"{_TEXT}p", f"{_TEXT}h"}
_PROTECTED = (
    "The document is protected by a password: save a copy without one in the program that made it, and use that."
)


def read(package: Package) -> Extracted:
    """Return the text of a document: its paragraphs, headings and line breaks.

    Left out: headers and footers, which are in another part; footnotes and their numbers; tables of contents and other
    indexes; descriptions of pictures; comments; text that was deleted while changes were tracked.
    """
    manifest = package.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in package else b""
    if b"encryption-data" in manifest:
        raise TextProblem(_PROTECTED)
    body = parse_xml(package.read("content.xml")).find(f"{_OFFICE}body")
    if body is None or body.find(f"{_OFFICE}text") is None:
        raise TextProblem("This OpenDocument file is not a text document: save its text as .odt or .txt, and use that.")
    notes = sum(1 for _ in body.iter(_NOTE))
    return read_as(Format.OPENDOCUMENT, joined(_paragraphs(body)), left_out(notes))


def _paragraphs(body: etree._Element) -> Iterator[Paragraph]:
    """Yield the paragraphs, also those in tables and text boxes. A box comes before the paragraph that it is in."""
    open_paragraphs: list[list[str]] = []
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        inside = open_paragraphs[-1] if open_paragraphs else None
        if event == "start" and element.tag in _LEFT_OUT:
            walk.skip_subtree()
        elif event == "start" and element.tag in _PARAGRAPHS:
            open_paragraphs.append([_collapsed(element.text)])
        elif event == "start" and inside is not None:
            inside += [_sign(element), _collapsed(element.text)]
        elif event == "end" and element.tag in _PARAGRAPHS and open_paragraphs:
            text = "".join(open_paragraphs.pop()).replace("\n ", "\n")
            yield Paragraph(text, element.tag == f"{_TEXT}h" and text.strip() != "")
            inside = open_paragraphs[-1] if open_paragraphs else None
        if event == "end" and inside is not None and element.tag not in _PARAGRAPHS:
            inside.append(_collapsed(element.tail))


def _sign(element: etree._Element) -> str:
    if element.tag == f"{_TEXT}s":
        count = element.get(f"{_TEXT}c", "1")
        return " " * min(int(count) if count.isdecimal() else 1, 1_000)
    return {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}.get(element.tag, "")


def _collapsed(text: str | None) -> str:
    """Return text as the format reads it: line ends and rows of blanks in the file are one blank."""
    if not text:
        return ""
    inner = " ".join(text.split())
    before = " " if text[0].isspace() else ""
    after = " " if inner and text[-1].isspace() else ""
    return before + inner + after
