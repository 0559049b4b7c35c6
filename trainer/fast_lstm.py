"""An LSTM layer that trains fast on a CPU, with the weights and the numbers of `keras.layers.LSTM`.

TensorFlow only. Keras's own layer runs a loop that multiplies each step's input and state, and lets automatic
differentiation keep every intermediate. Here, as in cuDNN's layer (Appleyard, Kociský & Blunsom 2016,
arXiv:1604.01946):

- the input's product with the kernel is one product over all steps, before the loop;
- the loop keeps only the recurrent product;
- the gradient is written out: its loop finds the gates' gradients, and the gradients of both kernels are one
  product each over all steps;
- the batch runs in parts, each with loops of its own, so that each core has one: a small product gains
  nothing from two threads, and oneDNN repacks the recurrent kernel at every step on whichever thread calls it;
- products may be taken in bfloat16 with float32 sums; gates, states and weights stay float32.

On a GPU, with a mask, or with settings that this does not cover, Keras's own layer does the work (cuDNN).
"""

from typing import Any

import keras
import tensorflow as tf

Tensor = Any  # a tf.Tensor; TensorFlow ships no types

_GRAPH_PARALLEL = 1  # iterations of one loop depend on each other


class FastLSTM(keras.layers.LSTM):  # type: ignore[misc]  # Keras ships no types
    """`keras.layers.LSTM` with a faster loop on the CPU.

    Args:
        units: as in Keras.
        parts: how many parts of the batch run side by side; 1 where the batch can't be divided.
        half_products: take products in bfloat16 (with float32 results).
    """

    def __init__(self, units: int, *, parts: int = 2, half_products: bool = True, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.parts = parts
        self.half_products = half_products

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "parts": self.parts, "half_products": self.half_products}

    def inner_loop(
        self, sequences: Tensor, initial_state: list[Tensor], mask: Tensor | None, training: bool = False
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Return the last output (batch, units), all outputs (batch, time, units) and the states [h, c]."""
        if mask is not None or not self._is_plain() or tf.config.list_physical_devices("GPU"):
            return super().inner_loop(sequences, initial_state, mask, training)  # type: ignore[no-any-return]
        steps = tf.transpose(sequences, [1, 0, 2])  # (time, batch, inputs)
        h, c = initial_state
        kernel, recurrent, bias = (
            tf.convert_to_tensor(w) for w in (self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias)
        )
        outputs, h, c = lstm(steps, kernel, recurrent, bias, h, c, self.parts, self.half_products)
        return h, tf.transpose(outputs, [1, 0, 2]), [h, c]

    def _is_plain(self) -> bool:
        return (
            self.activation is keras.activations.tanh
            and self.recurrent_activation is keras.activations.sigmoid
            and self.use_bias
            and not (self.dropout or self.recurrent_dropout or self.go_backwards)
        )


def lstm(
    x: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, h: Tensor, c: Tensor, parts: int, half: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Run an LSTM (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000) over all steps.

    Args:
        x: inputs, (time, batch, inputs).
        kernel, recurrent, bias: (inputs, 4·units), (units, 4·units), (4·units,); gates in Keras's order:
            input, forget, candidate, output.
        h, c: the states before the first step, each (batch, units).
        parts: how many parts of the batch run side by side.
        half: take products in bfloat16.

    Returns:
        Outputs (time, batch, units), and the states after the last step.
    """
    batch = x.shape[1]
    if batch is None or batch % parts:
        parts = 1
    pieces = [
        _lstm_part(*piece, kernel, recurrent, bias, half)
        for piece in zip(tf.split(x, parts, 1), tf.split(h, parts), tf.split(c, parts), strict=True)
    ]
    outputs, h, c = zip(*pieces, strict=True)
    return tf.concat(outputs, 1), tf.concat(h, 0), tf.concat(c, 0)


def _lstm_part(
    x: Tensor, h: Tensor, c: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, half: bool
) -> tuple[Tensor, Tensor, Tensor]:
    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def run(
        x: Tensor, h0: Tensor, c0: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor
    ) -> tuple[tuple[Tensor, Tensor, Tensor], Any]:
        kept = _forward(x, h0, c0, kernel, recurrent, bias, half)
        outputs, cells = kept[-2], kept[-1]

        def gradient(d_outputs: Tensor, d_h: Tensor, d_c: Tensor) -> tuple[Tensor, ...]:
            return _backward(x, h0, c0, kernel, recurrent, kept, (d_outputs, d_h, d_c), half)

        return (outputs, outputs[-1], cells[-1]), gradient

    return run(x, h, c, kernel, recurrent, bias)  # type: ignore[no-any-return]


def _forward(
    x: Tensor, h: Tensor, c: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, half: bool
) -> tuple[Tensor, ...]:
    """Return what the gradient needs of every step: gates i, f, g, o, then outputs and cells."""
    time, batch, units = tf.shape(x)[0], tf.shape(x)[1], recurrent.shape[0]
    projected = _product(_flat(x), kernel, half) + bias  # (time·batch, 4·units)
    inputs = tf.TensorArray(tf.float32, time).unstack(tf.reshape(projected, [time, batch, 4 * units]))
    recurrent = _cast(recurrent, half)
    shape = [x.shape[1], units]
    arrays = tuple(tf.TensorArray(tf.float32, time, element_shape=shape) for _ in range(6))

    def step(t: Tensor, h: Tensor, c: Tensor, arrays: tuple[Any, ...]) -> tuple[Any, ...]:
        z = inputs.read(t) + tf.cast(tf.matmul(_cast(h, half), recurrent), tf.float32)  # (batch, 4·units)
        zi, zf, zg, zo = tf.split(z, 4, 1)
        i, f, g, o = tf.sigmoid(zi), tf.sigmoid(zf), tf.tanh(zg), tf.sigmoid(zo)
        c = f * c + i * g
        h = o * tf.tanh(c)
        kept = (i, f, g, o, h, c)
        return t + 1, h, c, tuple(a.write(t, v) for a, v in zip(arrays, kept, strict=True))

    end = tf.while_loop(
        lambda t, *_: t < time, step, (tf.constant(0), h, c, arrays), parallel_iterations=_GRAPH_PARALLEL
    )
    return tuple(array.stack() for array in end[3])  # each (time, batch, units)


def _backward(
    x: Tensor,
    h0: Tensor,
    c0: Tensor,
    kernel: Tensor,
    recurrent: Tensor,
    kept: tuple[Tensor, ...],
    upstream: tuple[Tensor, Tensor, Tensor],
    half: bool,
) -> tuple[Tensor, ...]:
    """Backpropagation through time, written out. Returns the gradients of x, h0, c0, kernel, recurrent, bias."""
    i, f, g, o, outputs, cells = kept
    d_outputs, d_h, d_c = upstream
    time, batch, units = tf.shape(x)[0], tf.shape(x)[1], recurrent.shape[0]
    cells_before = tf.concat([c0[None], cells[:-1]], 0)
    outputs_before = tf.concat([h0[None], outputs[:-1]], 0)
    tanh_c = tf.tanh(cells)
    # what each gate's gradient is multiplied with; over all steps at once
    by_cell = tf.concat([g * i * (1 - i), cells_before * f * (1 - f), i * (1 - g * g)], 2)
    by_output = tanh_c * o * (1 - o)
    cell_by_output = o * (1 - tanh_c * tanh_c)
    rows = [tf.TensorArray(tf.float32, time).unstack(v) for v in (d_outputs, by_cell, by_output, cell_by_output, f)]
    back = _cast(tf.transpose(recurrent), half)
    array = tf.TensorArray(tf.float32, time, element_shape=[x.shape[1], 4 * units])

    def step(t: Tensor, d_h: Tensor, d_c: Tensor, array: Any) -> tuple[Any, ...]:
        d_output, a_cell, a_output, a_through, forget = (row.read(t) for row in rows)
        d_h = d_h + d_output
        d_c = d_c + d_h * a_through
        d_z = tf.concat([tf.tile(d_c, [1, 3]) * a_cell, d_h * a_output], 1)  # (batch, 4·units)
        d_h = tf.cast(tf.matmul(_cast(d_z, half), back), tf.float32)
        return t - 1, d_h, d_c * forget, array.write(t, d_z)

    _, d_h, d_c, array = tf.while_loop(
        lambda t, *_: t >= 0, step, (time - 1, d_h, d_c, array), parallel_iterations=_GRAPH_PARALLEL
    )
    d_z = tf.reshape(array.stack(), [time * batch, 4 * units])
    d_x = tf.reshape(_product(d_z, tf.transpose(kernel), half), tf.shape(x))
    d_kernel = _product(tf.transpose(_flat(x)), d_z, half)
    d_recurrent = _product(tf.transpose(_flat(outputs_before)), d_z, half)
    return d_x, d_h, d_c, d_kernel, d_recurrent, tf.reduce_sum(d_z, 0)


def _flat(x: Tensor) -> Tensor:
    """(time, batch, features) → (time·batch, features)"""
    return tf.reshape(x, [-1, x.shape[2]])


def _cast(x: Tensor, half: bool) -> Tensor:
    return tf.cast(x, tf.bfloat16) if half else x


def _product(a: Tensor, b: Tensor, half: bool) -> Tensor:
    return tf.cast(tf.matmul(_cast(a, half), _cast(b, half)), tf.float32)
