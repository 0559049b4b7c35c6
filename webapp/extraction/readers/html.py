"""The reader of web pages and of the chapters of e-books: the text as a browser shows it, without what is around it."""

import re
from collections.abc import Iterator

from lxml import etree

from trainer.contract.decoding import decode
from webapp.extraction.extracted import Decoded, Extracted, Format, TextProblem
from webapp.extraction.markup import local_name, parse_html
from webapp.extraction.paragraphs import tidy

_EPUB_TYPE = ("{http://www.idpf.org/2007/ops}type", "epub:type")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NO_TEXT = _set(
    "script style head template noscript nav aside button select textarea input iframe svg math object audio "
    "video canvas map dialog menu rp rt"
)
_PARAGRAPHS = _set("p h1 h2 h3 h4 h5 h6 blockquote pre ul ol dl table figure hr section article main")
_LINES = _set("div li dt dd tr caption figcaption header footer address center details summary body")
_ROLES = _set(
    "navigation search banner contentinfo menu menubar toolbar doc-toc doc-pagebreak doc-pagelist doc-noteref "
    "doc-footnote doc-endnote doc-endnotes doc-backlink doc-index"
)
_TYPES = _set("toc landmarks page-list pagebreak noteref footnote footnotes endnote endnotes rearnote rearnotes index")
_CLASSES = _set(
    "pagenum pageno page-number pagebreak toc noprint mw-editsection footnote footnotes endnote endnotes fnanchor "
    "footnote-ref noteref"
)
_UNSEEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
_BRACKETED = re.compile(r"\s*\[\d{1,4}\]\s*")  # numbers of notes, also where they are not raised
_NOTE_NUMBER = re.compile(r"\s*[\[(]?(?:\d{1,4}|[*†‡§]|[a-z])[\])]?\s*")
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]{2,40})|^\s*<\?xml[^>]{0,100}encoding=[\"']([\w.:-]{2,40})",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_BEFORE_LINE_END = re.compile(r"[ \t]+\n")


def read(data: bytes) -> Extracted:
    """Return the text of a web page. Raises TextProblem if there is none, or its encoding is not recognised."""
    decoded = declared(data) or decode(data)
    root = parse_html(decoded.text)
    text = "" if root is None else text_of(root)
    if not text:
        raise TextProblem("The web page has no text of its own: save the page whole, or copy its text and paste it.")
    return Extracted(Decoded(text, decoded.encoding, decoded.replaced), Format.HTML)


def declared(data: bytes) -> Decoded | None:
    """Decode a page as it says itself; None if it does not say it, or says what it is not."""
    said = _CHARSET.search(data[:4096])
    if not said or data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return None
    name = (said[1] or said[2]).decode("ascii").lower()
    if name.startswith(("utf-16", "utf-32")):
        return None  # then it could not have been read here, byte for byte
    codec = "cp1252" if name in ("iso-8859-1", "latin1", "us-ascii") else name  # as browsers read these (WHATWG)
    try:
        text = data.decode(codec)
    except (LookupError, ValueError):
        return None
    if not isinstance(text, str):  # a codec such as base64 makes bytes
        return None
    return Decoded(text, "UTF-8" if codec in ("utf-8", "utf8") else name)


def text_of(root: etree._Element) -> str:
    """Return the text of a page: of its one `main` element if it has one, else of its body."""
    mains = root.findall(".//main")
    body = root.find("body")
    return _Text(mains[0] if len(mains) == 1 else root if body is None else body).whole()


class _Text:
    """The text of an element, as it is put together: blanks collapse, blocks begin on new lines (CSS 2, 16.6)."""

    def __init__(self, top: etree._Element) -> None:
        self._top = top
        self._pieces: list[str] = []
        self._ends = 2  # line ends after which the next word follows; at the beginning none is needed
        self._blank = False  # whether a blank stands before the next word
        self._preformatted = 0

    def whole(self) -> str:
        walk = etree.iterwalk(self._top, events=("start", "end"))
        skipped = None
        for event, element in walk:
            name = local_name(element)
            if event == "start" and element is not self._top and _is_left_out(element, name):
                walk.skip_subtree()
                skipped = element  # its end comes next
            elif event == "start":
                self._start(element, name)
            elif skipped is not None and element is skipped:
                self._add(element.tail)
            elif element is not self._top:
                self._end(element, name)
        return tidy(_BEFORE_LINE_END.sub("\n", "".join(self._pieces)))

    def _start(self, element: etree._Element, name: str) -> None:
        self._break_around(name)
        if name == "br":
            self._pieces.append("\n")
            self._ends += 1
            self._blank = False
        if name in ("td", "th") and not self._ends:
            self._pieces.append("\t")
            self._blank = False
        if name == "pre":
            self._preformatted += 1
        self._add(element.text)

    def _end(self, element: etree._Element, name: str) -> None:
        if name == "pre":
            self._preformatted -= 1
        self._break_around(name)
        self._add(element.tail)

    def _break_around(self, name: str) -> None:
        wanted = 2 if name in _PARAGRAPHS else 1 if name in _LINES else 0
        if wanted > self._ends:
            self._pieces.append("\n" * (wanted - self._ends))
            self._ends = wanted
        if wanted:
            self._blank = False

    def _add(self, text: str | None) -> None:
        if not text:
            return
        if self._preformatted:
            self._pieces.append(text)
            self._ends = len(text) - len(text.rstrip("\n"))
            return
        words = _BLANKS.sub(" ", text)
        if self._ends or self._blank:
            self._blank = self._blank or words.startswith(" ")
            words = words.lstrip(" ")
        if not words:
            return
        if self._blank and not self._ends:
            self._pieces.append(" ")
        self._blank = words.endswith(" ")
        self._pieces.append(words.rstrip(" "))
        self._ends = 0


def _is_left_out(element: etree._Element, name: str) -> bool:
    if not name or name in _NO_TEXT or element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if element.get("role", "") in _ROLES or _TYPES.intersection(_types(element)):
        return True
    if _CLASSES.intersection(element.get("class", "").lower().split()) or _UNSEEN.search(element.get("style", "")):
        return True
    if name == "form":
        return not _is_around_all(element)
    parent = element.getparent()
    if name in ("header", "footer") and parent is not None and local_name(parent) == "body":
        return True
    return name in ("sup", "a") and _is_note_number(element, name)


def _is_around_all(form: etree._Element) -> bool:
    """Whether a form is a page's frame, as some servers write it, and has the page's paragraphs in it."""
    parent = form.getparent()
    return parent is not None and local_name(parent) == "body" and form.find(".//p") is not None


def _types(element: etree._Element) -> list[str]:
    return " ".join(filter(None, map(element.get, _EPUB_TYPE))).split()


def _is_note_number(element: etree._Element, name: str) -> bool:
    """Whether this is the number of a note: raised or in brackets, and a link within the book or page."""
    inner = "a" if name == "sup" else "sup"
    link = element if name == "a" else element.find(".//a")
    raised = element if name == "sup" else element.find(f".//{inner}")
    if link is None and name == "sup":
        parent = element.getparent()
        link = parent if parent is not None and local_name(parent) == "a" else None
    if link is None or "#" not in link.get("href", ""):
        return False
    pattern = _BRACKETED if raised is None else _NOTE_NUMBER
    return pattern.fullmatch("".join(_texts(element))) is not None


def _texts(element: etree._Element) -> Iterator[str]:
    return (str(text) for text in element.itertext())
