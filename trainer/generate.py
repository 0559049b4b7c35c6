"""Writing passages with a trained model, a chunk at a time."""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from trainer import draws, tensorflow_setup
from trainer.reading import Model
from trainer.symbols import beginning
from trainer.tensorflow_read import CHUNK, FREE, Manner

_SIDE_BY_SIDE = 16  # passages
_ROWS = (2, 4, 8, 16)  # of a batch; one row alone would be multiplied by another routine, and come out different
_FIRST_CHUNK = 16  # symbols: something to read at once
_LAST_DRAW = 1 - 1e-6


@dataclass(frozen=True)
class Order:
    """What is to be written.

    Args:
        prompt: what each passage goes on from; it is not part of the passage.
        length: code points of each passage. A word is cut at the end; a character of several code points that does
            not fit is left out.
        manner: how symbols are chosen.
        passages, first: the passages' numbers are first … first + passages - 1. A passage depends on its number
            and the seed, and not on which others are written with it.
    """

    prompt: str
    length: int
    manner: Manner
    seed: int = 1
    passages: int = 1
    first: int = 0


def passages(model: Model, order: Order) -> Iterator[tuple[int, str]]:
    """Yield pieces of the passages as they are written: (number, text)."""
    threads = tensorflow_setup.threads()
    rows = next(rows for rows in _ROWS if rows * threads >= min(order.passages, _SIDE_BY_SIDE))
    opening = _Opening(model, order, rows)
    numbers = range(order.first, order.first + order.passages)
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, order.passages, _SIDE_BY_SIDE):
            beside = numbers[start : start + _SIDE_BY_SIDE]
            batches = [_Batch(model, order, opening, beside[i : i + rows]) for i in range(0, len(beside), rows)]
            while batches:
                for texts in pool.map(_Batch.write, batches):
                    yield from texts
                batches = [batch for batch in batches if batch.room]


class _Opening:
    """What is read before a passage, and the word that it breaks off in: that one is chosen, not read.

    Without a prompt, a model goes on from a line's end, and the tutorial's from a random piece of its text.
    """

    def __init__(self, model: Model, order: Order, rows: int) -> None:
        vocabulary = model.vocabulary
        prompt = _spelled(model, order.prompt)
        self.begun, self._endings = vocabulary.begun(prompt)
        read = vocabulary.encode(prompt.removesuffix(self.begun))
        known = read[read != vocabulary.escape]
        if not len(known):
            known = _first_symbols(model, order)
        self._model, self._manner = model, order.manner
        self.memory = model.writer.remember(known, rows, order.manner)

    def first(self, sources: list[np.random.Generator]) -> np.ndarray:
        """Return the first symbol of each passage, (passages,), or FREE where it is chosen like all others."""
        if not self.begun:
            return np.full(len(sources), FREE)
        drawn = np.array([source.random() for source in sources])
        return self._model.writer.choose_among(self._endings, self.memory, drawn, self._manner)


class _Batch:
    """Passages that one thread writes, in the rows of one memory. Other batches run beside it."""

    def __init__(self, model: Model, order: Order, opening: _Opening, numbers: range) -> None:
        self._model, self._manner, self._memory = model, order.manner, opening.memory
        self._numbers = numbers
        self._sources = [draws.generator(order.seed, "passage", number) for number in numbers]
        self._first = opening.first(self._sources)
        self._begun = len(opening.begun)
        self._length, self._rooms = order.length, [order.length] * len(numbers)
        self._written = 0  # symbols

    @property
    def room(self) -> int:
        """Code points that are still to be written, in the passage that needs most."""
        return max(self._rooms)

    def write(self) -> list[tuple[int, str]]:
        """Write some symbols more of each passage, and return what came of them."""
        count = self._count()
        rows = len(self._memory[0])
        drawn, forced = np.zeros((CHUNK, rows), np.float32), np.full((CHUNK, rows), FREE)
        for row, source in enumerate(self._sources):
            drawn[:count, row] = np.minimum(source.random(count), _LAST_DRAW)
        if not self._written:
            forced[0, : len(self._first)] = self._first
        symbols, self._memory = self._model.writer.write(self._memory, drawn, count, self._manner, forced)
        texts = [self._take(row, symbols[:, row]) for row in range(len(self._sources))]
        self._written += count
        return [(number, text) for number, text in zip(self._numbers, texts, strict=True) if text]

    def _count(self) -> int:
        """Return how many symbols the passages need, going by the length of those so far; at most a chunk."""
        if not self._written:
            return min(self.room, _FIRST_CHUNK)
        length = max(1.0, (self._length - min(self._rooms)) / self._written)
        return min(math.ceil(self.room / length), CHUNK)

    def _take(self, row: int, symbols: np.ndarray) -> str:
        """Return the text of a row's symbols, without what the prompt has already and as far as there is room."""
        text = self._model.vocabulary.decode(symbols)
        text = text if self._written else text[self._begun :]
        if len(text) > self._rooms[row]:
            text, self._rooms[row] = beginning(text, self._rooms[row]), 0
        else:
            self._rooms[row] -= len(text)
        return text


def _spelled(model: Model, prompt: str) -> str:
    return prompt.lower() if model.recipe.lowercase else prompt


def unknown(model: Model, prompt: str) -> list[str]:
    """Return the characters of a prompt that the model does not know, and leaves out."""
    return model.vocabulary.unknown(_spelled(model, prompt))


def _first_symbols(model: Model, order: Order) -> np.ndarray:
    vocabulary = model.vocabulary
    opening = vocabulary.openings[0]
    if model.recipe.procedure == "tutorial":
        opening = vocabulary.openings[draws.generator(order.seed, "opening").integers(len(vocabulary.openings))]
    elif "\n" in vocabulary.characters:
        opening = "\n"
    read = vocabulary.encode(opening)
    known: np.ndarray = read[read != vocabulary.escape]
    first = known if model.recipe.procedure == "tutorial" else known[:1]
    return first if len(first) else np.zeros(1, int)
