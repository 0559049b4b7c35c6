"""The index of the texts that a model was trained on. It finds the runs that another text copies from them.

The indexed texts together are called the source. A suffix array (all positions of the source, sorted by the text after
them) finds any run by bisection. The texts are stored one after the other in UTF-8. A byte that UTF-8 never contains
separates them, so that no run crosses the border of two texts.
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
_BLOCK = 4096  # bytes; for each block the index has the number of characters before it
_LINES_A_PARAGRAPH = 30  # if there are more lines than this for each blank line, blank lines separate chapters

Run = tuple[int, int]  # where the run begins and ends in a text, in code points


class Span(NamedTuple):
    """A piece of a text that is also in the source. All numbers except `document` are in code points."""

    start: int
    length: int
    document: int  # its number, from 0
    at: int  # its position in the document


class TextIndex:
    """The source and its suffix array."""

    def __init__(self, lines: np.ndarray, starts: np.ndarray, suffixes: np.ndarray, text: np.ndarray) -> None:
        """Use the arrays that `build` or `load` made.

        Args:
            lines: int64 (2,), the numbers of line ends and of blank lines.
            starts: int64 (documents,), the byte where each document begins.
            suffixes: int32 (bytes,), the suffix array.
            text: uint8 (bytes,), the documents in UTF-8, each with a border byte after it.
        """
        self._lines, self._starts, self._suffixes, self._text = lines, starts, suffixes, text
        self._pointers = tuple(array.ctypes.data_as(ctypes.c_void_p) for array in (text, suffixes))
        blocks = range(0, len(text), _BLOCK)  # one by one, because all at once takes eight bytes of memory per byte
        begun = [np.count_nonzero(_begins(text[block : block + _BLOCK])) for block in blocks]
        self._begun = np.concatenate([[0], np.cumsum(begun)])  # characters before each block

    @classmethod
    def build(cls, texts: Iterable[str]) -> "TextIndex":
        """Index texts. It takes about five times their bytes in memory, and half a second for 5 MB."""
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
        """Write the index atomically, even if another process writes the same one. Raises OSError on a full disk."""
        temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
        try:
            with temporary.open("w+b") as file:
                file.seek(_DIGEST_BYTES)
                # The arrays with the largest items first, so that all of them are aligned in the mapped file.
                for array in (self._lines, self._starts, self._suffixes, self._text):
                    np.save(file, array)
                digest = _digest(file)
                file.seek(0)
                file.write(digest)
            flush(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path) -> "TextIndex":
        """Map a saved index into memory. Raises ValueError if it is damaged, and OSError if it can't be opened."""
        with path.open("rb") as file:
            if file.read(_DIGEST_BYTES) != _digest(file):
                raise ValueError(f"{path} is damaged.")
            file.seek(_DIGEST_BYTES)
            return cls(*(_mapped(file) for _ in range(4)))

    # Search ----------------------------------------------------------------------------------------------------------

    @property
    def has_paragraphs(self) -> bool:
        """Whether blank lines separate the paragraphs of the source. If not, each line is a paragraph."""
        ends, blank = self._lines.tolist()
        return bool(blank and blank * _LINES_A_PARAGRAPH >= ends)

    def copied(self, text: str, minimum: int = MINIMUM) -> list[Span]:
        """Return the copied spans of a text, in order and without overlaps.

        A character is in a span if it is in a run of at least `minimum` characters that is also in the source. The
        longest run is one whole span. Runs that overlap it are cut, so a span may be shorter than `minimum`: it is the
        rest of a longer run.
        """
        return [self._span(text, run, piece) for run, piece in apart(list(self.runs(text, minimum)), len(text))]

    def runs(self, text: str, minimum: int) -> Iterator[Run]:
        """Yield, in order, each run of a text that is in the source and can't be made longer at either end."""
        return _longest_runs(text, minimum, lambda start, end: self.count(text[start:end]) > 0)

    def count(self, run: str) -> int:
        """Return how often a run occurs in the source."""
        return self._search(run)[0]

    def _search(self, run: str) -> tuple[int, int]:
        """Return how often a run occurs in the source, and the index of its first occurrence in the suffix array.

        The C library is called directly, which takes 6 µs. Its Python function wraps both arrays at each call, which
        takes 36 µs.
        """
        sought, first, size = run.encode(), ctypes.c_int32(), len(self._text)
        text, suffixes = self._pointers
        found = libdivsufsort.sa_search(text, size, sought, len(sought), suffixes, size, ctypes.byref(first))
        return found, first.value

    def _span(self, text: str, run: Run, piece: Run) -> Span:
        """Return the span of a piece of a run, at the first occurrence of the run in the source."""
        count, first = self._search(text[slice(*run)])
        byte = int(self._suffixes[first : first + count].min())
        document = int(np.searchsorted(self._starts, byte, "right")) - 1
        at = self._characters_before(byte) - self._characters_before(int(self._starts[document]))
        return Span(piece[0], piece[1] - piece[0], document, at + piece[0] - run[0])

    def _characters_before(self, byte: int) -> int:
        """Return how many characters of the whole source, including the borders, begin before a byte."""
        block = byte // _BLOCK
        return int(self._begun[block]) + int(_begins(self._text[block * _BLOCK : byte]).sum())


def _digest(file: IO[bytes]) -> bytes:
    """Return the SHA-256 of the file after its first bytes, which are the place of the digest itself."""
    file.seek(_DIGEST_BYTES)
    return hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type]  # IO[bytes] has all that is needed


def _mapped(file: IO[bytes]) -> np.ndarray:
    """Map the array that np.save wrote at the current position, and move the position after it.

    Changes to the array stay in this process.
    """
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
    """Yield, in order, each run of at least `minimum` that is in the source and can't be made longer at either end.

    `stands` says whether the text from a start to an end is in the source. Start and end only move forward: the next
    run is the first one that ends after the last one.
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
    """Return for how many of 0, 1, … size - 1 the condition holds, before the first one for which it does not.

    It must not hold for any number after that one. The search goes twice as far each time, because the result is
    usually small.
    """
    reach = 1
    while reach <= size and holds(reach - 1):
        reach *= 2
    return bisect_left(range(size), True, reach // 2, min(reach - 1, size), key=lambda number: not holds(number))


def apart(runs: list[Run], size: int) -> list[tuple[Run, Run]]:
    """Cut runs of a text of this size so that they do not overlap. Return each kept run, and the piece left of it.

    No run may be inside another. In each turn, the run that covers the most uncovered text is kept (of equal ones, the
    first). So the longest run stays whole, and there are few pieces.
    """
    ends = dict(runs)
    waiting = [(start - end, start) for start, end in runs]
    heapify(waiting)
    kept: list[Run] = [(-1, 0), (size, size)]  # in order; the first and the last mark the ends of the text
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
