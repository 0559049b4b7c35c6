"""Text cut into what is read and written at once: characters as a reader sees them, and words.

A character of several code points (👩🏽‍🚀, 🇫🇷, a letter with marks that has no code point of its own) is a grapheme
cluster of Unicode's annex 29. A word brings the space before it along, and punctuation and line ends are words too,
so joining the words of a text gives back the text. Chinese and Japanese, which have no spaces, fall apart into
characters.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
import regex

_BLOCK = 1 << 18  # characters that are cut at a time, which bounds the memory for it
_CODE_POINTS = 0x110000

_LOOK_AHEAD = 1 << 10  # code points in which the end of a block is looked for at a time

# \X counts the regional indicators before each place anew, in the square of their number: flags are paired here, from
# where their run begins, as the annex pairs them.
_CLUSTER = regex.compile(r"\p{GCB=Regional_Indicator}{2}[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*|\X")
_KINDS_THAT_JOIN = ("Extend", "ZWJ", "SpacingMark", "Prepend", "Regional_Indicator", "L", "V", "T")
_JOINER = regex.compile("[" + "".join(rf"\p{{GCB={kind}}}" for kind in _KINDS_THAT_JOIN) + "]")

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}"
_WORD = regex.compile(
    rf"[{_UNSPACED}]\p{{M}}*"
    rf"| ?['’]?[\p{{L}}--[{_UNSPACED}]][[\p{{L}}\p{{M}}\u200c\u200d]--[{_UNSPACED}]]*"  # with the joiners of scripts
    r"| ?\p{N}[\p{N}\p{M}]*"
    r"| ?[^\s\p{L}\p{N}]+"
    r"|\n+"
    r"|[^\S\n]+(?!\S)"  # all blanks but the one that goes with a word
    r"|[^\S\n]",
    regex.VERSION1,
)


def clusters(text: str) -> Iterator[tuple[int, str]]:
    """Yield each character of several code points, and the place where it begins. In ASCII there is none."""
    if text.isascii():
        return
    start = 0
    while start < len(text):
        stop = _end_of_block(text, start)
        for begin, end in _runs(text[start:stop]):
            yield from _clusters_in(text[start + begin : start + end], start + begin)
        start = stop


def words(text: str) -> Iterator[list[str]]:
    """Yield the words of a text, block by block."""
    start, size = 0, _BLOCK
    while start < len(text):
        found: list[str] = _WORD.findall(text, start, start + size)
        if start + size < len(text):
            if len(found) == 1:  # a word that is longer than a block
                size *= 2
                continue
            found.pop()  # it may go on
        yield found
        start, size = start + sum(map(len, found)), _BLOCK


def beginning(text: str, room: int) -> str:
    """Return as much of a text as fits into `room` code points without breaking a character."""
    stop = 0
    for cluster in _CLUSTER.findall(text):
        if stop + len(cluster) > room:
            break
        stop += len(cluster)
    return text[:stop]


def _clusters_in(run: str, start: int) -> Iterator[tuple[int, str]]:
    for cluster in _CLUSTER.findall(run):
        if len(cluster) > 1:
            yield start, cluster
        start += len(cluster)


@cache
def _joiners() -> np.ndarray:
    """Whether a code point can be one character with its neighbour, (0x110000,). Where neither can, none begins."""
    table = np.zeros(_CODE_POINTS, bool)
    for points in (range(0x20000), range(0xE0000, 0xE1000)):  # between them are ideographs and nothing
        for match in _JOINER.finditer("".join(map(chr, points))):
            table[points[match.start()]] = True
    return table


def _joins(text: str) -> np.ndarray:
    joins: np.ndarray = _joiners()[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")]
    return joins


def _end_of_block(text: str, start: int) -> int:
    """Return where a block ends that begins at `start`: between two code points that are surely two characters."""
    for stop in range(start + _BLOCK, len(text), _LOOK_AHEAD):
        joins = _joins(text[stop - 1 : stop + _LOOK_AHEAD])
        apart = np.flatnonzero(~(joins[:-1] | joins[1:]))
        if len(apart):
            return stop + int(apart[0])
    return len(text)


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Yield where stretches begin and end whose code points may be joined with their neighbours."""
    joins = _joins(text)
    pairs = np.zeros(len(text) + 1, np.int8)
    pairs[1:-1] = joins[1:] | joins[:-1]
    edges = np.diff(pairs)  # (len(text),): 1 where a run begins, -1 where it ends
    yield from zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) + 1).tolist(), strict=True)
