"""The voices of documents in a network: a row for each, which is added to the embedding of every symbol it stands with.

A row changes what the first recurrent layer reads, at every symbol in the same way. It is a control code (Keskar et al.
2019, arXiv:1909.05858) that is added instead of read once, so a network can't forget it, and rows can be mixed. The
mean of all rows stands for no voice.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from trainer.text import voices

Array = Any  # a tensor; Keras ships no types
Arrays = dict[str, np.ndarray]
_ROWS = "voices"


class VoicedEmbedding:
    """An input layer that adds the row of a symbol's voice to its embedding. The rows are zero at first.

    Rows are multiplied by shares and not looked up, because a product's gradient is a dense array.

    Args:
        embedding: the built layer for the symbols.
        count: the number of voices.
    """

    def __init__(self, embedding: Any, count: int) -> None:
        self._embedding = embedding
        self._rows = keras.Variable(np.zeros((count, embedding.output_dim), np.float32), name=_ROWS)
        self._shares = np.concatenate([np.full((1, count), 1 / count), np.eye(count)]).astype(np.float32)
        self.weights = (*embedding.weights, self._rows)

    def __call__(self, numbers: Array) -> Array:
        """Return values (…, embedding) of symbols with voices (…,)."""
        symbols, of_voices = voices.parted(numbers)
        shares = ops.take(self._shares, of_voices, 0)  # (…, voices)
        return self._embedding(symbols) + ops.tensordot(shares, self._rows, 1)

    def added(self, shares: np.ndarray) -> np.ndarray:
        """Return what a mixture of voices adds to the values of a symbol without one: (voices,) → (embedding,)."""
        mixed: np.ndarray = (shares.astype(np.float32) - self._shares[voices.MEAN]) @ np.asarray(self._rows)
        return mixed


def fitted(weights: Arrays, before: Sequence[str], names: Sequence[str]) -> Arrays:
    """Return the weights of a network for other voices. A voice that it knows keeps its row, a new one gets the mean.

    Args:
        weights: the weights by name, also of networks without voices.
        before, names: the voices that the network knows, and those that it shall know.
    """
    return {
        name: _fitted(array, before, names) if name.endswith(f"inputs/{_ROWS}") else array
        for name, array in weights.items()
    }


def _fitted(rows: np.ndarray, before: Sequence[str], names: Sequence[str]) -> np.ndarray:
    mean = rows.mean(0)
    return np.stack([rows[before.index(name)] if name in before else mean for name in names])
