"""Index of the texts that a model learned from: the source, in which the runs that another text copies are found.

A suffix array (the places of the source in the order of what follows them) finds any run by bisection. The texts lie
one after the other in UTF-8, parted by a byte that UTF-8 never has, so that no run goes over a border.
"""

import ctypes
import hashlib
import secrets
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from pydivsufsort import divsufsort
from pydivsufsort.dll import libdivsufsort

from trainer.contract.blanks import count_blank_lines
from trainer.storage.files import flush

MINIMUM = 20  # characters (code points) of a run that counts as copied
_BORDER = b"\xff"
_DIGEST_BYTES = 32
_BLOCK = 4096  # bytes, of which it is known how many characters begin before them
_LINES_A_PARAGRAPH = 30  # where blank lines are rarer than this, they part chapters

Run = tuple[int, int]  # where it begins and ends in a text, in code points


class Span(NamedTuple):
    """A piece of a text that stands in the source. All but `document` are code points."""

    start: int
    length: int
    document: int  # its number, from 0
    at: int  # where it stands in the document


class TextIndex:
    """The source, and its suffix array."""

    def __init__(self, lines: np.ndarray, starts: np.ndarray, suffixes: np.ndarray, text: np.ndarray) -> None:
        """Take what `build` or `load` made.

        Args:
            lines: int64 (2,), how many line ends and how many blank lines there are.
            starts: int64 (documents,), the byte where each document begins.
            suffixes: int32 (bytes,), the suffix array.
            text: uint8 (bytes,), the documents in UTF-8, each with a border behind it.
        """
        self._lines, self._starts, self._suffixes, self._text = lines, starts, suffixes, text
        self._pointers = tuple(array.ctypes.data_as(ctypes.c_void_p) for array in (text, suffixes))
        blocks = range(0, len(text), _BLOCK)  # one by one: all at once would take eight bytes of memory for each byte
        begun = [np.count_nonzero(_begins(text[block : block + _BLOCK])) for block in blocks]
        self._begun = np.concatenate([[0], np.cumsum(begun)])  # characters before each block

    @classmethod
    def build(cls, texts: Iterable[str]) -> "TextIndex":
        """Index texts: about five times their bytes in memory, half a second for 5 MB."""
        pieces, lines = [], np.zeros(2, np.int64)
        for document in texts:
            pieces.append(document.encode() + _BORDER)
            lines += document.count("\n"), count_blank_lines(document)
        pieces = pieces or [_BORDER]
        starts = np.cumsum([0, *map(len, pieces[:-1])], dtype=np.int64)
        text = np.frombuffer(bytearray().join(pieces), np.uint8)
        return cls(lines, starts, divsufsort(text), text)

    # On the disk -----------------------------------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Write the index, whole or not at all, also where somebody else writes the same one. OSError without room."""
        beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
        try:
            with beside.open("w+b") as file:
                file.seek(_DIGEST_BYTES)
                # The widest first: so none lies askew.
                for array in (self._lines, self._starts, self._suffixes, self._text):
                    np.save(file, array)
                digest = _digest(file)
                file.seek(0)
                file.write(digest)
            flush(beside)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path) -> "TextIndex":
        """Map a saved index into memory. Raises ValueError where it is not what was saved, OSError where it is not."""
        with path.open("rb") as file:
            if file.read(_DIGEST_BYTES) != _digest(file):
                raise ValueError(f"{path} is damaged.")
            file.seek(_DIGEST_BYTES)
            return cls(*(_mapped(file) for _ in range(4)))

    # What stands in it -----------------------------------------------------------------------------------------------

    @property
    def has_paragraphs(self) -> bool:
        """Whether there are blank lines between its paragraphs. If not, a paragraph is a line."""
        ends, blank = self._lines.tolist()
        return bool(blank and blank * _LINES_A_PARAGRAPH >= ends)

    def copied(self, text: str, minimum: int = MINIMUM) -> list[Span]:
        """Return what of a text is copied, in order, without overlaps.

        Every character is in a span that lies in some run of `minimum` characters or more that stands in the source.
        The longest run is a span as a whole. Runs that overlap it are cut, so a span may be shorter than `minimum`:
        what is left of a longer run, and the source goes on with it.
        """
        return [self._span(text, run, piece) for run, piece in apart(list(self.runs(text, minimum)), len(text))]

    def runs(self, text: str, minimum: int) -> Iterator[Run]:
        """Yield, in order, each run of a text that stands in the source and would not if it were longer."""
        return _longest_runs(text, minimum, lambda start, end: self.count(text[start:end]) > 0)

    def count(self, run: str) -> int:
        """Return how often a run stands in the source."""
        return self._search(run)[0]

    def _search(self, run: str) -> tuple[int, int]:
        """Return how often a run stands in the source, and where in the suffix array the first of these places is.

        The library itself, 6 µs: its Python function wraps both arrays anew each time, and takes 36.
        """
        sought, first, size = run.encode(), ctypes.c_int32(), len(self._text)
        text, suffixes = self._pointers
        found = libdivsufsort.sa_search(text, size, sought, len(sought), suffixes, size, ctypes.byref(first))
        return found, first.value

    def _span(self, text: str, run: Run, piece: Run) -> Span:
        """Find the first place of a run, and in it that of a piece of the run."""
        count, first = self._search(text[slice(*run)])
        byte = int(self._suffixes[first : first + count].min())
        document = int(np.searchsorted(self._starts, byte, "right")) - 1
        at = self._characters_before(byte) - self._characters_before(int(self._starts[document]))
        return Span(piece[0], piece[1] - piece[0], document, at + piece[0] - run[0])

    def _characters_before(self, byte: int) -> int:
        """Return how many characters of the whole source, borders among them, begin before a byte."""
        block = byte // _BLOCK
        return int(self._begun[block]) + int(_begins(self._text[block * _BLOCK : byte]).sum())


def _digest(file: IO[bytes]) -> bytes:
    """Return the SHA-256 of all that follows its own place in the file."""
    file.seek(_DIGEST_BYTES)
    return hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type]  # a file is readable


def _mapped(file: IO[bytes]) -> np.ndarray:
    """Map the array that np.save wrote where the file stands, and go on behind it. A change stays in this process."""
    np.lib.format.read_magic(file)
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    place = file.tell()
    array: np.ndarray = np.memmap(file, dtype, "c", place, shape)
    file.seek(place + array.nbytes)
    return array


def _begins(text: np.ndarray) -> Any:
    """Return for each byte of UTF-8 whether a character begins with it."""
    return (text & 0xC0) != 0x80


# Runs ----------------------------------------------------------------------------------------------------------------


def _longest_runs(text: str, minimum: int, stands: Callable[[int, int], bool]) -> Iterator[Run]:
    """Yield, in order, each run of at least `minimum` that stands in the source and would not if it were longer.

    Both ends only ever move on. From one run the next is the first that reaches further than it.
    """
    start = end = 0
    while start + minimum <= len(text):
        end = max(end, start + minimum)
        if stands(start, end):
            end = _furthest_end(start, end, len(text), stands)
            yield start, end
        else:
            end -= 1
        if end == len(text):
            return
        end += 1
        start = _first_start(start + 1, end, stands)


def _furthest_end(start: int, end: int, last: int, stands: Callable[[int, int], bool]) -> int:
    return end + _leading(lambda more: stands(start, end + more + 1), last - end)


def _first_start(start: int, end: int, stands: Callable[[int, int], bool]) -> int:
    return start + _leading(lambda less: not stands(start + less, end), end - start)


def _leading(holds: Callable[[int], bool], size: int) -> int:
    """Return how many of 0, 1, … size - 1 it holds for, up to the first for which it doesn't.

    It has to hold for none after that. Looks twice as far each time: few are found at once.
    """
    reach = 1
    while reach <= size and holds(reach - 1):
        reach *= 2
    return bisect_left(range(size), True, reach // 2, min(reach - 1, size), key=lambda number: not holds(number))


def apart(runs: list[Run], size: int) -> list[tuple[Run, Run]]:
    """Cut runs of a text of that size so that none overlaps: return each that is kept, and what is left of it.

    None of the runs may lie within another. Again and again the one is kept that covers most of what is not covered
    yet (of equals the first): the longest stays whole, and there are few pieces.
    """
    ends = dict(runs)
    waiting = [(start - end, start) for start, end in runs]
    heapify(waiting)
    kept: list[Run] = [(-1, 0), (size, size)]  # in order, between the text's own ends
    pieces = []
    while waiting:
        claim, start = heappop(waiting)
        run = start, ends[start]
        place = bisect_left(kept, run)
        piece = max(start, kept[place - 1][1]), min(run[1], kept[place][0])
        if piece[0] - piece[1] == claim:
            kept.insert(place, run)
            pieces.append((run, piece))
        elif piece[0] < piece[1]:
            heappush(waiting, (piece[0] - piece[1], start))
    return sorted(pieces)
