"""The difference between two texts, in pieces to show: what is the same, what was removed, what was added.

It is found between lines (of long ones: sentences), and then narrowed to the words that differ. The time is limited: of
texts that differ in very much, everything between the first and the last difference counts as changed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from webapp.doctor.graphemes import cut, words

_UNIT = re.compile(r"[^\n.!?…。！？]*(?:\n|[.!?…。！？]+[^\S\n]*\n?|$)")
_MOST_UNITS = 2_000  # of each text that are compared with each other: at most, some seconds
_MOST_WORDS = 400
_AROUND = 160  # characters that are shown before and after a difference
_LONGEST_WORD = 30  # characters; a cut is made in a longer one
_SHOWN = 60_000  # characters that are shown in all


class Kind(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    GAP = "gap"  # here a text that is the same is left out


@dataclass(frozen=True)
class Piece:
    kind: Kind
    text: str = ""

    @property
    def with_signs(self) -> str:
        """Its text with a sign for each line end, which would not be seen where it was removed or added."""
        return self.text.replace("\n", "¶\n")


@dataclass(frozen=True)
class Difference:
    """The pieces to show, and how many characters were removed and added. `is_cut`: not all of it is shown."""

    pieces: list[Piece]
    removed: int
    added: int
    is_cut: bool

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)


def difference(before: str, after: str) -> Difference:
    """Return the difference of two texts."""
    pieces = list(_joined(_compared(before, after)))
    removed, added = (sum(len(p.text) for p in pieces if p.kind is kind) for kind in (Kind.REMOVED, Kind.ADDED))
    shown = list(_with_gaps(pieces))
    kept = _first(shown, _SHOWN)
    return Difference(kept, removed, added, len(kept) < len(shown) or kept != shown)


def _compared(before: str, after: str) -> Iterator[Piece]:
    """Yield the pieces of both texts in their order."""
    old, new = (_UNIT.findall(text) for text in (before, after))
    start = _same_at_start(old, new)
    end = _same_at_start(old[start:][::-1], new[start:][::-1])
    yield Piece(Kind.SAME, "".join(old[:start]))
    yield from _between(old[start : len(old) - end], new[start : len(new) - end])
    yield Piece(Kind.SAME, "".join(old[len(old) - end :]))


def _same_at_start(old: list[str], new: list[str]) -> int:
    pairs = enumerate(zip(old, new, strict=False))
    return next((number for number, (one, other) in pairs if one != other), min(len(old), len(new)))


def _between(old: list[str], new: list[str]) -> Iterator[Piece]:
    if max(len(old), len(new)) > _MOST_UNITS:
        yield from _changed("".join(old), "".join(new))
        return
    for kind, *places in SequenceMatcher(None, old, new).get_opcodes():
        one, other = "".join(old[places[0] : places[1]]), "".join(new[places[2] : places[3]])
        if kind == "equal":
            yield Piece(Kind.SAME, one)
        else:
            yield from _narrowed(one, other)


def _narrowed(old: str, new: str) -> Iterator[Piece]:
    """Yield the words that differ between two short texts, and those that are the same."""
    before, after = words(old), words(new)
    if max(len(before), len(after)) > _MOST_WORDS:
        yield from _changed(old, new)
        return
    for kind, *places in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        removed, added = "".join(before[places[0] : places[1]]), "".join(after[places[2] : places[3]])
        if kind == "equal":
            yield Piece(Kind.SAME, removed)
        else:
            yield from _changed(removed, added)


def _changed(removed: str, added: str) -> Iterator[Piece]:
    yield Piece(Kind.REMOVED, removed)
    yield Piece(Kind.ADDED, added)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Join neighbours of one kind, and leave out empty pieces."""
    last: Piece | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if last and last.kind is piece.kind:
            last = Piece(last.kind, last.text + piece.text)
            continue
        if last:
            yield last
        last = piece
    if last:
        yield last


def _with_gaps(pieces: list[Piece]) -> Iterator[Piece]:
    """Shorten what is the same to what stands next to a difference."""
    for number, piece in enumerate(pieces):
        is_first, is_last = number == 0, number == len(pieces) - 1
        after = 0 if is_first else _AROUND
        before = 0 if is_last else _AROUND
        if piece.kind is not Kind.SAME or len(piece.text) <= max(_AROUND, after + before):
            yield piece
            continue
        if after:
            yield Piece(Kind.SAME, piece.text[: _between_words(piece.text, after)])
        yield Piece(Kind.GAP)
        if before:
            yield Piece(Kind.SAME, piece.text[_between_words(piece.text, len(piece.text) - before) :])


def _between_words(text: str, place: int) -> int:
    """Return the place next before this one at which a word begins, or at least none of its characters is divided."""
    return 1 + text.rfind(" ", max(0, place - _LONGEST_WORD), place) or cut(text, place)


def _first(pieces: list[Piece], characters: int) -> list[Piece]:
    """Return the first pieces, of so many characters together; the last of them may be cut."""
    kept: list[Piece] = []
    for piece in pieces:
        if characters <= 0:
            break
        kept.append(Piece(piece.kind, piece.text[: cut(piece.text, characters)]))
        characters -= len(piece.text)
    return kept
