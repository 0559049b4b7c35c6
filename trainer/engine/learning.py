"""A step of learning, compiled by TensorFlow, and the optimizers that it may take."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from trainer.engine import batch_parts
from trainer.engine.network import Network

Arrays = dict[str, np.ndarray]

_PARTS, _PLACES = 1024, 64  # at most, of a step and of a part: every place of dropout has another random seed


class Learner:
    """The weights, their running average, the optimizer and the carried state, with what a checkpoint holds of them.

    Args:
        network: the weights that learn.
        average: a second network whose weights are the running average of the first's
            (Polyak & Juditsky 1992). It is what is evaluated, sampled and kept.
        optimizer: of Keras, not built yet.
        new_share: the share of the average that the weights replace after a step.
    """

    def __init__(self, network: Network, average: Network, optimizer: Any, new_share: Callable[[int], float]) -> None:
        self.network, self.average = network, average
        self.recipe = network.recipe
        self._weights = list(network.variables.values())
        self._optimizer, self._new_share = optimizer, new_share
        self._optimizer.build(self._weights)
        self._states = network.zero_states(self.recipe.batch)
        self._zero_states = self._states
        for mean, weight in zip(average.variables.values(), self._weights, strict=True):
            mean.assign(weight.value)

    def learn(self, step: int, inputs: np.ndarray, targets: np.ndarray, starts: bool, rate: float) -> float:
        """Take one step and return its loss before it, nats per symbol.

        Args:
            step: counted from 0; the dropout of a step depends on it and on the seed alone.
            inputs, targets: (batch, sequence); of windows, the targets are (batch,).
            starts: the streams begin anew, so the state is zero.
            rate: learning rate.
        """
        if starts:
            self._states = self._zero_states
        self._optimizer.learning_rate.assign(rate)
        new_share = tf.constant(self._new_share(step), tf.float32)
        loss, self._states = self._step(
            tf.constant(inputs), tf.constant(targets), self._states, tf.constant(step, tf.int64), new_share
        )
        return float(loss)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def _step(self, inputs: Any, targets: Any, states: Any, step: Any, new_share: Any) -> tuple[Any, Any]:
        parts = batch_parts.count(inputs.shape[0])
        draws = (step * _PARTS + tf.range(parts, dtype=tf.int64)) * _PLACES
        found = batch_parts.each(parts, self._gradients, inputs, targets, states, draws)
        losses, gradients, states = zip(*found, strict=True)
        self._optimizer.apply([tf.add_n(each) / parts for each in zip(*gradients, strict=True)], self._weights)
        for mean, weight in zip(self.average.variables.values(), self._weights, strict=True):
            mean.assign(mean + new_share * (weight - mean))
        return tf.add_n(losses) / parts, batch_parts.together(states)

    def _gradients(self, inputs: Any, targets: Any, states: Any, draw: Any) -> tuple[Any, list[Any], Any]:
        """Read a part of a batch: its loss, the gradients of all weights, and the states after it."""
        with tf.GradientTape() as tape:
            logits, states = self._read(inputs, states, draw[0])
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits))
        gradients = tape.gradient(loss, [weight.value for weight in self._weights])
        return loss, [tf.convert_to_tensor(gradient) for gradient in gradients], states

    def _read(self, inputs: Any, states: Any, draw: Any) -> tuple[Any, Any]:
        def drop(values: Any, place: int) -> Any:
            return _dropped(values, self.recipe.dropout, tf.stack([self.recipe.seed, draw + place]))

        return self.network(inputs, states, drop)

    def begin_with(self, weights: Arrays) -> None:
        """Take weights by name, and begin with them: the optimizer's moments and the state are zero."""
        for variable in self._optimizer.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))
        self._states = self._zero_states
        for network in (self.network, self.average):
            for name, variable in network.variables.items():
                variable.assign(weights[name])

    def arrays(self) -> Arrays:
        """Return everything that going on needs, by name."""
        return {name: np.asarray(value).copy() for name, value in self._named()}

    def restore(self, arrays: Arrays) -> None:
        """Put back what `arrays` returned."""
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


def adam() -> Any:
    """Return Keras's Adam (Kingma & Ba 2015) as it is."""
    return keras.optimizers.Adam()


def clipped_adamw() -> Any:
    """Return AdamW (Loshchilov & Hutter 2019) whose gradients are clipped by the norm of all of them."""
    return keras.optimizers.AdamW(beta_1=0.9, beta_2=0.99, weight_decay=0.01, global_clipnorm=0.5)


def _dropped(values: Any, share: float, seed: Any) -> Any:
    """Dropout (Srivastava et al. 2014) whose choice depends on the seed alone.

    A byte decides, so the share is rounded to 256ths: a float for each value took 4 % of a training.
    """
    kept = round((1 - share) * 256)
    if kept == 256:
        return values
    size = values.shape.num_elements()
    words = tf.random.stateless_uniform([-(-size // 4)], seed, None, None, tf.uint32)
    drawn = tf.reshape(tf.reshape(tf.bitcast(words, tf.uint8), [-1])[:size], values.shape)
    return tf.where(drawn < kept, values * (256 / kept), 0.0)
