"""The training step, compiled by TensorFlow, and the optimizers for it."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from trainer.engine import batch_parts, dropout
from trainer.engine.dropout import Masks
from trainer.engine.fast_adamw import FastAdamW
from trainer.engine.network import Drop, Network

Arrays = dict[str, np.ndarray]


class Learner:
    """The weights, their running average, the optimizer and the carried state. It saves them to a checkpoint.

    Args:
        network: the network whose weights are trained.
        average: a second network. Its weights are the running average of the weights of the first
            (Polyak & Juditsky 1992). It is the one that is evaluated, writes samples and is saved as the model.
        optimizer: an optimizer that is not built yet.
        new_share: returns, for a step, the share of the average that the new weights replace.
    """

    def __init__(
        self, network: Network, average: Network, optimizer: FastAdamW, new_share: Callable[[int], float]
    ) -> None:
        self.network, self.average = network, average
        self.recipe = network.recipe
        self._weights = list(network.variables.values())
        self._optimizer, self._new_share = optimizer, new_share
        self._optimizer.build(self._weights)
        self._states = network.zero_states(self.recipe.batch)
        self._zero_states = self._states
        self._compiled: Any = None  # the step, found once: to look it up by its arguments takes half a millisecond
        for mean, weight in zip(average.variables.values(), self._weights, strict=True):
            mean.assign(weight.value)

    def learn(self, step: int, inputs: np.ndarray, targets: np.ndarray, starts: bool, rate: float) -> float:
        """Take one training step. Return the loss before it, in nats per symbol.

        Args:
            step: counted from 0; the dropout of a step depends only on the step and the seed.
            inputs, targets: (batch, sequence); with windows, the targets are (batch,).
            starts: whether the streams begin here, so that the state is zero.
            rate: the learning rate.
        """
        if starts:
            self._states = self._zero_states
        self._optimizer.learning_rate.assign(rate)
        new_share = tf.constant(self._new_share(step), tf.float32)
        arrays = tf.constant(inputs), tf.constant(targets), self._states, tf.constant(step, tf.int64), new_share
        if self._compiled is None:
            self._compiled = self._step.get_concrete_function(*arrays)
        loss, self._states = self._compiled(*arrays)
        return float(loss)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def _step(self, inputs: Any, targets: Any, states: Any, step: Any, new_share: Any) -> tuple[Any, Any]:
        parts = batch_parts.count(inputs.shape[0])
        masks = Masks(self.recipe, step)
        dropped = masks.dropped_weights(self.network)

        def read(inputs: Any, targets: Any, states: Any, part: Any) -> tuple[Any, list[Any], Any]:
            return self._gradients(inputs, targets, states, partial(masks.drop, part=part[0]), dropped)

        found = batch_parts.each(parts, read, inputs, targets, states, masks.parts(parts))
        losses, gradients, states = zip(*found, strict=True)
        averages = list(self.average.variables.values())
        of_weights = [list(each) for each in zip(*gradients, strict=True)]
        self._optimizer.change(self._weights, averages, of_weights, new_share)
        return tf.add_n(losses) / parts, batch_parts.together(states)

    def _gradients(
        self, inputs: Any, targets: Any, states: Any, drop: Drop, dropped: list[Any]
    ) -> tuple[Any, list[Any], Any]:
        """Read a part of a batch. Return its loss, the gradients of all weights, and the states after it."""
        with tf.GradientTape() as tape:
            with dropout.with_weights_dropped(dropped):
                members, states = self.network.apart(inputs, states, drop)
            each = [tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits) for logits in members]
            loss = tf.add_n([tf.reduce_mean(losses) for losses in each])
        gradients = tape.gradient(loss, [weight.value for weight in self._weights])
        loss /= len(members)  # the gradients are those of the sum: members learn as fast as they would alone
        return loss, [tf.convert_to_tensor(gradient) for gradient in gradients], states

    def begin_with(self, weights: Arrays) -> None:
        """Start from these weights, by name: the moments of the optimizer and the carried state become zero."""
        for variable in self._optimizer.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))
        self._states = self._zero_states
        for network in (self.network, self.average):
            for name, variable in network.variables.items():
                variable.assign(weights[name])

    def arrays(self) -> Arrays:
        """Return all arrays that an exact resume needs, by name."""
        return {name: np.asarray(value).copy() for name, value in self._named()}

    def restore(self, arrays: Arrays) -> None:
        """Restore the arrays that `arrays` returned."""
        for name, variable in self._variables():
            variable.assign(arrays[name])
        self._states = tuple(
            tuple(tf.constant(arrays[f"states/{layer}/{part}"]) for part in range(len(state)))
            for layer, state in enumerate(self._states)
        )

    def _named(self) -> Iterator[tuple[str, Any]]:
        for name, variable in self._variables():
            yield name, variable.value
        for layer, state in enumerate(self._states):
            for part, value in enumerate(state):
                yield f"states/{layer}/{part}", value

    def _variables(self) -> Iterator[tuple[str, Any]]:
        for name, variable in self.network.variables.items():
            yield f"weights/{name}", variable
        for name, variable in self.average.variables.items():
            yield f"average/{name}", variable
        for index, variable in enumerate(self._optimizer.variables):
            yield f"optimizer/{index}", variable


def weights_of(network: Network) -> Arrays:
    """Return a copy of a network's weights, by name."""
    return {name: np.asarray(weight).copy() for name, weight in network.variables.items()}


def with_scaled_logits(weights: Arrays, scale: float) -> Arrays:
    """Return weights of a network, by name, whose logits are multiplied with a number."""
    return {
        name: weight * np.float32(scale) if name.partition("outputs/")[1] else weight
        for name, weight in weights.items()
    }


def adam() -> FastAdamW:
    """Return Adam (Kingma & Ba 2015) with Keras's default settings."""
    return FastAdamW(weight_decay=0.0)


def clipped_adamw(weight_decay: float = 0.01, networks: int = 1) -> FastAdamW:
    """Return AdamW (Loshchilov & Hutter 2019) with gradients that are clipped by their global norm.

    The norm is that of all `networks` that learn side by side, so it may be larger if there are more.
    """
    clip = 0.5 * math.sqrt(networks)
    return FastAdamW(beta_1=0.9, beta_2=0.99, weight_decay=weight_decay, global_clipnorm=clip)
