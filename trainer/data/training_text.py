"""The training text: the training parts of all documents as numbers, and how often each is read in an epoch."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trainer.data import random_streams


@dataclass(frozen=True)
class TrainingText:
    """The joined documents, ids (symbols,), and the symbols, the weight and the voice of each.

    A document of weight 2 is read twice in an epoch, one of weight 0.5 by half: another half in every epoch, beginning
    at a random place. Without weights, every document is read once. The voices are numbers as in `trainer.text.voices`;
    without them, no document has a voice.
    """

    ids: np.ndarray
    lengths: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()
    voices: tuple[int, ...] = ()

    def __len__(self) -> int:
        """Return the number of symbols that are read in an epoch."""
        if not self.weights:
            return len(self.ids)
        return sum(int(weight) * length + _part(weight, length) for weight, length in self._documents())

    def in_epoch(self, seed: int, epoch: int) -> np.ndarray:
        """Return what is read in an epoch, (symbols,). It depends only on the seed and the epoch."""
        return np.concatenate([piece for _, piece in self._pieces(seed, epoch)]) if self.weights else self.ids

    def voices_in_epoch(self, seed: int, epoch: int) -> np.ndarray:
        """Return the voice of each symbol that is read in an epoch, (symbols,) uint8."""
        numbers, lengths = zip(*((self.voices[n], len(piece)) for n, piece in self._pieces(seed, epoch)), strict=True)
        return np.repeat(np.array(numbers, np.uint8), lengths)

    def _pieces(self, seed: int, epoch: int) -> Iterator[tuple[int, np.ndarray]]:
        """Yield what is read in an epoch in pieces, each with the number of its document."""
        weights, start = self.weights or (1.0,) * len(self.lengths), 0
        for number, (weight, length) in enumerate(zip(weights, self.lengths, strict=True)):
            document = self.ids[start : start + length]
            start += length
            yield from [(number, document)] * int(weight)
            if rest := _part(weight, length):
                begins = int(random_streams.generator(seed, "part", epoch, number).integers(length))
                yield number, np.roll(document, -begins)[:rest]

    def _documents(self) -> "zip[tuple[float, int]]":
        return zip(self.weights, self.lengths, strict=True)


def _part(weight: float, length: int) -> int:
    """Return how many symbols of a document are read beside its whole readings."""
    return round(math.modf(weight)[0] * length)
