"""The division of text into characters as a reader sees them, and into words.

A character of several code points (👩🏽‍🚀, 🇫🇷, a letter with marks that Unicode has no single code point for) is a
grapheme cluster as defined in Unicode's annex 29. A word includes the space before it. Punctuation and line ends are
words too, so all words of a text joined are the text again. Chinese and Japanese have no spaces; there each character
is a word.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
import regex

_BLOCK = 1 << 18  # characters that are processed at one time; this limits the memory
_CODE_POINTS = 0x110000

_LOOK_AHEAD = 1 << 10  # code points that are searched at one time for the end of a block

# For a flag, \X counts all regional indicators before it again, which takes time in the square of their number. So the
# first alternative pairs them from the beginning of their run, which gives the pairs that annex 29 defines.
_CLUSTER = regex.compile(r"\p{GCB=Regional_Indicator}{2}[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*|\X")
_KINDS_THAT_JOIN = ("Extend", "ZWJ", "SpacingMark", "Prepend", "Regional_Indicator", "L", "V", "T")
_JOINER = regex.compile("[" + "".join(rf"\p{{GCB={kind}}}" for kind in _KINDS_THAT_JOIN) + "]")

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}"
_WORD = regex.compile(
    rf"[{_UNSPACED}]\p{{M}}*"
    rf"| ?['’]?[\p{{L}}--[{_UNSPACED}]][[\p{{L}}\p{{M}}\u200c\u200d]--[{_UNSPACED}]]*"  # some scripts need joiners
    r"| ?\p{N}[\p{N}\p{M}]*"
    r"| ?[^\s\p{L}\p{N}]+"
    r"|\n+"
    r"|[^\S\n]+(?!\S)"  # blanks, without the last one if a word follows, because that one is part of the word
    r"|[^\S\n]",
    regex.VERSION1,
)


def clusters(text: str) -> Iterator[tuple[int, str]]:
    """Yield each character of several code points, with the position where it begins. ASCII has no such character."""
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
            if len(found) == 1:  # the word is longer than the block
                size *= 2
                continue
            found.pop()  # the last word may continue after the block
        yield found
        start, size = start + sum(map(len, found)), _BLOCK


def beginning(text: str, room: int) -> str:
    """Return the longest beginning of a text that has at most `room` code points and cuts no character."""
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
    """Return for each code point whether it can form one character with a neighbour, (0x110000,) bool.

    Between two code points that both can't, there is always a border of characters.
    """
    table = np.zeros(_CODE_POINTS, bool)
    for points in (range(0x20000), range(0xE0000, 0xE1000)):  # between these ranges are only ideographs
        for match in _JOINER.finditer("".join(map(chr, points))):
            table[points[match.start()]] = True
    return table


def _joins(text: str) -> np.ndarray:
    joins: np.ndarray = _joiners()[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")]
    return joins


def _end_of_block(text: str, start: int) -> int:
    """Return the end of the block that begins at `start`. It is between two code points that can't be one character."""
    for stop in range(start + _BLOCK, len(text), _LOOK_AHEAD):
        joins = _joins(text[stop - 1 : stop + _LOOK_AHEAD])
        apart = np.flatnonzero(~(joins[:-1] | joins[1:]))
        if len(apart):
            return stop + int(apart[0])
    return len(text)


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each run of code points that may form characters with their neighbours."""
    joins = _joins(text)
    pairs = np.zeros(len(text) + 1, np.int8)
    pairs[1:-1] = joins[1:] | joins[:-1]
    edges = np.diff(pairs)  # (len(text),): 1 where a run begins, -1 where it ends
    yield from zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) + 1).tolist(), strict=True)
