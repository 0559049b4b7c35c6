"""Grapheme clusters (Unicode's annex 29): what a reader sees as one character may be several code points."""

import unicodedata
from collections import Counter
from functools import cache

import regex

_CLUSTER = regex.compile(r"\p{GCB=Regional_Indicator}{2}[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*|\X")
_WORD = regex.compile(r"[\w\p{M}\u200c\u200d]+ ?|" + _CLUSTER.pattern)
_LONGEST = 64  # code points; a cut within a longer cluster is made where it is
_EXTENDS = regex.compile(r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]")
_JOINERS = regex.compile(
    r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}\p{GCB=Prepend}\p{GCB=Regional_Indicator}\p{GCB=V}\p{GCB=T}]"
)


def cut(text: str, place: int) -> int:
    """Return the last place, not after this one, at which a text can be cut without dividing a cluster."""
    if not 0 < place < len(text) or (text[place - 1 : place + 1].isascii()):
        return min(max(place, 0), len(text))
    start = _sure_start(text, place)
    for found in _CLUSTER.finditer(text, start, place + _LONGEST):
        if found.end() > place:
            return found.start() if place - found.start() < _LONGEST else place
    return place


def words(text: str) -> list[str]:
    """Divide a text into words, each with the blank after it, and into the clusters between them."""
    return [found.group() for found in _WORD.finditer(text)]


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether a piece of a text is whole clusters."""
    before, first, after = text[start - 1 : start] or "\n", text[start], text[end : end + 1] or "\n"
    if _extends(after) or (before.isprintable() and _extends(first)):
        return False
    if not any(map(_joins, (before, first, after))):
        return True  # so for nearly all pieces, and much faster than to look for the clusters
    return cut(text, start) == start and cut(text, end) == end


def _sure_start(text: str, place: int) -> int:
    """Return a place before this one at which a cluster begins: after a line end or before a blank, if there is one."""
    least = max(0, place - 2 * _LONGEST)
    for at in range(place - 1, least, -1):
        if text[at - 1] == "\n" or (text[at] == " " and text[at - 1].isascii()):
            return at
    return least


def counts(text: str) -> Counter[str]:
    """Count the clusters of a text. Code points of a cluster are not counted one by one."""
    single = Counter(text)
    if not any(map(_joins, single)):
        return single
    counted: Counter[str] = Counter()
    for line, times in Counter(text.split("\n")).items():
        found = line if line.isascii() else _CLUSTER.findall(line)
        for cluster, here in Counter(found).items():
            counted[cluster] += here * times
    if breaks := text.count("\n"):
        counted["\n"] = breaks
    return counted


def length(text: str) -> int:
    """Return the number of clusters of a text: what a reader counts as characters."""
    return len(text) if text.isascii() else counts(text).total()


@cache
def _joins(character: str) -> bool:
    return not character.isascii() and _JOINERS.match(character) is not None


@cache
def _extends(character: str) -> bool:
    """Whether a character belongs to the one before it."""
    return not character.isascii() and _EXTENDS.match(character) is not None


def described(cluster: str) -> str:
    """Return Unicode's names of the code points of a cluster, for a person who has never seen it."""
    return ", ".join(unicodedata.name(point, f"U+{ord(point):04X}").lower() for point in cluster)
