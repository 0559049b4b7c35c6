"""The layout of a PDF's pages: which lines are headers or notes, and which make a paragraph together."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from trainer.contract.documents import UNSPACED
from webapp.extraction.paragraphs import Paragraph, tidy, without_contents

_EDGE_LINES = 2  # at the top and at the bottom of a page, that may be header or footer
_NEAR_PAGES = 2  # left and right pages have different headers
_NEAR_POINTS = 3.0
_GAP = 1.35  # distance of two lines in usual distances, from which they are apart
_INDENT = 0.6  # of a line's height, from which a line begins a paragraph
_SMALL, _LARGE = 0.92, 1.12  # in sizes of the body's text: of a note, of a heading
_VERSE_LINES, _VERSE_SHARE = 3, 0.75  # lines that begin with a capital make verse, if they are so many
_FULL_SHARE = 0.6  # of the lines of a paragraph but its last, which are so long that the next word did not fit
_LONG_SHARE = 0.75  # of the page's width, from which a line in the midst of a sentence may go on
_ENDS = ".!?:"
_ROMAN = re.compile(r"\b[ivxlcdm]{1,7}\b", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_NUMBER_ALONE = re.compile(r"[^\w]*(?:\w+\W+)?#(?:\W+(?:\w+\W+)?#)?[^\w]*")
_NOTE = re.compile(r"(?:\d{1,3}|[*†‡§]+)\D")
_NO_BLANK = re.compile(f"[{UNSPACED}]")
_WORD = re.compile(r"\w+(?:-\w+)*")


@dataclass
class Line:
    """A line of a page. Places and sizes are in points, from the lower left corner."""

    text: str
    left: float
    right: float
    bottom: float
    size: float
    broken: bool = False  # whether it ends in a hyphen that was cut off


@dataclass
class Page:
    lines: list[Line]
    letters: int
    unknown: int  # of the letters, those without a meaning


def text_of(pages: list[Page]) -> tuple[str, int]:
    """Return the text of all pages, and on how many of them notes were left out."""
    sizes = Counter(round(line.size, 1) for page in pages for line in page.lines for _ in range(len(line.text)))
    if not sizes:
        return "", 0
    body = sizes.most_common(1)[0][0]
    headers = _headers(pages, body)
    kept = [[line for line in page.lines if id(line) not in headers] for page in pages]
    without_notes = [_without_notes(lines, body) for lines in kept]
    notes = sum(len(after) < len(before) for before, after in zip(kept, without_notes, strict=True))
    return _Paragraphs(without_notes, body).text(), notes


# Headers and notes -------------------------------------------------------------------------------


def _headers(pages: list[Page], body: float) -> set[int]:
    """Return the ids of the lines that are page headers, footers and page numbers.

    Such a line is at the edge of a page, no larger than the body's text, and a page nearby has it at the same height:
    with the same words, and with numbers that are the same or rise with the pages. Words alone need a third page.
    """
    found: dict[str, list[tuple[int, Line]]] = defaultdict(list)
    for number, page in enumerate(pages):
        for line in _edges(page.lines):
            if line.size <= body * _LARGE:
                found[_without_numbers(line.text)].append((number, line))
    return {
        id(line)
        for key, places in found.items()
        if len(places) > 2 or _NUMBER_ALONE.fullmatch(key)
        for number, line in places
        if any(_are_alike(number, line, *other) for other in places)
    }


def _edges(lines: list[Line]) -> list[Line]:
    ordered = sorted(lines, key=lambda line: -line.bottom)
    return ordered[:_EDGE_LINES] + ordered[_EDGE_LINES:][-_EDGE_LINES:]


def _without_numbers(text: str) -> str:
    return _DIGITS.sub("#", _ROMAN.sub("#", text) if len(text) < 12 else text).casefold()


def _are_alike(page: int, line: Line, other_page: int, other: Line) -> bool:
    apart = other_page - page
    if not 0 < abs(apart) <= _NEAR_PAGES or abs(line.bottom - other.bottom) > _NEAR_POINTS:
        return False
    pairs = zip(map(int, _DIGITS.findall(line.text)), map(int, _DIGITS.findall(other.text)), strict=False)
    return all(theirs - ours in (0, apart) for ours, theirs in pairs)


def _without_notes(lines: list[Line], body: float) -> list[Line]:
    """Return the lines without the small ones at the foot of the page, if these begin with the number of a note."""
    first = len(lines)
    while first and lines[first - 1].size < body * _SMALL:
        first -= 1
    return lines[:first] if 0 < first < len(lines) and _NOTE.match(lines[first].text) else lines


# Paragraphs --------------------------------------------------------------------------------------


class _Paragraphs:
    """The lines of all pages, joined to paragraphs. Verse, lists and titles keep their lines."""

    def __init__(self, pages: list[list[Line]], body: float) -> None:
        self._pages = [lines for lines in pages if lines]
        self._body = body
        steps = [a.bottom - b.bottom for lines in self._pages for a, b in pairwise(lines) if a.bottom > b.bottom]
        self._step = median(steps) if steps else body
        self._rights = {id(line): right for lines in self._pages for right in [_margin(lines)] for line in lines}
        self._words = Counter(_WORD.findall(" ".join(line.text for lines in self._pages for line in lines).casefold()))

    def text(self) -> str:
        """Return paragraphs, each on one line. An empty line is between those that are apart on the page."""
        pieces: list[str] = []
        for paragraph in self._all():
            pieces.append(("\n" if pieces and paragraph.is_heading else "") + paragraph.text)
        return tidy("\n".join(pieces))

    def _all(self) -> Iterator[Paragraph]:
        """Yield the paragraphs. `is_heading` stands for an empty line before it."""
        for is_apart, block in self._blocks():
            for number, text in enumerate(self._of_block(block)):
                yield Paragraph(text, is_apart and number == 0)

    def _blocks(self) -> Iterator[tuple[bool, list[Line]]]:
        """Yield the lines up to a gap, an indent or another size, and whether a gap or another size was before them."""
        block: list[Line] = []
        is_apart = False
        for before, line in self._pairs():
            apart = before is not None and self._is_apart(before, line)
            if block and (apart or self._is_indented(block[-1], line)):
                yield is_apart, block
                block, is_apart = [], apart
            block.append(line)
        if block:
            yield is_apart, block

    def _pairs(self) -> Iterator[tuple[Line | None, Line]]:
        lines = [line for page in self._pages for line in without_contents(page, lambda line: line.text)]
        return zip([None, *lines], lines, strict=False)

    def _is_apart(self, before: Line, line: Line) -> bool:
        step = before.bottom - line.bottom
        is_next_page = step < -self._step
        return not 1 / _LARGE < line.size / before.size < _LARGE or (step > _GAP * self._step and not is_next_page)

    def _is_indented(self, before: Line, line: Line) -> bool:
        return line.left - before.left > _INDENT * line.size and before.bottom - line.bottom > 0

    def _of_block(self, block: list[Line]) -> list[str]:
        if len(block) < 2 or self._is_verse(block):
            return [line.text + "-" * line.broken for line in block]
        texts = [block[0].text]
        for before, line in pairwise(block):
            if self._goes_on(before, line):
                texts[-1] = self._continued(texts[-1], before, line)
            else:
                texts.append(line.text)
        return texts

    def _is_verse(self, block: list[Line]) -> bool:
        """Whether a block is lines that somebody ended, and not the page: they begin with capitals, or are short.

        Lines from right to left end at the other side, and are taken as they are.
        """
        if any(map(_is_from_the_right, block[0].text)):
            return True
        if any(line.broken for line in block):
            return False
        capitals = sum(line.text[:1].isupper() for line in block)
        full = sum(self._goes_on(a, b) for a, b in pairwise(block))
        is_short = full < _FULL_SHARE * (len(block) - 1) and len(block) >= _VERSE_LINES
        return is_short or (len(block) >= _VERSE_LINES and capitals >= _VERSE_SHARE * len(block))

    def _goes_on(self, before: Line, line: Line) -> bool:
        """Whether a line goes on in the next: it had no room for a word more, or is long and ends within a sentence."""
        if before.broken or not self._fits(before, line):
            return True
        is_long = before.right - before.left >= _LONG_SHARE * (self._rights[id(before)] - before.left)
        return is_long and line.text[:1].islower() and before.text[-1:] not in _ENDS

    def _fits(self, before: Line, line: Line) -> bool:
        """Whether the first word of a line would have fitted at the end of the line before."""
        first = line.text.partition(" ")[0] if not _NO_BLANK.match(line.text) else line.text[:1]
        width = (line.right - line.left) / max(1, len(line.text))
        return before.right + width * (len(first) + 1) <= self._rights[id(before)]

    def _continued(self, text: str, before: Line, line: Line) -> str:
        if before.broken:
            return text + self._hyphen(text, line.text) + line.text
        is_unspaced = _NO_BLANK.match(text[-1:]) and _NO_BLANK.match(line.text)
        return text + ("" if is_unspaced else " ") + line.text

    def _hyphen(self, text: str, following: str) -> str:
        """Return a hyphen if the word has it elsewhere too, or if it can only be one of a compound (Anglo-Saxon)."""
        first, second = _WORD.findall(text)[-1:], _WORD.match(following)
        if not first or not second:
            return "-"
        whole, compound = (f"{first[0]}{hyphen}{second[0]}".casefold() for hyphen in ("", "-"))
        if self._words[whole] or self._words[compound]:
            return "-" if self._words[compound] > self._words[whole] else ""
        return "-" if second[0][:1].isupper() and not first[0].isupper() else ""


def _margin(lines: list[Line]) -> float:
    """Return where the lines of a page end at most. One line that is longer than the others does not count."""
    rights = sorted(line.right for line in lines)
    return rights[-2] if len(rights) > 8 and rights[-1] > rights[-2] + lines[0].size else rights[-1]


def _is_from_the_right(character: str) -> bool:
    return unicodedata.bidirectional(character) in ("R", "AL")
