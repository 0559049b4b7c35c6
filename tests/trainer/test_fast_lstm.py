"""Tests of the fast LSTM layer: it gives the same results as Keras's own layer, with the same weights."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from trainer.engine.fast_lstm import FastLSTM

BATCH, TIME, INPUTS, UNITS = 6, 9, 5, 7


@tf.function  # type: ignore[untyped-decorator]
def _run(layer: Any, x: np.ndarray, states: list[np.ndarray]) -> tuple[list[Any], list[Any]]:
    """Return outputs, states, and the gradients of a scalar that depends on all of them."""
    inputs = [tf.identity(v) for v in (x, *states)]
    weighing = np.random.default_rng(1).normal(size=(BATCH, TIME, UNITS)).astype("float32")
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs, h, c = layer(inputs[0], initial_state=inputs[1:])
        scalar = tf.reduce_sum(outputs * weighing) + tf.reduce_sum(h * h) + tf.reduce_sum(c * h)
    variables = [v.value for v in layer.trainable_variables]
    return [outputs, h, c], tape.gradient(scalar, inputs + variables)


def _pair(**options: Any) -> tuple[Any, Any, np.ndarray, list[np.ndarray]]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCH, TIME, INPUTS)).astype("float32")
    states = [rng.normal(size=(BATCH, UNITS)).astype("float32") for _ in range(2)]
    settings = {"return_sequences": True, "return_state": True}
    theirs, ours = keras.layers.LSTM(UNITS, **settings), FastLSTM(UNITS, **settings, **options)
    for layer in (theirs, ours):
        layer.build(x.shape)
    ours.set_weights(theirs.get_weights())
    return theirs, ours, x, states


def test_it_gives_the_outputs_and_gradients_of_keras_in_float32() -> None:
    theirs, ours, x, states = _pair(half_products=False)
    (expected, expected_gradients), (found, gradients) = _run(theirs, x, states), _run(ours, x, states)
    for a, b in zip(expected + expected_gradients, found + gradients, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_products_in_bfloat16_stay_close() -> None:
    theirs, ours, x, states = _pair(half_products=True)
    (expected, expected_gradients), (found, gradients) = _run(theirs, x, states), _run(ours, x, states)
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_allclose(a, b, atol=0.03)
    for a, b in zip(expected_gradients, gradients, strict=True):
        assert np.linalg.norm(a - b) < 0.02 * np.linalg.norm(a)


def test_it_stores_the_weights_that_keras_stores() -> None:
    theirs, ours, _, _ = _pair()
    assert [(w.name, w.shape) for w in theirs.weights] == [(w.name, w.shape) for w in ours.weights]


def test_settings_that_it_does_not_cover_are_left_to_keras() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCH, TIME, INPUTS)).astype("float32")
    mask = np.arange(TIME)[None] < rng.integers(1, TIME, size=(BATCH, 1))
    theirs, ours = keras.layers.LSTM(UNITS, use_cudnn=False), FastLSTM(UNITS, use_cudnn=False)
    for layer in (theirs, ours):
        layer.build(x.shape)
    ours.set_weights(theirs.get_weights())
    np.testing.assert_allclose(theirs(x, mask=mask), ours(x, mask=mask), atol=1e-6)
