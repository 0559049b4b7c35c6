"""Tests of the fast AdamW: it changes weights and averages as Keras does, and by the same bytes every time."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from trainer.engine import fast_adamw, learning
from trainer.engine.fast_adamw import FastAdamW
from trainer.engine.native import adamw, paths

SHAPES = [(7, 30), (30,), (257, 16), (1,), (3, 1024)]
Arrays = list[np.ndarray]


@pytest.fixture(autouse=True)
def switched_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The native pass, also where a setting switches it off for the other tests."""
    monkeypatch.delenv(paths.SETTING, raising=False)
    adamw.chosen.cache_clear()
    yield
    monkeypatch.undo()
    adamw.chosen.cache_clear()


def _after_steps(optimizer: Any, change: Any, parts: int, scale: float, steps: int = 5) -> Arrays:
    """Return weights, averages and the optimizer's variables after some steps with a gradient of this size."""
    random = np.random.default_rng(0)
    weights, averages = (
        [keras.Variable(random.normal(size=shape).astype("float32")) for shape in SHAPES] for _ in range(2)
    )
    optimizer.build(weights)
    optimizer.learning_rate.assign(0.01)

    @tf.function  # type: ignore[untyped-decorator]
    def step(gradients: Any) -> None:
        change(weights, averages, gradients, tf.constant(0.3))

    for _ in range(steps):
        step([[tf.constant(random.normal(size=s) * scale, tf.float32) for _ in range(parts)] for s in SHAPES])
    return [np.asarray(variable.value) for variable in (*weights, *averages, *optimizer.variables)]


@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4], ids=["small", "clipped", "huge"])
def test_it_changes_what_keras_changes_by_as_much(parts: int, scale: float) -> None:
    _compare(learning.clipped_adamw(), learning.clipped_adamw(), parts, scale)


def test_without_weight_decay_and_clipping_it_is_keras_adam() -> None:
    """The tutorial trains with Adam."""
    _compare(learning.adam(), keras.optimizers.Adam(), parts=2, scale=1.0)


def _compare(ours: FastAdamW, theirs: Any, parts: int, scale: float) -> None:
    assert adamw.chosen()
    found = _after_steps(ours, ours.change, parts, scale)
    expected = _after_steps(theirs, lambda *given: fast_adamw.change(theirs, *given), parts, scale)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6 * max(1, np.abs(b).max()))


def test_every_run_gives_the_same_bytes() -> None:
    runs = []
    for _ in range(3):
        optimizer = learning.clipped_adamw()
        runs.append(b"".join(array.tobytes() for array in _after_steps(optimizer, optimizer.change, 2, 1.0)))
    assert len(set(runs)) == 1


def test_a_gradient_that_is_no_number_spoils_the_weights_as_with_keras() -> None:
    """A training that has diverged is known by it."""
    optimizer = learning.clipped_adamw()
    found = _after_steps(optimizer, optimizer.change, 2, float("nan"), steps=1)
    assert all(np.isnan(array).all() for array in found[: 2 * len(SHAPES)])


def test_without_the_library_keras_takes_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _after_steps(native := learning.clipped_adamw(), native.change, 2, 1.0)
    monkeypatch.setattr(adamw, "chosen", lambda: None)
    found = _after_steps(optimizer := learning.clipped_adamw(), optimizer.change, 2, 1.0)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
