"""Passages, written with a trained model a chunk at a time."""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from trainer.contract.documents import OPENING_CHARACTERS
from trainer.contract.writing_settings import WritingRequest
from trainer.data import random_streams
from trainer.engine import setup
from trainer.engine.writing import Written
from trainer.generation.endings import Passage, Symbol
from trainer.generation.loaded_model import Model

_PROMPT = 5_000  # symbols of a prompt that are read: its last ones
_SIDE_BY_SIDE = 16  # passages
_ROWS = (2, 4, 8, 16)  # of a batch; one row alone would be multiplied by another routine, and come out different
_FIRST_CHUNK = 16  # symbols: something to read at once
_LAST_DRAW = 1 - 1e-6
_NOTHING_TOLD: tuple[float, list[Any]] = (0.0, [])
_OTHERS = 4  # symbols beside the chosen one that a trace tells of


class Piece(NamedTuple):
    """What comes next in a passage.

    Its trace, where the request wants one, has an entry for each symbol: [code points, nats (-log p of it at
    temperature 1), [[text, p], … at most 4 others that were likely there, likeliest first]]. Of a word that the prompt
    broke off in, it tells what is in the passage, and p among the words that begin so.
    """

    passage: int
    text: str
    trace: list[Any]


def passages(model: Model, request: WritingRequest) -> Iterator[Piece]:
    """Yield pieces of the passages as they are written."""
    threads = setup.threads()
    rows = next(rows for rows in _ROWS if rows * threads >= min(request.passages, _SIDE_BY_SIDE))
    opening = _Opening(model, request, rows)
    numbers = range(request.first, request.first + request.passages)
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, request.passages, _SIDE_BY_SIDE):
            beside = numbers[start : start + _SIDE_BY_SIDE]
            batches = [_Batch(model, request, opening, beside[i : i + rows]) for i in range(0, len(beside), rows)]
            while batches:
                for pieces in pool.map(_Batch.write, batches):
                    yield from pieces
                batches = [batch for batch in batches if batch.room]


class _Opening:
    """What is read before a passage, and the word that it breaks off in: that one is chosen, not read.

    Without a prompt, the model's procedure says what a passage goes on from.
    """

    def __init__(self, model: Model, request: WritingRequest, rows: int) -> None:
        vocabulary = model.vocabulary
        prompt = _end_of(model, request.prompt)
        self.begun, ways = vocabulary.begun(prompt)
        self.ways = ways if self.begun else None  # symbols, one of which comes first
        read = vocabulary.encode(prompt.removesuffix(self.begun))
        known = read[read != vocabulary.escape]
        if not len(known):
            known = model.procedure.first_symbols(vocabulary, request.seed)
        self.rows = rows
        self.memory = model.writer.remember(known, rows, request.sampling)


class _Batch:
    """Passages that one thread writes, in the rows of one memory. Other batches run beside it."""

    def __init__(self, model: Model, request: WritingRequest, opening: _Opening, numbers: range) -> None:
        self._model, self._request, self._opening, self._memory = model, request, opening, opening.memory
        self._numbers = numbers
        self._generators = [random_streams.generator(request.seed, "passage", number) for number in numbers]
        ending = model.spelled(request.ending)
        self._passages = [Passage(request.length, request.words, ending, request.paragraph) for _ in numbers]
        self._written = 0  # symbols

    @property
    def room(self) -> int:
        """Code points that are still to be written, in the passage that needs most."""
        return max(0 if passage.is_over else passage.room for passage in self._passages)

    def write(self) -> list[Piece]:
        """Write some symbols more of each passage, and return what came of them."""
        count = self._count()
        ways = None if self._written else self._opening.ways
        writer, sampling = self._model.writer, self._request.sampling
        drawn, judged = self._draw(count), self._request.trace
        written, self._memory = writer.write(self._memory, drawn, count, sampling, ways, judged)
        going_on = [row for row, passage in enumerate(self._passages) if not passage.is_over]
        pieces = [self._take(row, written) for row in going_on]
        self._written += count
        return [piece for piece in pieces if piece.text]

    def _count(self) -> int:
        """Return how many symbols the passages need, going by the length of those so far; at most a chunk."""
        if not self._written:
            return min(self.room, _FIRST_CHUNK)
        most = self._request.length - min(passage.room for passage in self._passages)
        return min(math.ceil(self.room / max(1.0, most / self._written)), self._model.writer.chunk)

    def _draw(self, count: int) -> np.ndarray:
        """Return draws for so many symbols, (chunk, rows). A word that is to be ended has one of its own."""
        drawn = np.zeros((self._model.writer.chunk, self._opening.rows), np.float32)
        for row, generator in enumerate(self._generators):
            first = [generator.random()] if self._opening.begun and not self._written else []
            drawn[:count, row] = generator.random(count)
            drawn[: len(first), row] = first
        return np.minimum(drawn, _LAST_DRAW)

    def _take(self, row: int, written: Written) -> Piece:
        """Return what comes next in a row's passage."""
        symbols = list(_told(written, row, self._model.vocabulary.symbols))
        if not self._written:
            symbols[0] = _end(symbols[0], len(self._opening.begun))
        taken = self._passages[row].take([symbol for symbol in symbols if symbol[0]])
        text = "".join(text for text, _ in taken)
        trace = [(len(text), *told) for text, told in taken] if self._request.trace else []
        return Piece(self._numbers[row], text, trace)


def _told(written: Written, row: int, known: Sequence[str]) -> Iterator[Symbol]:
    """Yield the text of each symbol of a row, with its nats and what else was likely there, if that is known."""
    if written.nats is None or written.likeliest is None or written.shares is None:
        yield from ((known[symbol], _NOTHING_TOLD) for symbol in written.symbols[:, row].tolist())
        return
    places = (
        written.symbols[:, row].tolist(),
        np.maximum(written.nats[:, row].astype(float).round(3), 0.0).tolist(),
        written.likeliest[:, row].tolist(),
        written.shares[:, row].astype(float).round(3).tolist(),
    )
    for symbol, nats, likeliest, shares in zip(*places, strict=True):
        pairs = zip(likeliest, shares, strict=True)
        others = [(known[number], share) for number, share in pairs if share and number != symbol]
        yield known[symbol], (nats, others[:_OTHERS])


def _end(symbol: Symbol, begun: int) -> Symbol:
    """Return what is left of a symbol, and of the others in its place, without the beginning that they share."""
    text, (nats, others) = symbol
    return text[begun:], (nats, [(other[begun:], share) for other, share in others if other[begun:]])


def unknown(model: Model, prompt: str) -> list[str]:
    """Return the characters of a prompt that the model does not know, and leaves out."""
    return model.vocabulary.unknown(_end_of(model, prompt))


def _end_of(model: Model, prompt: str) -> str:
    """Return what of a prompt is read, as the model spells it."""
    pieces = model.vocabulary.pieces(model.spelled(prompt)[-OPENING_CHARACTERS:])
    return "".join(pieces[-_PROMPT:])
