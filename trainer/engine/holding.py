"""Recurrent layers for writing, some of whose units are held at a value."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from trainer.contract.held_units import HeldUnit
from trainer.engine.network import Array, Network


class HeldLayer:
    """A recurrent layer that only runs step by step. After each step, held units of the hidden state get their values.

    The values are variables, so that a program that was compiled with the layer can hold other units.
    """

    def __init__(self, layer: Any, units: int) -> None:
        self.state_size, self.weights, self.get_weights = layer.state_size, layer.weights, layer.get_weights
        self._cell = layer.cell
        self._free, self._values = tf.Variable(tf.ones(units)), tf.Variable(tf.zeros(units))

    def hold(self, held: Sequence[HeldUnit]) -> None:
        """Hold these units of the layer, and no others."""
        free, values = np.ones(self._free.shape, np.float32), np.zeros(self._values.shape, np.float32)
        for each in held:
            free[each.unit], values[each.unit] = 0, each.value
        self._free.assign(free)
        self._values.assign(values)

    def cell(self, values: Array, states: list[Array]) -> tuple[Array, list[Array]]:
        """Run one step: (batch, inputs) and the states before → outputs (batch, units), and the states after."""
        hidden, (_, *others) = self._cell(values, states)
        hidden = hidden * ops.cast(self._free, hidden.dtype) + ops.cast(self._values, hidden.dtype)
        return hidden, [hidden, *others]


class Holding:
    """A network whose units can be held: of several networks, those of the first one."""

    def __init__(self, network: Network) -> None:
        self._layers = [HeldLayer(layer, network.recipe.units) for layer in network.members[0].recurrent]
        self.network = network.with_layers(self._layers)

    def hold(self, held: Sequence[HeldUnit]) -> None:
        """Hold these units, and no others, in all that the network reads from now on."""
        for index, layer in enumerate(self._layers):
            layer.hold([each for each in held if each.layer == index])
