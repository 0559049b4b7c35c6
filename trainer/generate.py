"""Writing passages with a trained model, a chunk at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trainer import draws
from trainer.reading import Model
from trainer.tensorflow_read import CHUNK, Manner, Memory

_BATCHES = (2, 4, 8, 16)  # rows; one row alone would be multiplied by another routine, and come out different
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
    memory = model.writer.remember(_opening(model, order))
    for start in range(0, order.passages, _BATCHES[-1]):
        numbers = range(order.first + start, order.first + min(order.passages, start + _BATCHES[-1]))
        yield from _side_by_side(model, order, memory, numbers)


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


def _side_by_side(model: Model, order: Order, memory: Memory, numbers: range) -> Iterator[tuple[int, str]]:
    rows = next(count for count in _BATCHES if count >= len(numbers))
    memory = model.writer.rows(memory, rows)
    sources = [draws.generator(order.seed, "passage", number) for number in numbers]
    written = 0
    while written < order.length:
        count = min(order.length - written, CHUNK if written else _FIRST_CHUNK)
        drawn = np.zeros((CHUNK, rows), np.float32)
        for row, source in enumerate(sources):
            drawn[:count, row] = np.minimum(source.random(count), _LAST_DRAW)
        symbols, memory = model.writer.write(memory, drawn, count, order.manner)  # (count, rows)
        written += count
        for row, number in enumerate(numbers):
            yield number, model.vocabulary.decode(symbols[:, row])
