"""Overlaps between documents: which of them are the same text, or share much of it. They are found before a training.

Every window of 32 words has a number, the sum of the checksums of its words. Blanks, punctuation and case do not count.
At most 65,536 different windows of all documents together are kept. The number of a window decides whether it is kept,
so a window that is in two documents is kept in both or in neither. So the time is linear in the length of the text and
the memory is bounded, whatever the text is.

Only the standard library and trainer.contract.documents: the web process imports this module.
"""

import hashlib
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, combinations
from operator import sub

from trainer.contract.documents import UNSPACED, split_held_out

_WINDOW = 32  # words, about 170 characters of English: longer than a heading, a set phrase or a refrain of four lines
_MOST_WINDOWS = 1 << 16
_BLOCK = 1 << 18  # characters whose words are in memory at one time
_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]{{1,64}}")  # a Chinese or Japanese character is a word
_LEAD = 80  # characters before a held-out part, in which its first windows begin: half a window

# A document is reported if at least these shares of its windows are also elsewhere; docs/trainer.md has the figures. A
# window in at least _HABIT places belongs to a refrain, a licence or a heading. Such windows are no reason to report a
# document, unless they and the other shared windows are at least the share _MOST of it.
_SHARED = 1 / 3
_END = 0.5
_MOST = 0.6
_HABIT = 4
_FEWEST = 4  # windows; with fewer, a share means nothing


class Kind(StrEnum):
    """The kinds of overlap."""

    SAME = "same"  # `documents` are the same text
    PART = "part"  # a share of the first of `documents` is also in the second
    END = "end"  # a share of the held-out part of the first is also in the training part of the second
    ITSELF = "itself"  # a share of the one document repeats earlier text of the same document


@dataclass(frozen=True)
class Overlap:
    """One overlap. `documents` are their numbers, from 0; `share` is 0 to 1."""

    kind: Kind
    documents: tuple[int, ...]
    share: float = 1.0


def find(texts: Sequence[str]) -> list[Overlap]:
    """Return the overlaps of the documents of a corpus.

    It takes a second for 5 MB. Refrains, licences and headings do not count, unless they are most of a document.
    """
    groups = _equal(texts)
    different = [group[0] for group in groups]
    kept = _windows_of(texts[number] for number in different)
    found = [Overlap(Kind.SAME, group) for group in groups if len(group) > 1]
    rare = _rare(kept)
    parts = list(_parts(kept, rare))
    named = {overlap.documents[0] for overlap in parts}
    rest = (number for number in range(len(kept)) if number not in named)
    within = [overlap for number in rest if (overlap := _within(kept, rare, number))]
    return found + [
        Overlap(overlap.kind, tuple(different[number] for number in overlap.documents), overlap.share)
        for overlap in [*parts, *within]
    ]


def _equal(texts: Sequence[str]) -> list[tuple[int, ...]]:
    """Group the numbers of documents with the same words. The groups are in the order of their first documents."""
    groups: dict[bytes, list[int]] = {}
    for number, text in enumerate(texts):
        groups.setdefault(_digest(text), []).append(number)
    return list(map(tuple, groups.values()))


def _digest(text: str) -> bytes:
    """Return a digest of a text that does not depend on blanks and case."""
    digest = hashlib.sha256()
    for start in range(0, len(text), _BLOCK):
        digest.update("".join(text[start : start + _BLOCK].lower().split()).encode())
    return digest.digest()


# Windows -------------------------------------------------------------------------------------------------------------


@dataclass
class _Windows:
    """How often each kept window is in the training part (`body`) and in the held-out part (`end`) of a document."""

    body: Counter[int]
    end: Counter[int]

    @property
    def all(self) -> Counter[int]:
        return self.body + self.end


def _windows_of(texts: Iterable[str]) -> list[_Windows]:
    kept: list[_Windows] = []
    every = 1  # one window in this many is kept
    for text in texts:
        cut = len(split_held_out(text)[0])
        kept.append(_Windows(Counter(), Counter()))
        for counter, part in ((kept[-1].body, text[:cut]), (kept[-1].end, text[max(0, cut - _LEAD) :])):
            for numbers in _numbers(part):
                counter.update(number for number in numbers if number % every == 0)
                every = _thin_out(kept, every)
    return kept


def _numbers(text: str) -> Iterator[Iterable[int]]:
    """Yield the numbers of the windows of a text, one block of text after the other."""
    for start in range(0, len(text), _BLOCK):
        words = _WORD.findall(text[start : start + _BLOCK].lower())
        sums = [0, *accumulate(zlib.crc32(word.encode()) for word in words)]
        yield map(sub, sums[_WINDOW:], sums)


def _thin_out(kept: list[_Windows], every: int) -> int:
    """Drop windows until they are at most _MOST_WINDOWS. Return the new `every`: one window in this many is kept."""
    counters = [counter for windows in kept for counter in (windows.body, windows.end)]
    while sum(map(len, counters)) > _MOST_WINDOWS:
        every *= 2
        for counter in counters:
            for number in [number for number in counter if number % every]:
                del counter[number]
    return every


# Shares --------------------------------------------------------------------------------------------------------------


def _rare(kept: list[_Windows]) -> set[int]:
    """Return the windows that are in fewer than _HABIT places."""
    times: Counter[int] = Counter()
    for windows in kept:
        times += windows.all
    return {window for window, count in times.items() if count < _HABIT}


def _parts(kept: list[_Windows], rare: set[int]) -> Iterator[Overlap]:
    """Yield an overlap for each document that shares much with a longer one, with the one that it shares most with."""
    sets = [set(windows.all) for windows in kept]
    best: dict[int, Overlap] = {}
    for pair in combinations(range(len(sets)), 2):
        shorter, longer = sorted(pair, key=lambda number: (len(sets[number]), -number))
        share = _share(sets[shorter], sets[longer], rare)
        if share >= _SHARED and (shorter not in best or share > best[shorter].share):
            best[shorter] = Overlap(Kind.PART, (shorter, longer), share)
    return (best[number] for number in sorted(best))


def _share(windows: set[int], others: set[int], rare: set[int]) -> float:
    if len(windows) < _FEWEST:
        return 0.0
    common = windows & others
    share = len(common) / len(windows)
    return share if share >= _MOST else len(common & rare) / len(windows)


def _within(kept: list[_Windows], rare: set[int], number: int) -> Overlap | None:
    """Return an overlap if a document mostly repeats itself, or if its end is also in a training part; else None."""
    windows = kept[number].all
    if windows.total() >= _FEWEST:
        repeated = 1 - len(windows) / windows.total()
        if repeated >= _MOST:
            return Overlap(Kind.ITSELF, (number,), repeated)
    return _end(kept, rare, number)


def _end(kept: list[_Windows], rare: set[int], number: int) -> Overlap | None:
    end = kept[number].end
    copied = {window for window in rare & end.keys() if any(window in windows.body for windows in kept)}
    share = sum(end[window] for window in copied) / max(1, end.total())
    if end.total() < _FEWEST or share < _END:
        return None
    other = max(range(len(kept)), key=lambda other: len(copied & kept[other].body.keys()))
    return Overlap(Kind.END, (number, other), share)
