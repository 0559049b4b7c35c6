"""Writing passages with a trained model, a chunk at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from trainer import draws, tensorflow_setup
from trainer.reading import Model
from trainer.tensorflow_read import CHUNK, Manner, Memory

_SIDE_BY_SIDE = 16  # passages
_ROWS = (2, 4, 8, 16)  # of a batch; one row alone would be multiplied by another routine, and come out different
_FIRST_CHUNK = 16  # characters: something to read at once
_LAST_DRAW = 1 - 1e-6


@dataclass(frozen=True)
class Order:
    """What is to be written.

    Args:
        prompt: what each passage goes on from; it is not part of the passage.
        length: characters of each passage.
        manner: how characters are chosen.
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
    memory = model.writer.remember(_opening(model, order), rows, order.manner)
    numbers = range(order.first, order.first + order.passages)
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, order.passages, _SIDE_BY_SIDE):
            beside = numbers[start : start + _SIDE_BY_SIDE]
            batches = [_Batch(model, order, memory, beside[i : i + rows]) for i in range(0, len(beside), rows)]
            written = 0
            while written < order.length:
                count = min(order.length - written, CHUNK if written else _FIRST_CHUNK)
                for texts in pool.map(_Batch.write, batches, [count] * len(batches)):
                    yield from texts
                written += count


class _Batch:
    """Passages that one thread writes, in the rows of one memory. Other batches run beside it."""

    def __init__(self, model: Model, order: Order, memory: Memory, numbers: range) -> None:
        self._model, self._manner, self._memory = model, order.manner, memory
        self._sources = {number: draws.generator(order.seed, "passage", number) for number in numbers}

    def write(self, count: int) -> list[tuple[int, str]]:
        """Write so many characters more of each passage."""
        drawn = np.zeros((CHUNK, len(self._memory[0])), np.float32)
        for row, source in enumerate(self._sources.values()):
            drawn[:count, row] = np.minimum(source.random(count), _LAST_DRAW)
        symbols, self._memory = self._model.writer.write(self._memory, drawn, count, self._manner)  # (count, rows)
        return [(number, self._model.vocabulary.decode(symbols[:, row])) for row, number in enumerate(self._sources)]


def _spelled(model: Model, prompt: str) -> str:
    return prompt.lower() if model.recipe.lowercase else prompt


def unknown(model: Model, prompt: str) -> list[str]:
    """Return the characters of a prompt that the model does not know, and leaves out."""
    return model.vocabulary.unknown(_spelled(model, prompt))


def _opening(model: Model, order: Order) -> np.ndarray:
    """Return the symbols that are read before the first one is written, at least one.

    Without a prompt, a model goes on from a line's end, and the tutorial's from a random piece of its text.
    """
    vocabulary = model.vocabulary
    read = vocabulary.encode(_spelled(model, order.prompt))
    known: np.ndarray = read[read != vocabulary.escape]
    if len(known):
        return known
    if model.recipe.procedure == "tutorial":
        choice = draws.generator(order.seed, "opening").integers(len(vocabulary.openings))
        return vocabulary.encode(vocabulary.openings[choice])
    start = "\n" if "\n" in vocabulary.characters else vocabulary.openings[0][0]
    return vocabulary.encode(start)
