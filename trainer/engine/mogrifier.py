"""A Mogrifier LSTM (Melis, Kočiský & Blunsom 2020, arXiv:1909.01792).

Before each step of the LSTM, its input x and its last output h scale each other in some rounds: in the first one,
x becomes 2·sigmoid(h·M₁)·x, in the second one h becomes 2·sigmoid(x·M₂)·h, in the third one x again, and so on. So what
a symbol means to the network depends on what came before it.
"""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from trainer.engine import fast_lstm
from trainer.engine.native import library

Tensor = Any  # a tf.Tensor; TensorFlow ships no types


class MogrifierCell(keras.layers.LSTMCell):  # type: ignore[misc]  # Keras ships no types
    """`keras.layers.LSTMCell` with the rounds of a Mogrifier before it.

    Beside the weights of the LSTM it has `mogrifier_1`, `mogrifier_2` and so on, one for each round: (units, inputs)
    where x is scaled, and (inputs, units) where h is.

    Args:
        units: as in Keras.
        initial: the initializers of the weights of each round.
    """

    def __init__(self, units: int, initial: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self._initial = list(initial)
        self.rounds: list[Any] = []

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        shapes = (self.units, input_shape[-1]), (input_shape[-1], self.units)
        self.rounds = [
            self.add_weight(shape=shapes[index % 2], name=f"mogrifier_{index + 1}", initializer=initializer)
            for index, initializer in enumerate(self._initial)
        ]

    def call(self, inputs: Tensor, states: Any, training: bool = False) -> tuple[Tensor, list[Tensor]]:
        """Run one step: (batch, inputs) and the states [h, c] → outputs (batch, units), and the states after it."""
        x, h = mogrified(inputs, states[0], self.rounds)
        return super().call(x, [h, states[1]], training)  # type: ignore[no-any-return]


class MogrifierLSTM(keras.layers.RNN):  # type: ignore[misc]
    """An LSTM with a Mogrifier, which trains fast on a CPU.

    On a GPU, or with a mask, Keras runs the cell step by step.

    Args:
        units, initial: as of `MogrifierCell`.
        half_products: compute products in bfloat16, with float32 results, where the loop is native.
    """

    def __init__(
        self,
        units: int,
        initial: Sequence[Any],
        *,
        kernel_initializer: Any,
        recurrent_initializer: Any,
        half_products: bool = True,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        of_lstm = {"kernel_initializer": kernel_initializer, "recurrent_initializer": recurrent_initializer}
        super().__init__(MogrifierCell(units, initial, dtype=dtype, **of_lstm), dtype=dtype, **kwargs)
        self.half_products = half_products

    def inner_loop(
        self, sequences: Tensor, initial_state: list[Tensor], mask: Tensor | None, training: bool = False
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Return the last output (batch, units), all outputs (batch, time, units) and the states [h, c]."""
        is_plain = mask is None and sequences.shape.is_fully_defined() and sequences.dtype == tf.float32
        if not is_plain or tf.config.list_physical_devices("GPU"):
            return super().inner_loop(sequences, initial_state, mask, training)  # type: ignore[no-any-return]
        cell = self.cell
        weights = [tf.convert_to_tensor(each) for each in (cell.kernel, cell.recurrent_kernel, cell.bias, *cell.rounds)]
        native, _ = library.chosen(self.half_products)
        if native:
            outputs, h, c = fast_lstm.native_lstm(native, sequences, *weights[:3], *initial_state, *weights[3:])
        else:
            outputs, h, c = compiled_lstm(sequences, *initial_state, *weights)
        return h, outputs, [h, c]


def mogrified(x: Tensor, h: Tensor, rounds: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Return x (batch, inputs) and h (batch, units) after all rounds, of which there is an even number."""
    for weights in rounds:
        x, h = h, 2 * tf.sigmoid(h @ weights) * x  # the two take turns
    return x, h


@tf.custom_gradient  # type: ignore[untyped-decorator]
def compiled_lstm(*arrays: Tensor) -> tuple[tuple[Tensor, ...], Any]:
    """Run the layer over all steps, compiled by XLA, in float32.

    Args:
        arrays: x (batch, time, inputs), the states h and c, the weights of the LSTM, and those of each round.

    Returns:
        Outputs (batch, time, units), and the states after the last step. For the gradient, all is computed once more:
        XLA's loops can't hand over what they have kept.
    """

    def gradient(*upstream: Tensor) -> Any:
        return _gradients(arrays, upstream)

    return _compiled(*arrays), gradient


@tf.function(autograph=False, jit_compile=True)  # type: ignore[untyped-decorator]
def _compiled(*arrays: Tensor) -> tuple[Tensor, ...]:
    return _loop(*arrays)


@tf.function(autograph=False, jit_compile=True)  # type: ignore[untyped-decorator]
def _gradients(arrays: tuple[Tensor, ...], upstream: tuple[Tensor, ...]) -> Any:
    with tf.GradientTape() as tape:
        tape.watch(arrays)
        found = _loop(*arrays)
    return tape.gradient(found, arrays, upstream)


def _loop(
    x: Tensor, h: Tensor, c: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, *rounds: Tensor
) -> tuple[Tensor, ...]:
    steps = tf.transpose(x, [1, 0, 2])
    time, (batch, units) = steps.shape[0], h.shape
    outputs = tf.TensorArray(tf.float32, time, element_shape=(batch, units))

    def step(t: Tensor, h: Tensor, c: Tensor, outputs: Any) -> tuple[Any, ...]:
        x, scaled = mogrified(steps[t], h, rounds)
        i, f, g, o = tf.split(x @ kernel + scaled @ recurrent + bias, 4, 1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
        return t + 1, h, c, outputs.write(t, h)

    start = tf.constant(0), h, c, outputs
    _, h, c, outputs = tf.while_loop(lambda t, *_: t < time, step, start, maximum_iterations=time)
    return tf.transpose(outputs.stack(), [1, 0, 2]), h, c
