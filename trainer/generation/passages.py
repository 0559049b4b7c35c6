"""The writing of passages with a trained model, one chunk of symbols at a time."""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from trainer.contract.documents import OPENING_CHARACTERS, OPENING_SYMBOLS
from trainer.contract.writing_settings import WritingRequest
from trainer.data import random_streams
from trainer.engine import setup
from trainer.engine.writing import Written
from trainer.generation.endings import Passage, Symbol
from trainer.generation.loaded_model import Model

_SIDE_BY_SIDE = 16  # passages that are written in parallel
_FIRST_CHUNK = 16  # symbols; it is short, so that there is soon something to read
_LARGEST_UNIFORM = 1 - 1e-6
_NO_DETAILS: tuple[float, list[Any]] = (0.0, [])
_OTHERS = 4  # how many likely symbols a trace has in addition to the chosen one


class Piece(NamedTuple):
    """The next piece of a passage.

    If the request wants a trace, it has an entry for each symbol: [code points, nats (-log p of the symbol at
    temperature 1), [[text, p], … at most 4 other likely symbols, the likeliest first]]. If the prompt ends with an
    incomplete word, the entry for that word has only the part that is in the passage, and p among the words with this
    beginning.
    """

    passage: int
    text: str
    trace: list[Any]


def passages(model: Model, request: WritingRequest) -> Iterator[Piece]:
    """Yield pieces of the passages as they are written. Raises SettingProblem for a voice that the model has not."""
    threads = setup.threads()
    rows = model.writer.rows(math.ceil(min(request.passages, _SIDE_BY_SIDE) / threads), request.sampling)
    opening = _Opening(model, request, rows)
    numbers = range(request.first, request.first + request.passages)
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, request.passages, _SIDE_BY_SIDE):
            parallel = numbers[start : start + _SIDE_BY_SIDE]
            batches = [_Batch(model, request, opening, parallel[i : i + rows]) for i in range(0, len(parallel), rows)]
            while batches:
                for pieces in pool.map(_Batch.write, batches):
                    yield from pieces
                batches = [batch for batch in batches if batch.room]


class _Opening:
    """The symbols that are read before a passage, and the incomplete word at the end of the prompt.

    The incomplete word is not read: the first symbol of the passage is chosen among the words that begin with it.
    Without a prompt, the procedure of the model provides the symbols to read.
    """

    def __init__(self, model: Model, request: WritingRequest, rows: int) -> None:
        vocabulary = model.vocabulary
        prompt = _end_of(model, request.prompt)
        self.begun, ways = vocabulary.begun(prompt)
        self.ways = ways if self.begun else None  # the symbols among which the first one is chosen
        read = vocabulary.encode(prompt.removesuffix(self.begun))
        known = read[read != vocabulary.escape]
        if not len(known):
            known = model.procedure.first_symbols(vocabulary, request.seed)
        self.rows = rows
        self.memory = model.writer.remember(known, rows, request.sampling, model.voice(request.voices))


class _Batch:
    """Passages that one thread writes, as the rows of one memory. Other threads write other batches."""

    def __init__(self, model: Model, request: WritingRequest, opening: _Opening, numbers: range) -> None:
        self._model, self._request, self._opening, self._memory = model, request, opening, opening.memory
        self._numbers = numbers
        self._generators = [random_streams.generator(request.seed, "passage", number) for number in numbers]
        ending = model.spelled(request.ending)
        self._passages = [Passage(request.length, request.words, ending, request.paragraph) for _ in numbers]
        self._written = 0  # symbols

    @property
    def room(self) -> int:
        """The largest number of code points that a passage still needs."""
        return max(0 if passage.is_over else passage.room for passage in self._passages)

    def write(self) -> list[Piece]:
        """Write some more symbols of each passage, and return the new pieces."""
        count = self._count()
        ways = None if self._written else self._opening.ways
        writer, sampling = self._model.writer, self._request.sampling
        uniform, traced = self._uniform(count), self._request.trace
        written, self._memory = writer.write(self._memory, uniform, count, sampling, ways, traced)
        unfinished = [row for row, passage in enumerate(self._passages) if not passage.is_over]
        pieces = [self._take(row, written) for row in unfinished]
        self._written += count
        return [piece for piece in pieces if piece.text]

    def _count(self) -> int:
        """Return how many symbols to write next, at most a chunk. The symbols so far give their expected length."""
        if not self._written:
            return min(self.room, _FIRST_CHUNK)
        most = self._request.length - min(passage.room for passage in self._passages)
        return min(math.ceil(self.room / max(1.0, most / self._written)), self._model.writer.chunk)

    def _uniform(self, count: int) -> np.ndarray:
        """Return uniform random numbers for `count` symbols, (chunk, rows).

        The choice of the rest of an incomplete word takes an additional number.
        """
        uniform = np.zeros((self._model.writer.chunk, self._opening.rows), np.float32)
        for row, generator in enumerate(self._generators):
            first = [generator.random()] if self._opening.begun and not self._written else []
            uniform[:count, row] = generator.random(count)
            uniform[: len(first), row] = first
        return np.minimum(uniform, _LARGEST_UNIFORM)

    def _take(self, row: int, written: Written) -> Piece:
        """Return the next piece of a row's passage."""
        symbols = list(_detailed(written, row, self._model.vocabulary.symbols))
        if not self._written:
            symbols[0] = _end(symbols[0], len(self._opening.begun))
        taken = self._passages[row].take([symbol for symbol in symbols if symbol[0]])
        text = "".join(text for text, _ in taken)
        trace = [(len(text), *details) for text, details in taken] if self._request.trace else []
        return Piece(self._numbers[row], text, trace)


def _detailed(written: Written, row: int, known: Sequence[str]) -> Iterator[Symbol]:
    """Yield the text of each symbol of a row, with its nats and the other likely symbols, if they are known."""
    if written.nats is None or written.likeliest is None or written.shares is None:
        yield from ((known[symbol], _NO_DETAILS) for symbol in written.symbols[:, row].tolist())
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
    """Return a symbol and its alternatives without the first `begun` code points, which are in the prompt."""
    text, (nats, others) = symbol
    return text[begun:], (nats, [(other[begun:], share) for other, share in others if other[begun:]])


def unknown(model: Model, prompt: str) -> list[str]:
    """Return the characters of a prompt that the model does not know. It leaves them out."""
    return model.vocabulary.unknown(_end_of(model, prompt))


def _end_of(model: Model, prompt: str) -> str:
    """Return the part of a prompt that is read, cleaned for the model."""
    pieces = model.vocabulary.pieces(model.spelled(prompt)[-OPENING_CHARACTERS:])
    return "".join(pieces[-OPENING_SYMBOLS:])
