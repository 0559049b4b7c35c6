"""The choice of an encoding by a person: the likeliest ones with their certainty, and what each makes of some lines.

`decode` guesses an encoding. Where it guessed wrong, `decode_as` reads the same bytes in the encoding that was chosen.

The web process imports this module, so it needs only the standard library, other modules of this package and chardet.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import exp

from trainer.contract import encoding_evidence as evidence
from trainer.contract import marks
from trainer.contract.controls import can_be_seen, plain
from trainer.contract.decoding import Decoded, TextProblem, likeliest, reads_all
from trainer.contract.encodings import MARKS, OLD_ENCODINGS, SEVEN_BIT
from trainer.contract.seven_bit import seven_bit_encoding

_UNICODE = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
}

#: Python's name → the name for people, of all encodings that can be chosen
LABELS = {"utf-8": "UTF-8", **{codec: old.label for codec, old in OLD_ENCODINGS.items()}, **SEVEN_BIT}

_ODD = re.compile(rb"[\x80-\xff]")
_LOOKED_AT = 400  # lines from all over a file, among which those to show and the place of a turn are looked for
_LONGEST_LINE = 300  # bytes of a line that is shown
_SHIFTED = 0.99  # certainty of an encoding whose shift sequences stand in the file
_RIVAL = 0.88, 0.96  # of the first one's score: where another one begins to be a rival, and where it is as good
_WEAK = 0.2  # a score below is like no language
_FEW = 3  # letters
_DOUBT, _BY_RIVAL, _BY_WEAKNESS, _BY_FEW = -6.8, 4.8, 1.8, 1.4  # of a logistic regression: docs/encodings.md
_FEWEST_LINES = 4  # with odd letters, in each part of a file that is in two encodings
_UNLIKELY = 0.8  # of the score of the likeliest encoding


@dataclass(frozen=True)
class Choice:
    """An encoding that a file may have. `certainty` is an estimate from 0 to 1 that it is the right one."""

    codec: str
    label: str
    certainty: float


@dataclass(frozen=True)
class OddLine:
    """A line with letters beyond ASCII, as its bytes. Its number counts from 1."""

    number: int
    data: bytes

    @property
    def letters(self) -> frozenset[int]:
        """Its bytes beyond ASCII."""
        return frozenset(byte for byte in self.data if byte > 0x7F)

    def read_as(self, codec: str) -> str:
        """Return the line in an encoding. What is no character in it stands as U+FFFD."""
        return plain(self.data.decode(codec, "replace")).strip()


def choices(data: bytes) -> list[Choice]:
    """Return all encodings that a file without a mark may have: the likeliest first, the others as in the table."""
    if codec := seven_bit_encoding(data):
        likely = [Choice(codec, LABELS[codec], _SHIFTED), Choice("utf-8", LABELS["utf-8"], 1 - _SHIFTED)]
    elif reads_all(data, "utf-8"):
        likely = [Choice("utf-8", LABELS["utf-8"], 1.0)]
    else:
        likely = _old(data)
    named = {choice.codec for choice in likely}
    return likely + [Choice(codec, label, 0.0) for codec, label in LABELS.items() if codec not in named]


def _old(data: bytes) -> list[Choice]:
    """Return the old encodings that are likely, with their certainties.

    The doubt about the first is divided among those that read the lines otherwise, by their scores.
    """
    ranking = evidence.ranked(data)
    if not ranking:
        return []
    best = likeliest(data, ranking)
    sample = b"\n".join(line.data for line in odd_lines(data, 30)[0])
    readings = {one.codec: sample.decode(one.codec, "replace") for one in ranking}
    others = [one for one in ranking if readings[one.codec] != readings[best.codec]]
    letters = sum(not character.isascii() for character in readings[best.codec])
    rival = others[0].score / best.score if others and best.score > 0 else 0.0
    certainty = 1 - _doubt(rival, best.score, letters)
    whole = sum(one.score for one in others)
    return [Choice(best.codec, LABELS[best.codec], certainty)] + [
        Choice(one.codec, LABELS[one.codec], (1 - certainty) * one.score / whole if one in others else certainty)
        for one in ranking
        if one is not best
    ]


def _doubt(rival: float, score: float, letters: int) -> float:
    """Return how likely the first encoding is wrong, by the share of its score that the next one has.

    The figures are fitted to files of `bench.encodings`: docs/encodings.md compares the doubt with what was right.
    """
    close = min(1.0, max(0.0, (rival - _RIVAL[0]) / (_RIVAL[1] - _RIVAL[0])))
    weak = max(0.0, 1 - score / _WEAK)
    few = min(1.0, _FEW / max(1, letters))
    odds = exp(_DOUBT + _BY_RIVAL * close + _BY_WEAKNESS * weak + _BY_FEW * few)
    return min(0.5, odds / (1 + odds))  # the first one is no less likely than any other


def decode_as(data: bytes, codec: str) -> Decoded:
    """Decode the bytes of a file in an encoding that a person has chosen. What is no character becomes U+FFFD.

    Raises TextProblem if nothing can be seen then.
    """
    for mark, of_mark, _name in MARKS:
        if of_mark == codec:
            data = data.removeprefix(mark)
    text = data.decode(codec, "replace")
    if not can_be_seen(text.replace("\ufffd", "")):
        raise TextProblem("In this encoding there is nothing in the file that can be seen: choose another one.")
    decoded = Decoded(text, LABELS.get(codec) or _UNICODE[codec], text.count("\ufffd"))
    return replace(decoded, nuls=text.count("\0"), surplus_marks=marks.surplus(text))


def odd_lines(data: bytes, most: int = 8) -> tuple[list[OddLine], int]:
    """Return some lines with odd letters from all over a file, and how many there are."""
    places = list(_odd_places(data))
    lines, number, end = [], 1, 0
    for start, stop in places[:: max(1, -(-len(places) // most))]:
        number += data.count(b"\n", end, start)
        end = start
        lines.append(OddLine(number, _around_odd(data[start:stop])))
    return lines, len(places)


def telling_lines(data: bytes, most: int = 8) -> tuple[list[OddLine], int]:
    """Return the lines that show most of the odd letters of a file, in their order, and how many odd lines there are.

    Each letter is worth a look once. If there is room, lines from all over the file follow, each of them once.
    """
    lines, count = odd_lines(data, _LOOKED_AT)
    firsts = {line.data: line for line in reversed(lines)}
    left, shown, seen = sorted(firsts.values(), key=_number), list[OddLine](), set[int]()
    while left and len(shown) < most:
        line = max(left, key=lambda one: len(one.letters - seen))
        if line.letters <= seen:
            break
        left.remove(line)
        shown.append(line)
        seen |= line.letters
    room = most - len(shown)
    others = left[:: -(-len(left) // room)] if room and left else []
    return sorted([*shown, *others], key=_number), count


def _number(line: OddLine) -> int:
    return line.number


def _odd_places(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each line with odd letters begins and ends."""
    stop = 0
    while found := _ODD.search(data, stop):
        start = data.rfind(b"\n", 0, found.start()) + 1
        stop = data.find(b"\n", found.end())
        if stop < 0:
            stop = len(data)
        yield start, stop


def _around_odd(line: bytes) -> bytes:
    """Return a line; of a long one, the part from shortly before its first odd letter on."""
    if len(line) <= _LONGEST_LINE:
        return line
    found = _ODD.search(line)
    first = max(0, (found.start() if found else 0) - _LONGEST_LINE // 3)
    start = line.rfind(b" ", 0, first) + 1
    start = start if first - start < _LONGEST_LINE // 3 else first
    piece = line[start : start + _LONGEST_LINE]
    return piece.rpartition(b" ")[0] or piece


@dataclass(frozen=True)
class Turn:
    """The line from which on a file is in another encoding, with the names of both."""

    line: int
    before: str
    after: str


def turn(data: bytes) -> Turn | None:
    """Return where a file turns from one old encoding to another; None for a file in one encoding.

    Files with lines in UTF-8 and in another encoding have no text: `decode` refuses them and names the line.
    """
    lines = odd_lines(data, _LOOKED_AT)[0]
    if len(lines) < 2 * _FEWEST_LINES:
        return None
    middle = len(lines) // 2
    first, last = _scores(lines[:middle]), _scores(lines[middle:])
    if not first or not last:
        return None
    before, after = max(first, key=first.__getitem__), max(last, key=last.__getitem__)
    if first.get(after, 0) > _UNLIKELY * first[before] or last.get(before, 0) > _UNLIKELY * last[after]:
        return None
    near = _bisected(len(lines), lambda n: _fits_better(lines[n : n + _FEWEST_LINES], after, before))
    exact = (n for n in range(near, len(lines)) if _fits_better(lines[n : n + 1], after, before))
    return Turn(lines[next(exact, near)].number, LABELS[before], LABELS[after])


def _scores(lines: list[OddLine]) -> dict[str, float]:
    """Return the scores of the encodings that some lines may be in."""
    return {one.codec: one.score for one in evidence.ranked(b"\n".join(line.data for line in lines) + b"\n")}


def _bisected(stop: int, holds: Callable[[int], bool]) -> int:
    """Return the first number below `stop` for which something holds that does not hold before and holds after it."""
    low, high = 0, stop - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _fits_better(lines: list[OddLine], codec: str, other: str) -> bool:
    scores = _scores(lines)
    return scores.get(codec, 0) > scores.get(other, 0)
