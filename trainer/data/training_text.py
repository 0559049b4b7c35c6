"""The training text: the training parts of all documents as numbers, and how often each is read in an epoch."""

import math
from dataclasses import dataclass

import numpy as np

from trainer.data import random_streams


@dataclass(frozen=True)
class TrainingText:
    """The joined documents, ids (symbols,), and the symbols and the weight of each.

    A document of weight 2 is read twice in an epoch, one of weight 0.5 by half: another half in every epoch, beginning
    at a random place. Without weights, every document is read once.
    """

    ids: np.ndarray
    lengths: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()

    def __len__(self) -> int:
        """Return the number of symbols that are read in an epoch."""
        if not self.weights:
            return len(self.ids)
        return sum(int(weight) * length + _part(weight, length) for weight, length in self._documents())

    def in_epoch(self, seed: int, epoch: int) -> np.ndarray:
        """Return what is read in an epoch, (symbols,). It depends only on the seed and the epoch."""
        if not self.weights:
            return self.ids
        pieces, start = [], 0
        for number, (weight, length) in enumerate(self._documents()):
            document = self.ids[start : start + length]
            start += length
            begins = int(random_streams.generator(seed, "part", epoch, number).integers(length))
            part = np.roll(document, -begins)[: _part(weight, length)]
            pieces += [document] * int(weight) + [part]
        return np.concatenate(pieces)

    def _documents(self) -> "zip[tuple[float, int]]":
        return zip(self.weights, self.lengths, strict=True)


def _part(weight: float, length: int) -> int:
    """Return how many symbols of a document are read beside its whole readings."""
    return round(math.modf(weight)[0] * length)
