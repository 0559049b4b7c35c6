"""An LSTM layer that trains fast on a CPU, with the same weights and results as `keras.layers.LSTM`.

Keras's layer multiplies the input and the state in a loop over the steps, and automatic differentiation keeps every
intermediate value. This layer works as cuDNN's does (Appleyard, Kociský & Blunsom 2016, arXiv:1604.01946):

- The product of the inputs and the kernel is one product over all steps, before the loop.
- Only the recurrent product is in the loop.
- The gradient is written out by hand. Its loop computes the gradients of the gates. The gradient of each of the two
  kernels is then one product over all steps.
- XLA compiles the loops, so that nearly all of the time is spent in the products. TensorFlow's executor needs as much
  time for the thirty small operations of a step as for its product.
- Products can be computed in bfloat16 with float32 sums. Gates, states and weights are always float32.

On a GPU, with a mask, with a shape that is not fully known, or with options that this layer does not support, Keras's
own layer is used (cuDNN on a GPU).
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from trainer.engine.native import library
from trainer.engine.native.library import Library

Tensor = Any  # a tf.Tensor; TensorFlow ships no types


class FastLSTM(keras.layers.LSTM):  # type: ignore[misc]  # Keras ships no types
    """`keras.layers.LSTM` with a faster loop on the CPU.

    Args:
        units: as in Keras.
        half_products: compute products in bfloat16, with float32 results.
    """

    def __init__(self, units: int, *, half_products: bool = True, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.half_products = half_products

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "half_products": self.half_products}

    def inner_loop(
        self, sequences: Tensor, initial_state: list[Tensor], mask: Tensor | None, training: bool = False
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Return the last output (batch, units), all outputs (batch, time, units) and the states [h, c]."""
        known = sequences.shape.is_fully_defined()
        if mask is not None or not known or not self._is_plain() or tf.config.list_physical_devices("GPU"):
            return super().inner_loop(sequences, initial_state, mask, training)  # type: ignore[no-any-return]
        h, c = initial_state
        kernel, recurrent, bias = (
            tf.convert_to_tensor(w) for w in (self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias)
        )
        native, _ = library.chosen(self.half_products)
        if native:
            outputs, h, c = native_lstm(native, sequences, kernel, recurrent, bias, h, c)
            return h, outputs, [h, c]
        steps = tf.transpose(sequences, [1, 0, 2])  # (time, batch, inputs)
        outputs, h, c = lstm(steps, kernel, recurrent, bias, h, c, self.half_products)
        return h, tf.transpose(outputs, [1, 0, 2]), [h, c]

    def _is_plain(self) -> bool:
        return (
            self.activation is keras.activations.tanh
            and self.recurrent_activation is keras.activations.sigmoid
            and self.use_bias
            and not (self.dropout or self.recurrent_dropout or self.go_backwards)
        )


def native_lstm(
    native: Library, x: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, h: Tensor, c: Tensor, *rounds: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Run an LSTM with the native library. As `lstm`, but inputs and outputs are (batch, time, …).

    `rounds` are the weights of a Mogrifier, if there is one.
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def run(*arrays: Tensor) -> tuple[tuple[Tensor, Tensor, Tensor], Any]:
        outputs, cells, kept = tf.numpy_function(native.forward, arrays, [tf.float32] * 3, stateful=False)
        outputs.set_shape((*x.shape[:2], *h.shape[1:]))
        cells.set_shape(c.shape)

        def gradient(*upstream: Tensor) -> list[Tensor]:
            known = (*arrays[:5], outputs, kept, *upstream, *rounds)
            found = tf.numpy_function(native.backward, known, [tf.float32] * len(arrays), stateful=False)
            for array, its_gradient in zip(arrays, found, strict=True):
                its_gradient.set_shape(array.shape)
            return list(found)

        return (outputs, outputs[:, -1], cells), gradient

    return run(x, h, c, kernel, recurrent, bias, *rounds)  # type: ignore[no-any-return]


def lstm(
    x: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, h: Tensor, c: Tensor, half: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Run an LSTM (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000) over all steps.

    Args:
        x: inputs, (time, batch, inputs).
        kernel, recurrent, bias: (inputs, 4·units), (units, 4·units), (4·units,); gates in Keras's order:
            input, forget, candidate, output.
        h, c: the states before the first step, each (batch, units).
        half: compute products in bfloat16.

    Returns:
        Outputs (time, batch, units), and the states after the last step.
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def run(
        x: Tensor, h0: Tensor, c0: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor
    ) -> tuple[tuple[Tensor, Tensor, Tensor], Any]:
        kept = _forward(x, h0, c0, kernel, recurrent, bias, half)
        _, outputs, cells = kept

        def gradient(d_outputs: Tensor, d_h: Tensor, d_c: Tensor) -> tuple[Tensor, ...]:
            return _backward(x, h0, c0, kernel, recurrent, kept, (d_outputs, d_h, d_c), half)

        return (outputs, outputs[-1], cells[-1]), gradient

    return run(x, h, c, kernel, recurrent, bias)  # type: ignore[no-any-return]


def _forward(
    x: Tensor, h: Tensor, c: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, half: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the values of every step that the gradient needs: the gates (time, 4, batch, units), outputs and cells."""
    time, batch, _ = x.shape
    projected = tf.cast(tf.matmul(_cast(_flat(x), half), _cast(kernel, half)), tf.float32) + bias
    return _forward_loop(tf.reshape(projected, [time, batch, -1]), h, c, _cast(recurrent, half))  # type: ignore[no-any-return]


@tf.function(autograph=False, jit_compile=True)  # type: ignore[untyped-decorator]
def _forward_loop(inputs: Tensor, h: Tensor, c: Tensor, recurrent: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs (time, batch, 4·units), already multiplied → gates (time, 4, batch, units), outputs and cells.

    XLA runs a program of up to eight parts on the calling thread. It gives some parts of a larger program to a thread
    pool, and the other part of the batch uses the same pool and has to wait. To keep the program small, all gates are
    in one array and are computed with one tanh: sigmoid(z) = tanh(z/2) / 2 + 1/2.
    """
    time, (batch, units) = inputs.shape[0], h.shape
    scale = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], np.float32), units)
    lift = np.repeat(np.array([0.5, 0.5, 0.0, 0.5], np.float32), units)
    all_gates = tf.TensorArray(tf.float32, time, element_shape=(4, batch, units))
    cells = tf.TensorArray(tf.float32, time, element_shape=(batch, units))

    def step(t: Tensor, h: Tensor, c: Tensor, all_gates: Any, cells: Any) -> tuple[Any, ...]:
        z = inputs[t] + _compiled_product(h, recurrent)
        gates = scale * tf.tanh(scale * z) + lift  # (batch, 4·units)
        i, f, g, o = tf.split(gates, 4, 1)
        c = f * c + i * g
        h = o * tf.tanh(c)
        apart = tf.transpose(tf.reshape(gates, [batch, 4, units]), [1, 0, 2])
        return t + 1, h, c, all_gates.write(t, apart), cells.write(t, c)

    end = tf.while_loop(lambda t, *_: t < time, step, (tf.constant(0), h, c, all_gates, cells))
    gates, kept = end[3].stack(), end[4].stack()
    return gates, gates[:, 3] * tf.tanh(kept), kept


def _backward(
    x: Tensor,
    h0: Tensor,
    c0: Tensor,
    kernel: Tensor,
    recurrent: Tensor,
    kept: tuple[Tensor, Tensor, Tensor],
    upstream: tuple[Tensor, Tensor, Tensor],
    half: bool,
) -> tuple[Tensor, ...]:
    """Run backpropagation through time. Return the gradients of x, h0, c0, kernel, recurrent and bias."""
    gates, outputs, cells = kept
    outputs_before = tf.concat([h0[None], outputs[:-1]], 0)
    d_z, d_bias, d_h, d_c = _backward_loop(gates, cells, c0, upstream, _cast(recurrent, half))
    d_z = _cast(_flat(d_z), half)
    d_x, d_kernel, d_recurrent = (
        tf.cast(product, tf.float32)
        for product in (
            tf.matmul(d_z, _cast(kernel, half), transpose_b=True),
            tf.matmul(_cast(_flat(x), half), d_z, transpose_a=True),
            tf.matmul(_cast(_flat(outputs_before), half), d_z, transpose_a=True),
        )
    )
    return tf.reshape(d_x, x.shape), d_h, d_c, d_kernel, d_recurrent, d_bias


@tf.function(autograph=False, jit_compile=True)  # type: ignore[untyped-decorator]
def _backward_loop(
    gates: Tensor, cells: Tensor, c0: Tensor, upstream: tuple[Tensor, Tensor, Tensor], recurrent: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the gradients of the gates' inputs z (time, batch, 4·units), of the bias, and of h0 and c0."""
    d_outputs, d_h, d_c = upstream
    time, batch, units = cells.shape
    cells_before = tf.concat([c0[None], cells[:-1]], 0)
    array = tf.TensorArray(tf.float32, time, element_shape=(batch, 4 * units))
    sums = tf.zeros((batch, 4 * units))

    def step(t: Tensor, d_h: Tensor, d_c: Tensor, sums: Tensor, array: Any) -> tuple[Any, ...]:
        i, f, g, o = tf.unstack(gates[t])  # each (batch, units)
        tanh_c = tf.tanh(cells[t])
        d_h = d_h + d_outputs[t]
        d_c = d_c + d_h * o * (1 - tanh_c * tanh_c)
        d_zi = d_c * g * i * (1 - i)
        d_zf = d_c * cells_before[t] * f * (1 - f)
        d_zg = d_c * i * (1 - g * g)
        d_zo = d_h * tanh_c * o * (1 - o)
        d_z = tf.concat([d_zi, d_zf, d_zg, d_zo], 1)
        d_h = _compiled_product(d_z, recurrent, transpose=True)
        return t - 1, d_h, d_c * f, sums + d_z, array.write(t, d_z)

    start = (tf.constant(time - 1), d_h, d_c, sums, array)
    _, d_h, d_c, sums, array = tf.while_loop(lambda t, *_: t >= 0, step, start)
    return array.stack(), tf.reduce_sum(sums, 0), d_h, d_c


def _compiled_product(a: Tensor, b: Tensor, transpose: bool = False) -> Tensor:
    """Multiply in the type of b, with a float32 result. Only this operation makes XLA multiply in bfloat16."""
    if b.dtype == tf.float32:
        return tf.matmul(a, b, transpose_b=transpose)
    return tf.raw_ops.BatchMatMulV3(x=tf.cast(a, b.dtype), y=b, Tout=tf.float32, adj_y=transpose)


def _flat(x: Tensor) -> Tensor:
    """(time, batch, features) → (time·batch, features)"""
    return tf.reshape(x, [-1, x.shape[2]])


def _cast(x: Tensor, half: bool) -> Tensor:
    return tf.cast(x, tf.bfloat16) if half else x
