"""Tests of batch parts: a batch in parts gives the same training step as the whole batch."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from trainer.contract import sizing
from trainer.engine import batch_parts
from trainer.engine.learning import Arrays
from trainer.procedures import choice

BATCH, SYMBOLS = 32, 20


@pytest.mark.parametrize(("rows", "threads", "parts"), [(32, 2, 2), (32, 1, 1), (30, 4, 3), (31, 4, 1), (15, 2, 1)])
def test_parts_are_equal_large_enough_and_no_more_than_threads(
    monkeypatch: pytest.MonkeyPatch, rows: int, threads: int, parts: int
) -> None:
    monkeypatch.setattr("trainer.engine.setup.threads", lambda: threads)
    assert batch_parts.count(rows) == parts


def test_what_was_taken_apart_comes_together_again() -> None:
    batch, states = np.arange(12).reshape(6, 2), (np.arange(6.0),)
    pieces = batch_parts.each(3, lambda a, b: (a, b), batch, states)
    assert [piece[0].shape for piece in pieces] == [(2, 2)] * 3
    whole, (vector,) = batch_parts.together(pieces)
    assert np.array_equal(whole, batch) and np.array_equal(vector, states[0])


@pytest.mark.parametrize("procedure", ["stream", "tutorial"])
def test_a_step_in_parts_is_the_step_of_the_whole_batch(monkeypatch: pytest.MonkeyPatch, procedure: str) -> None:
    whole, parts = (_after_steps(monkeypatch, threads, procedure) for threads in (1, 4))
    for name, weight in whole.items():
        np.testing.assert_allclose(parts[name], weight, atol=2e-4, err_msg=name)


def _after_steps(monkeypatch: pytest.MonkeyPatch, threads: int, procedure: str) -> Arrays:
    """Return the weights and states after three steps without dropout."""
    monkeypatch.setattr("trainer.engine.setup.threads", lambda: threads)
    asked: dict[str, Any] = {"layers": 2, "units": 12, "steps": 3, "batch": BATCH, "sequence": 8, "dropout": 0.0}
    recipe = replace(sizing.resolve(asked, 5_000, SYMBOLS), half_products=False, procedure=procedure)
    learner = choice.procedure_of(recipe).learner(SYMBOLS)
    draw = np.random.default_rng(0)
    for step in range(3):
        inputs = draw.integers(0, SYMBOLS, (BATCH, 8), dtype=np.int32)
        targets = inputs[:, 0] if procedure == "tutorial" else inputs[:, ::-1]
        assert np.isfinite(learner.learn(step, inputs, targets, starts=step == 0, rate=0.01))
    return {name: array for name, array in learner.arrays().items() if not name.startswith("optimizer")}
