"""The reader of PDFs that have a text layer, by PDFium. `pdf_layout` makes paragraphs of its lines."""

import ctypes
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pypdfium2
import pypdfium2.raw as pdfium

from trainer.contract.wording import counted
from webapp.extraction import limits
from webapp.extraction.extracted import Extracted, Format, TextProblem, read_as
from webapp.extraction.readers.pdf_layout import Line, Page, text_of

_DAMAGED = "The PDF is damaged: open it in a program that shows it, print or save it as a new PDF, and use that."
_PROTECTED = "The PDF is protected by a password: save a copy without one, and use that."
_PICTURES = (
    "The PDF has pictures of pages and no text behind them: have its text recognised (OCR) by a scanning program, "
    "and use the result."
)
_GARBLED = (
    "The PDF shows letters, but the text behind them is something else, so it can’t be read: have its text recognised "
    "(OCR) by a scanning program, or use the file from which the PDF was made."
)
_DOUBTFUL = (
    "The letters of this PDF are not spread as those of a language are. If what you read here is not what the PDF "
    "shows, remove it, and have its text recognised (OCR) by a scanning program."
)
_HYPHEN = "\x02"  # PDFium's sign for a hyphen at the end of a line
_RAISED_SIZE = 0.8  # a digit of at most this share of its line's size may be the number of a note
_UNKNOWN_SHARE = 0.1  # of letters without a meaning, above which the text is no text
_LATIN_LETTERS, _FREQUENT, _FREQUENT_SHARE = 500, "eainorst", 0.45  # natural texts have half or more


def read(path: Path) -> Extracted:
    """Return the text of a PDF, its lines joined to paragraphs where the page's width broke them.

    Left out: page headers, page numbers, notes at the foot of a page and their numbers, tables of contents.
    Raises TextProblem if it is damaged, encrypted or very long, or has no text that can be read.
    """
    try:
        with pypdfium2.PdfDocument(path) as document:
            if len(document) > limits.PAGES:
                raise TextProblem(f"The PDF has more than {limits.PAGES:,} pages: split it, and use its parts.")
            pages = [_page(document, number) for number in range(len(document))]
    except pypdfium2.PdfiumError as error:
        code = getattr(error, "err_code", None)
        raise TextProblem(_PROTECTED if code == pdfium.FPDF_ERR_PASSWORD else _DAMAGED) from error
    _check(pages)
    text, notes = text_of(pages)
    if not text:
        raise TextProblem(_PICTURES)
    return read_as(Format.PDF, text, *_said(pages, notes), _DOUBTFUL if _looks_garbled(text) else "")


def _said(pages: list[Page], notes: int) -> Iterator[str]:
    empty = sum(not page.lines for page in pages)
    if empty:
        yield f"No text is on {empty:,} of its {len(pages):,} pages: they may be empty, or pictures."
    if notes:
        yield f"Left out: the notes at the foot of {counted(notes, 'page')}, with their numbers in the text."


def _check(pages: list[Page]) -> None:
    letters = sum(page.letters for page in pages)
    if not letters:
        raise TextProblem(_PICTURES)
    if sum(page.unknown for page in pages) > _UNKNOWN_SHARE * letters:
        raise TextProblem(_GARBLED)


def _looks_garbled(text: str) -> bool:
    """Whether a font may lie about its letters: in all languages with Latin letters, some letters are frequent."""
    latin = [letter for letter in text[:100_000].lower() if "a" <= letter <= "z"]
    return len(latin) >= _LATIN_LETTERS and sum(map(_FREQUENT.count, latin)) < _FREQUENT_SHARE * len(latin)


def _page(document: pypdfium2.PdfDocument, number: int) -> Page:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:  # one page is damaged: the others are read
        return Page([], 0, 0)
    try:
        layer = page.get_textpage()
        try:
            return _Layer(layer).page()
        finally:
            layer.close()
    finally:
        page.close()


class _Layer:
    """The text layer of one page: its characters, in the order in which they are read, with their places."""

    def __init__(self, layer: pypdfium2.PdfTextPage) -> None:
        self._raw = layer.raw
        self._box = pdfium.FS_RECTF()
        self._text = "".join(
            chr(code) if 0 < code < 0x110000 else "\ufffd"
            for code in (pdfium.FPDFText_GetUnicode(self._raw, index) for index in range(layer.count_chars()))
        )

    def page(self) -> Page:
        lines = [line for start, end in self._places() if (line := self._line(start, end)) is not None]
        letters = [character for character in self._text if not character.isspace()]
        unknown = sum(map(_has_no_meaning, letters))
        return Page(lines, len(letters), unknown)

    def _places(self) -> Iterator[tuple[int, int]]:
        start = 0
        for index, character in enumerate(self._text):
            if character in "\r\n" + _HYPHEN:
                yield start, index + (character == _HYPHEN)
                start = index + 1
        yield start, len(self._text)

    def _line(self, start: int, end: int) -> Line | None:
        visible = [index for index in range(start, end) if not self._text[index].isspace()]
        if not visible:
            return None
        size = median(self._size(index) for index in visible[:: max(1, len(visible) // 8)])
        text = self._without_note_numbers(start, end, size)
        if not text.strip():
            return None
        left, bottom = self._place(visible[0])[:2]
        right = self._place(visible[-1])[2]
        broken = text.endswith(_HYPHEN)
        return Line(text.rstrip(_HYPHEN).strip(), left, right, bottom, size, broken)

    def _without_note_numbers(self, start: int, end: int, size: float) -> str:
        """Return the text of a line without small, raised digits after a letter or a mark."""
        text = self._text[start:end]
        if not any(map(str.isdigit, text)) or size <= 0:
            return text
        base = self._place(start)[1]
        kept: list[str] = []
        for index in range(start, end):
            character = self._text[index]
            before = "".join(kept).rstrip()[-1:] if character.isdigit() else ""
            if (
                before
                and not before.isdigit()
                and self._size(index) <= _RAISED_SIZE * size
                and self._place(index)[1] > base
            ):
                while kept and kept[-1] == " " and pdfium.FPDFText_IsGenerated(self._raw, index - 1) == 1:
                    kept.pop()
                continue
            kept.append(character)
        return "".join(kept)

    def _size(self, index: int) -> float:
        """Return the height of a character on the page, in points."""
        _left, bottom, _right, top = self._place(index)
        return top - bottom

    def _place(self, index: int) -> tuple[float, float, float, float]:
        """Return left, bottom, right and top of a character, in points from the page's lower left corner."""
        pdfium.FPDFText_GetLooseCharBox(self._raw, index, ctypes.byref(self._box))
        box = self._box
        return box.left, box.bottom, box.right, box.top


def _has_no_meaning(character: str) -> bool:
    """Whether a character is unknown, for private use, or a control, as in fonts that do not know their letters."""
    return character == "\ufffd" or "\ue000" <= character <= "\uf8ff" or (character < " " and character != _HYPHEN)
