"""An AdamW optimizer that changes all weights, and their running average, in one pass on a CPU.

It has the variables and the results of `keras.optimizers.AdamW`, and without weight decay those of Adam. Keras takes a
pass over all weights for each of some twenty operations. Without the native library, and on a GPU, Keras's own
operations are used.
"""

from functools import partial
from typing import Any

import keras
import tensorflow as tf

from trainer.engine import setup
from trainer.engine.native import adamw
from trainer.engine.native.adamw import AdamW

Tensor = Any  # a tf.Tensor; TensorFlow ships no types
_GROUPS = 2  # of weights, which are changed at the same time


class FastAdamW(keras.optimizers.AdamW):  # type: ignore[misc]  # Keras ships no types
    """`keras.optimizers.AdamW`, whose gradients may be clipped by their global norm."""

    def change(self, weights: list[Any], averages: list[Any], gradients: list[list[Tensor]], new_share: Tensor) -> None:
        """Take one step, and update the running average of the weights.

        Args:
            weights, averages: variables, in the same order.
            gradients: for each weight those of all parts of the batch; their mean counts.
            new_share: the share of the averages that the new weights replace.
        """
        native = None if setup.has_gpu() else adamw.chosen()
        if native is None:
            change(self, weights, averages, gradients, new_share)
            return
        state = zip(weights, self._momentums, self._velocities, averages, gradients, strict=True)
        groups = _in_groups(list(state))
        parts = len(gradients[0])
        numbers = self._numbers(self._clipped(native, parts, groups) / parts, new_share)
        self.iterations.assign_add(1)
        for group in groups:
            _step(native, parts, numbers, group)

    def _clipped(self, native: AdamW, parts: int, groups: list[list[Any]]) -> Tensor:
        """Return what the mean gradient is multiplied with, so that its norm is not too large. NaN if its norm is."""
        if self.global_clipnorm is None:
            return tf.constant(1.0)
        squares = [_squares(native, parts, [each[-1] for each in group]) for group in groups]
        norm = tf.sqrt(tf.add_n(squares)) / parts
        return self.global_clipnorm * tf.minimum(1 / norm, 1 / self.global_clipnorm) + (norm - norm)

    def _numbers(self, scale: Tensor, new_share: Tensor) -> Tensor:
        """Return the fields of `Step` in adamw.c. They are Keras's (`Adam.update_step`)."""
        step, rate = tf.cast(self.iterations + 1, tf.float32), tf.convert_to_tensor(self.learning_rate)
        corrected = rate * tf.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        shares = 1 - self.beta_1, 1 - self.beta_2, self.epsilon, new_share
        return tf.stack([scale, 1 - self.weight_decay * rate, corrected, *shares])


def change(
    optimizer: Any, weights: list[Any], averages: list[Any], gradients: list[list[Tensor]], new_share: Tensor
) -> None:
    """Take one step with any optimizer of Keras. Arguments as in `FastAdamW.change`."""
    optimizer.apply([tf.add_n(parts) / len(parts) for parts in gradients], weights)
    for mean, weight in zip(averages, weights, strict=True):
        mean.assign(mean + new_share * (weight - mean))


def _in_groups(items: list[Any]) -> list[list[Any]]:
    """Divide weights (with what belongs to them) into groups of about the same size."""
    groups: list[list[Any]] = [[] for _ in range(_GROUPS)]
    sizes = [0] * _GROUPS
    for item in sorted(items, key=lambda item: -item[0].shape.num_elements()):
        smallest = sizes.index(min(sizes))
        groups[smallest].append(item)
        sizes[smallest] += item[0].shape.num_elements()
    return [group for group in groups if group]


def _squares(native: AdamW, parts: int, gradients: list[list[Tensor]]) -> Tensor:
    flat = [gradient for each in gradients for gradient in each]
    return tf.ensure_shape(tf.numpy_function(partial(native.squares, parts), flat, tf.float32, stateful=False), ())


def _step(native: AdamW, parts: int, numbers: Tensor, group: list[Any]) -> None:
    arrays = [array for *variables, gradients in group for array in (*gradients, *(v.value for v in variables))]
    variables = [variable for *known, _ in group for variable in known]
    kinds = [tf.float32] * len(variables)
    after = tf.numpy_function(partial(native.step, parts), [numbers, *arrays], kinds, stateful=False)
    for variable, value in zip(variables, after, strict=True):
        variable.assign(tf.ensure_shape(value, variable.shape))
