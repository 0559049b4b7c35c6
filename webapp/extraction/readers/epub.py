"""The reader of e-books (.epub, EPUB 2 and 3): the chapters in the order in which they are read."""

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from trainer.contract.wording import counted
from webapp.extraction.extracted import Extracted, Format, TextProblem, read_as
from webapp.extraction.markup import local_name, parse_html, parse_xml
from webapp.extraction.packages import Package
from webapp.extraction.readers.html import declared, text_of

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
# Fonts are often made unreadable for other programs in these two ways, which is no protection of the text.
_OF_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_PROTECTED = (
    "The book is protected against copying (DRM), so its text can’t be read: use a copy without protection, if you "
    "have one."
)
_NO_BOOK = "The e-book is damaged or lacks its list of chapters: convert it anew (.epub), or use its text as .txt."
_LINKS, _LINKED_SHARE = 5, 0.8  # a chapter of so many links, which are this share of its text, is a table of contents
_BETWEEN_CHAPTERS = "\n\n"


def read(package: Package) -> Extracted:
    """Return the text of a book. Raises TextProblem if the book is protected, damaged or without text.

    Left out: navigation, tables of contents, page numbers, notes and their numbers.
    """
    if _is_protected(package):
        raise TextProblem(_PROTECTED)
    chapters, missing = [], 0
    for name in _spine(package):
        if name not in package:
            missing += 1
            continue
        chapters.append(_chapter(package.read(name)))
    text = _BETWEEN_CHAPTERS.join(filter(None, chapters))
    if not text:
        raise TextProblem("The e-book has no text, perhaps only pictures of its pages: use an edition with text.")
    said = f"Not there, though the book names them: {counted(missing, 'chapter')}."
    return read_as(Format.EPUB, text, said if missing else "")


def _is_protected(package: Package) -> bool:
    if "META-INF/rights.xml" in package or "META-INF/license.lcpl" in package:
        return True
    if _ENCRYPTION not in package:
        return False
    methods = (e for e in parse_xml(package.read(_ENCRYPTION)).iter() if local_name(e) == "encryptionmethod")
    return any(method.get("Algorithm") not in _OF_FONTS for method in methods)


def _spine(package: Package) -> Iterator[str]:
    """Yield the names of the chapters, in their order. Contents and navigation are not among them."""
    opf = _package_document(package)
    book = parse_xml(package.read(opf), entities=True)
    items = {e.get("id", ""): e for e in book.iter() if local_name(e) == "item"}
    contents = {
        _beside(opf, e.get("href", "")) for e in book.iter() if local_name(e) == "reference" and e.get("type") == "toc"
    }
    for reference in (e for e in book.iter() if local_name(e) == "itemref"):
        item = items.get(reference.get("idref", ""))
        if item is None or item.get("media-type", _PAGES[0]) not in _PAGES:
            continue
        name = _beside(opf, item.get("href", ""))
        if "nav" not in item.get("properties", "").split() and name not in contents:
            yield name


def _package_document(package: Package) -> str:
    if _CONTAINER not in package:
        raise TextProblem(_NO_BOOK)
    for element in parse_xml(package.read(_CONTAINER)).iter():
        if local_name(element) == "rootfile" and (path := str(element.get("full-path", ""))) in package:
            return path
    raise TextProblem(_NO_BOOK)


def _beside(opf: str, href: str) -> str:
    """Return the name of an entry that the package document names relative to itself."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(opf), unquote(href.partition("#")[0])))


def _chapter(data: bytes) -> str:
    """Return the text of a chapter; nothing if it is a table of contents."""
    root = parse_html(_decoded(data))
    if root is None or _is_contents(root):
        return ""
    return text_of(root)


def _decoded(data: bytes) -> str:
    """Decode a chapter: XHTML says in which encoding it is, or is UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    said = declared(data)
    return said.text if said else data.decode("utf-8-sig", "replace")


def _is_contents(root: etree._Element) -> bool:
    links = [_letters(link) for link in root.iter("a") if link.get("href")]
    body = root.find("body")
    return len(links) >= _LINKS and sum(links) >= _LINKED_SHARE * _letters(root if body is None else body)


def _letters(element: etree._Element) -> int:
    return sum(len(text.strip()) for text in element.itertext())
