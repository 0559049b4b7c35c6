"""Losses of a text under a network, compiled by TensorFlow. XLA compiles the loop that reads symbol by symbol."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from trainer.engine import batch_parts
from trainer.engine.network import Network
from trainer.text.vocabulary import SPELLING_NATS

Array = Any

ROWS = 32  # rows that `side_by_side` reads
WINDOW_ROWS = 256
_STEP_ROWS = 2  # rows that `_in_turn` reads; they are the same
_CHUNK = 256  # symbols that one call of `_in_turn` reads
_LOGITS_AT_ONCE = 4_000_000


class LossReader:
    """Reads text with a network and returns the loss of every symbol in nats.

    The loss of the escape is that of spelling an unknown character: see `trainer.text.vocabulary`.
    """

    def __init__(self, network: Network, escape_floor: float) -> None:
        self.network = network
        self.escape = network.symbols - 1
        self.floor = escape_floor

    @property
    def time(self) -> int:
        """The symbols per row that one call of `side_by_side` reads: fewer if the logits would take too much memory."""
        return max(16, min(64, _LOGITS_AT_ONCE // (ROWS * self.network.symbols)))

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def side_by_side(self, previous: Array, targets: Array, states: Any) -> tuple[Array, Any]:
        """Read ROWS rows: previous and targets (ROWS, `time`) → losses (ROWS, `time`), and the states after that."""

        def read(previous: Array, targets: Array, states: Any) -> tuple[Array, Any]:
            logits, states = self.network(previous, states)
            return self._losses(logits, targets), states

        return _in_parts(ROWS, read, previous, targets, states)  # type: ignore[no-any-return]

    def one_by_one(self, previous: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Read a text symbol by symbol from a zero state: previous and targets (symbols,) → losses (symbols,)."""
        pieces = np.split(targets.astype(np.int32), range(_CHUNK, len(targets), _CHUNK))
        each = zip(self.logits(previous), pieces, strict=True)
        return np.concatenate([self._losses(logits, piece).numpy() for logits, piece in each])

    def logits(self, previous: np.ndarray) -> Iterator[Array]:
        """Read a text as `one_by_one` does. Yield the logits (at most 256, symbols) of piece after piece."""
        states = self.network.zero_states(_STEP_ROWS)
        for start in range(0, len(previous), _CHUNK):
            piece = previous[start : start + _CHUNK]
            column = np.zeros((_CHUNK, _STEP_ROWS), np.int32)
            column[: len(piece)] = piece[:, None]
            values, states = self._in_turn(column, states)
            yield self.network.outputs(values[: len(piece), 0])

    @tf.function(autograph=False, jit_compile=True)  # type: ignore[untyped-decorator]
    def _in_turn(self, previous: Array, states: Any) -> tuple[Array, Any]:
        """Read _STEP_ROWS rows: (_CHUNK, _STEP_ROWS) → what the output layer reads, (…, width), and the states after.

        The output layer reads all steps at once. With a vocabulary of thousands of words, reading its weights from
        memory at every step would take too long.
        """
        values = self.network.inputs(previous)  # (_CHUNK, _STEP_ROWS, embedding)
        hidden = tf.TensorArray(tf.float32, _CHUNK, element_shape=(_STEP_ROWS, self.network.width))

        def body(t: Array, states: Any, hidden: Any) -> tuple[Array, Any, Any]:
            value, states = self.network.step_recurrent(values[t], states)
            return t + 1, states, hidden.write(t, value)

        _, states, hidden = tf.while_loop(lambda t, *_: t < _CHUNK, body, (tf.constant(0), states, hidden))
        return hidden.stack(), states

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def windows(self, windows: Array, targets: Array) -> Array:
        """Read windows (WINDOW_ROWS, time), targets (WINDOW_ROWS,) → losses (WINDOW_ROWS,)."""

        def read(windows: Array, targets: Array) -> Array:
            logits, _ = self.network(windows, ())
            return self._losses(logits, targets)

        return _in_parts(WINDOW_ROWS, read, windows, targets)

    def _losses(self, logits: Array, targets: Array) -> Array:
        known = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
        known -= math.log1p(-self.floor)
        escaped = SPELLING_NATS - tf.math.log(tf.exp(-known) + self.floor)
        return tf.where(targets == self.escape, escaped, known)


def _in_parts(rows: int, read: Callable[..., Array], *arrays: Any) -> Any:
    return batch_parts.together(batch_parts.each(batch_parts.count(rows), read, *arrays))
