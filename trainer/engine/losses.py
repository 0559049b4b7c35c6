"""Losses of a text under a network, compiled by TensorFlow. XLA compiles the loop that reads symbol by symbol."""

import math
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from trainer.engine import batch_parts
from trainer.engine.network import Network
from trainer.text.vocabulary import SPELLING_NATS

Array = Any

ROWS = 32  # rows that `side_by_side` reads
STEP_ROWS = 2  # rows that `one_by_one` reads
WINDOW_ROWS = 256
CHUNK = 256  # symbols per row that one call of `one_by_one` reads
_LOGITS_AT_ONCE = 4_000_000


class LossReader:
    """Reads text with a network and returns the loss of every symbol in nats. `vocabulary` defines the escape's."""

    def __init__(self, network: Network, escape_floor: float) -> None:
        self.network = network
        self.escape = network.symbols - 1
        self.floor = escape_floor

    @property
    def time(self) -> int:
        """The symbols per row that one call of `side_by_side` reads.

        They are as many as in a training step: with the same number of rows, the compiled loop is then used again. They
        are fewer if the logits would take too much memory.
        """
        return max(16, min(self.network.recipe.sequence, 64, _LOGITS_AT_ONCE // (ROWS * self.network.symbols)))

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def side_by_side(self, previous: Array, targets: Array, states: Any) -> tuple[Array, Any]:
        """Read ROWS rows: previous and targets (ROWS, `time`) → losses (ROWS, `time`), and the states after that."""

        def read(previous: Array, targets: Array, states: Any) -> tuple[Array, Any]:
            logits, states = self.network(previous, states)
            return self._losses(logits, targets), states

        return _in_parts(ROWS, read, previous, targets, states)  # type: ignore[no-any-return]

    @tf.function(autograph=False, jit_compile=True)  # type: ignore[untyped-decorator]
    def one_by_one(self, previous: Array, targets: Array, states: Any) -> tuple[Array, Any]:
        """Read STEP_ROWS rows symbol by symbol: (CHUNK, STEP_ROWS) → losses of the same shape, and the states after.

        The logits of all steps are one product. With a vocabulary of thousands of words, reading the output weights
        from memory at every step would take too long.
        """
        values = self.network.inputs(previous)  # (CHUNK, STEP_ROWS, embedding)
        hidden = tf.TensorArray(tf.float32, CHUNK, element_shape=(STEP_ROWS, self.network.width))

        def body(t: Array, states: Any, hidden: Any) -> tuple[Array, Any, Any]:
            value, states = self.network.step_recurrent(values[t], states)
            return t + 1, states, hidden.write(t, value)

        _, states, hidden = tf.while_loop(lambda t, *_: t < CHUNK, body, (tf.constant(0), states, hidden))
        return self._losses(self.network.outputs(hidden.stack()), targets), states

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
