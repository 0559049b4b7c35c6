"""A writer that mixes, symbol by symbol, the network's probabilities with those of another model.

TensorFlow's executor runs the loop, since the mixing is done in Python after every symbol. XLA compiles the step of the
network, so a row is the same in every batch here too.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from trainer.contract.held_units import HeldUnit
from trainer.engine.holding import Holding
from trainer.engine.network import Network
from trainer.engine.writing import State, Writer

Array = Any
#: Returns the logits (rows, symbols) of a mixture, from those of the network and the last symbols of each row,
#: (rows, reach): plus one each, so that 0 stands where there was none.
Mix = Callable[[np.ndarray, np.ndarray], np.ndarray]


class MixedWriter(Writer):
    """As `Writer`, but symbols are chosen from a mixture. Set `mix` before it writes.

    Args:
        network, lengths: as for `Writer`.
        reach: how many of the last symbols the mixture wants to know.
    """

    mix: Mix

    def __init__(self, network: Network, lengths: np.ndarray, reach: int) -> None:
        super().__init__(network, lengths)
        self._reach = reach

    def holding(self, held: Sequence[HeldUnit]) -> Writer:
        holding = Holding(self.network)
        holding.hold(held)
        other = MixedWriter(holding.network, self._lengths, self._reach)
        other.mix = self.mix
        return other

    def _begin(self, symbol: int, rows: int, voice: np.ndarray | None) -> State:
        """The state ends with the last symbols of each row, plus one each."""
        return (*super()._begin(symbol, rows, voice), tf.zeros((rows, self._reach), tf.int32))

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
        return self.mix(logits, before).astype(np.float32)

    # The same loop as in `Writer`, without XLA, which can't call Python.
    _compiled = tf.function(Writer._compiled.python_function, autograph=False)
