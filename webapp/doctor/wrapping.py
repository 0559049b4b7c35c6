"""Lines that were broken because they were full, as e-mails and Project Gutenberg's books have them.

A break was forced if the next word had no room on its line. Verse, dialogue, lists and headings break where they want
to: their next word would have had room.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from webapp.doctor.changes import Change

_NARROWEST, _WIDEST = 30, 100  # characters: lines of paragraphs are longer
_SHORTEST_LINES = 15  # characters of a line of a wrapped text, on the average, blank lines included
_ROOM = 1  # characters that may stay free without the break being one's own will
_FORCED_BREAKS = 0.4  # of all breaks inside blocks, in a text that was wrapped
_FORCED_IN_BLOCK = 0.75
_VERSES = 3  # lines at least
_SENTENCES, _SENTENCE_ENDS = 0.6, '.!?…"”»’。！？।'  # of the lines of a block end so
_OWN_LINE = re.compile(
    r"[-–—*•·+#>|]\s|[—–―]|\(?(?:\d{1,3}|[a-z]|[ivxlc]{1,6})[.)]\s|[“„«\"‘][^\n]*|[A-ZÀ-ÞА-Я][A-ZÀ-ÞА-Я' ]{2,}[.:]"
)
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef\u3000-\u303f"
_WIDE = re.compile(f"[{_UNSPACED}]")


class _Line(NamedTuple):
    start: int  # of its words
    end: int  # of its words
    indent: int
    first: int  # length of its first word


def changes(text: str) -> Iterator[Change]:
    """Join the lines of each block of lines (between blank lines) that was wrapped."""
    if text.count("\n") * _SHORTEST_LINES > len(text):
        return
    blocks = [block for block in _blocks(text) if not _has_lines_of_its_own(text, block)]
    width = _width(blocks)
    if not width:
        return
    for block in blocks:
        breaks = list(pairwise(block))
        forced = [_is_forced(text, pair, width) for pair in breaks]
        if sum(forced) >= _FORCED_IN_BLOCK * len(breaks):
            for (line, after), joins in zip(breaks, forced, strict=True):
                if joins:
                    yield Change(line.end, after.start, _between(text, line, after))


def _blocks(text: str) -> list[list[_Line]]:
    """Return the blocks of two and more lines."""
    blocks: list[list[_Line]] = [[]]
    start = 0
    for line in text.split("\n"):
        words = line.strip()
        if words:
            indent = len(line) - len(line.lstrip())
            at = start + indent
            first = 1 if _WIDE.match(words) else len(words.split(None, 1)[0])
            blocks[-1].append(_Line(at, at + len(words), indent, first))
        elif blocks[-1]:
            blocks.append([])
        start += len(line) + 1
    return [block for block in blocks if len(block) > 1]


def _width(blocks: list[list[_Line]]) -> int:
    """Return the width at which lines were broken, from the line's beginning; 0 for a text that was not wrapped."""
    lengths = sorted(_length(line) for block in blocks for line in block[:-1])
    if not lengths:
        return 0
    width = lengths[int((len(lengths) - 1) * 0.99)]
    if not _NARROWEST <= width <= _WIDEST:
        return 0
    forced = sum(_length(line) + 1 + after.first > width - _ROOM for block in blocks for line, after in pairwise(block))
    return width if forced >= _FORCED_BREAKS * len(lengths) else 0


def _has_lines_of_its_own(text: str, block: list[_Line]) -> bool:
    """Whether most lines are sentences, or all begin with a capital, as those of verses do by tradition."""
    sentences = sum(text[line.end - 1] in _SENTENCE_ENDS for line in block[:-1])
    if sentences >= _SENTENCES * (len(block) - 1):
        return True
    return len(block) >= _VERSES and all(text[line.start].isupper() for line in block)


def _length(line: _Line) -> int:
    return line.indent + line.end - line.start


def _is_forced(text: str, pair: tuple[_Line, _Line], width: int) -> bool:
    line, after = pair
    if _length(line) + 1 + after.first <= width - _ROOM or after.indent > line.indent:
        return False
    return not (_OWN_LINE.match(text, after.start, after.end) and text[line.end - 1] in '.!?…:;,”"»’—-|')


def _between(text: str, line: _Line, after: _Line) -> str:
    """Return what stands between two joined lines: nothing after a hyphen or in a script without blanks."""
    last, first = text[line.end - 1], text[after.start]
    if last in "-\u2010" and text[line.end - 2 : line.end - 1].isalpha():
        return ""
    if text[line.end - 2 : line.end] == "--" or last == "—":
        return ""
    return "" if _WIDE.match(last) and _WIDE.match(first) else " "
