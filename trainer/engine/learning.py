"""One step of learning, compiled by TensorFlow. A JAX step could stand beside it with the same methods."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from trainer.engine import batch_parts
from trainer.engine.network import Network, TutorialNetwork, as_numpy

Arrays = dict[str, np.ndarray]

_PARTS, _PLACES = 1024, 64  # of a step, and of a part: each place of dropout has a draw of its own
_AVERAGED_STEPS = 100  # the averaged weights look back over a tenth of the steps so far, at most over these


class Learner:
    """Weights, their running average, the optimizer and the carried state; what a checkpoint holds of them.

    Args:
        network: the weights that learn.
        average: a second network whose weights are the running average of the first's
            (Polyak & Juditsky 1992). It is what is evaluated, sampled and kept.
    """

    def __init__(self, network: Network, average: Network) -> None:
        self.network, self.average = network, average
        self.recipe = network.recipe
        self._weights = list(network.variables.values())
        self._optimizer = _optimizer(self.recipe.procedure)
        self._optimizer.build(self._weights)
        self._states = network.zero_states(self.recipe.batch)
        self._zero_states = self._states
        for mean, weight in zip(average.variables.values(), self._weights, strict=True):
            mean.assign(weight.value)

    def learn(self, step: int, inputs: np.ndarray, targets: np.ndarray, starts: bool, rate: float) -> float:
        """Take one step and return its loss before it, nats per symbol.

        Args:
            step: counted from 0; the dropout of a step depends on it and on the seed alone.
            inputs, targets: (batch, sequence); the tutorial's targets (batch,).
            starts: the streams begin anew, so the state is zero.
            rate: learning rate.
        """
        if starts:
            self._states = self._zero_states
        self._optimizer.learning_rate.assign(rate)
        loss, self._states = self._step(
            tf.constant(inputs), tf.constant(targets), self._states, tf.constant(step, tf.int64), self._forgetting(step)
        )
        return float(loss)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def _step(self, inputs: Any, targets: Any, states: Any, step: Any, forgetting: Any) -> tuple[Any, Any]:
        parts = batch_parts.count(inputs.shape[0])
        draws = (step * _PARTS + tf.range(parts, dtype=tf.int64)) * _PLACES
        found = batch_parts.each(parts, self._gradients, inputs, targets, states, draws)
        losses, gradients, states = zip(*found, strict=True)
        self._optimizer.apply([tf.add_n(each) / parts for each in zip(*gradients, strict=True)], self._weights)
        for mean, weight in zip(self.average.variables.values(), self._weights, strict=True):
            mean.assign(mean + forgetting * (weight - mean))
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

        if isinstance(self.network, TutorialNetwork):
            return self.network.read_window(inputs, drop), states
        return self.network(inputs, states, drop)

    def _forgetting(self, step: int) -> Any:
        """Return the share of the average that a step's weights replace. The tutorial averages nothing."""
        share = 1.0 if self.recipe.procedure == "tutorial" else 1 / min(1 + step / 10, _AVERAGED_STEPS)
        return tf.constant(share, tf.float32)

    def begin_with(self, weights: Arrays) -> None:
        """Take weights that were learned before, by name, and nothing else: no moments, and a zero state."""
        for variable in self._optimizer.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))
        self._states = self._zero_states
        for network in (self.network, self.average):
            for name, variable in network.variables.items():
                variable.assign(weights[name])

    def arrays(self) -> Arrays:
        """Return everything that going on needs, by name."""
        return {name: as_numpy(value) for name, value in self._named()}

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
    return {name: as_numpy(weight) for name, weight in network.variables.items()}


def _optimizer(procedure: str) -> Any:
    if procedure == "tutorial":
        return keras.optimizers.Adam()
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
