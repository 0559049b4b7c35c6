"""The writer of the mixture "LSTM and counting": see `trainer.evaluation.mixture`.

TensorFlow's executor runs the loop, since the n-grams are looked up in Python after every symbol. XLA compiles the
network's own step, so a row is the same in every batch here too.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from trainer.contract.held_units import HeldUnit
from trainer.engine.holding import Holding
from trainer.engine.network import Network
from trainer.engine.writing import State, Writer
from trainer.evaluation.counts import Counts
from trainer.evaluation.mixture import Mixture

Array = Any


class CountingWriter(Writer):
    """As `Writer`, but what the network expects is mixed with what the n-grams of its text do.

    Args:
        network, lengths: as for `Writer`.
        mixture: how much of both.
    """

    def __init__(self, network: Network, lengths: np.ndarray, mixture: Mixture) -> None:
        super().__init__(network, lengths)
        self._mixture = mixture
        self._counts: Counts | None = None
        self._share = 0.0

    def count(self, counts: Counts, share: float) -> None:
        """Write with these n-grams (see `mixture.counts_of`) and this share of the mixture from now on."""
        self._counts, self._share = counts, share

    def holding(self, held: Sequence[HeldUnit]) -> Writer:
        holding = Holding(self.network)
        holding.hold(held)
        other = CountingWriter(holding.network, self._lengths, self._mixture)
        other._counts, other._share = self._counts, self._share
        return other

    def _begin(self, symbol: int, rows: int, voice: np.ndarray | None) -> State:
        """The state ends with the last symbols that each row has read, plus one each; 0 where there was none."""
        before = tf.zeros((rows, self._mixture.order), tf.int32)
        return (*super()._begin(symbol, rows, voice), before)

    def _look(self, state: State) -> tuple[Array, State]:
        *own, before = state
        before = tf.concat([before[:, 1:], own[0][:, None] + 1], 1)
        logits, pending = self._step(tuple(own))
        mixed = tf.numpy_function(self._mixed, [logits, before], tf.float32, stateful=False)
        mixed.set_shape(logits.shape)
        return mixed, (*pending, before)

    @tf.function(jit_compile=True, autograph=False)  # type: ignore[untyped-decorator]
    def _step(self, state: State) -> tuple[Array, State]:
        return super()._look(state)

    def _mixed(self, logits: np.ndarray, before: np.ndarray) -> np.ndarray:
        assert self._counts is not None
        counted = np.stack([self._counts.expected(row)[1:] for row in before.tolist()])
        return self._mixture.mixed(logits, counted, self._share).astype(np.float32)

    # The same loop as in `Writer`, without XLA, which can't call Python.
    _compiled = tf.function(Writer._compiled.python_function, autograph=False)
