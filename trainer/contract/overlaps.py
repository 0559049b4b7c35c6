"""Documents that are the same text, or share much of it: found before a training, and named.

Every window of 32 words is a number, the sum of its words' checksums. Blanks, punctuation and case do not count. Of all
documents together at most 65,536 different windows are kept, chosen by their numbers, so that the same are kept of
every document. So time is linear in the text and memory is bounded, whatever the text is.

Only the standard library and trainer.contract.documents: the web process imports it.
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

_WINDOW = 32  # words, some 170 characters of English: longer than a heading, a set phrase or a refrain of four lines
_MOST_WINDOWS = 1 << 16
_BLOCK = 1 << 18  # characters whose words are held at a time
_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]{{1,64}}")  # a Chinese or Japanese character is a word
_LEAD = 80  # characters before a held-out part that its first windows begin in: half a window

# A document is named from these shares of its windows on; docs/trainer.md has the figures. What stands in _HABIT places
# is a refrain, a licence or a heading, and no reason to name a document that has less than _MOST of it.
_SHARED = 1 / 3
_END = 0.5
_MOST = 0.6
_HABIT = 4
_FEWEST = 4  # windows that a share is taken of


class Kind(StrEnum):
    """What was found."""

    SAME = "same"  # `documents` are the same text
    PART = "part"  # a share of the first of `documents` also stands in the second
    END = "end"  # a share of the held-out part of the first also stands in what is trained on of the second
    ITSELF = "itself"  # a share of the one document is what it has said before


@dataclass(frozen=True)
class Overlap:
    """`documents` are numbers, from 0; `share` is 0 to 1."""

    kind: Kind
    documents: tuple[int, ...]
    share: float = 1.0


def find(texts: Sequence[str]) -> list[Overlap]:
    """Return which documents of a corpus are the same, and of each other one that has something twice, what.

    Takes a second for 5 MB. Refrains, licences and headings are left out, as long as they are not most of a document.
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
    """Group the documents that have the same words, in the order of the first of each group."""
    groups: dict[bytes, list[int]] = {}
    for number, text in enumerate(texts):
        groups.setdefault(_digest(text), []).append(number)
    return list(map(tuple, groups.values()))


def _digest(text: str) -> bytes:
    """Return a number of a text's words that does not depend on blanks and case."""
    digest = hashlib.sha256()
    for start in range(0, len(text), _BLOCK):
        digest.update("".join(text[start : start + _BLOCK].lower().split()).encode())
    return digest.digest()


# Windows -------------------------------------------------------------------------------------------------------------


@dataclass
class _Windows:
    """How often each kept window stands in what is trained on of a document, and in its held-out part."""

    body: Counter[int]
    end: Counter[int]

    @property
    def all(self) -> Counter[int]:
        return self.body + self.end


def _windows_of(texts: Iterable[str]) -> list[_Windows]:
    kept: list[_Windows] = []
    every = 1  # of so many windows one is kept
    for text in texts:
        cut = len(split_held_out(text)[0])
        kept.append(_Windows(Counter(), Counter()))
        for counter, part in ((kept[-1].body, text[:cut]), (kept[-1].end, text[max(0, cut - _LEAD) :])):
            for numbers in _numbers(part):
                counter.update(number for number in numbers if number % every == 0)
                every = _thin_out(kept, every)
    return kept


def _numbers(text: str) -> Iterator[Iterable[int]]:
    """Yield the numbers of a text's windows, a block of text after the other."""
    for start in range(0, len(text), _BLOCK):
        words = _WORD.findall(text[start : start + _BLOCK].lower())
        sums = [0, *accumulate(zlib.crc32(word.encode()) for word in words)]
        yield map(sub, sums[_WINDOW:], sums)


def _thin_out(kept: list[_Windows], every: int) -> int:
    """Keep ever fewer windows until they are few enough, and return of how many one is kept."""
    counters = [counter for windows in kept for counter in (windows.body, windows.end)]
    while sum(map(len, counters)) > _MOST_WINDOWS:
        every *= 2
        for counter in counters:
            for number in [number for number in counter if number % every]:
                del counter[number]
    return every


# Shares --------------------------------------------------------------------------------------------------------------


def _rare(kept: list[_Windows]) -> set[int]:
    """Return the windows that stand in so few places that they are no habit of the text."""
    times: Counter[int] = Counter()
    for windows in kept:
        times += windows.all
    return {window for window, count in times.items() if count < _HABIT}


def _parts(kept: list[_Windows], rare: set[int]) -> Iterator[Overlap]:
    """Yield each document of which much stands in another: the shorter of the two, and where most of it stands."""
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
    """Find whether a document mostly repeats itself, or its end stands in what is trained on."""
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
