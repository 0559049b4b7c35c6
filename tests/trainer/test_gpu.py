"""Tests of the layers for a GPU, as far as they are possible without one.

The layers are those that are built on a GPU, but in these tests they run on the CPU.
"""

import itertools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from trainer.contract import recipe as recipes
from trainer.contract import sizing
from trainer.contract.recipe import Recipe
from trainer.engine.learning import Learner
from trainer.procedures import choice

SMALL: dict[str, Any] = {"steps": 5, "units": 8, "batch": 4, "sequence": 8}
CELLS = recipes.FIELDS["cell"].options
every_layer = pytest.mark.parametrize(("cell", "rounds"), [*((cell, 0) for cell in CELLS), ("lstm", 4)])
CUDNN = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}  # cells that cuDNN computes


def _resolve(preset: str = "quick", cell: str = "lstm", **choices: Any) -> Recipe:
    return sizing.resolve({"recipe": preset, "cell": cell, **choices}, 10_000, 30, half_products=True, is_native=False)


@pytest.mark.parametrize(("preset", "cell"), list(itertools.product(recipes.PRESETS, CUDNN)))
def test_every_recipes_layers_meet_what_cudnn_asks(preset: str, cell: str) -> None:
    """The documentation of Keras's LSTM and GRU lists these conditions."""
    for layer in choice.procedure_of(_resolve(preset, cell)).network(30, blank=True, gpu=True).recurrent:
        assert type(layer) is CUDNN[cell]
        assert layer.activation is keras.activations.tanh
        assert layer.recurrent_activation is keras.activations.sigmoid
        assert layer.use_bias and layer.recurrent_dropout == 0 and not layer.unroll
        assert layer.use_cudnn == "auto"
        assert cell == "lstm" or layer.reset_after


@every_layer
def test_mixed_precision_keeps_weights_logits_and_states_in_float32(cell: str, rounds: int) -> None:
    recipe = _resolve(cell=cell, mogrifier_rounds=rounds, **SMALL)
    mixed, plain = (choice.procedure_of(recipe).network(30, gpu=gpu) for gpu in (True, False))
    assert {weight.dtype for weight in mixed.variables.values()} == {"float32"}
    assert [(name, w.shape) for name, w in mixed.variables.items()] == [
        (name, w.shape) for name, w in plain.variables.items()
    ]
    ids = np.arange(32).reshape(4, 8) % 30
    reads: list[Callable[[Any], Any]] = [
        lambda network: network(ids, network.zero_states(4)),
        lambda network: network.step(ids[:, 0], network.zero_states(4)),
    ]
    for read in reads:
        logits, states = read(mixed)
        assert {tensor.dtype for tensor in (logits, *tf.nest.flatten(states))} == {tf.float32}
        np.testing.assert_allclose(logits, read(plain)[0], atol=0.05)
    assert mixed.recurrent[0].compute_dtype == "bfloat16"


@pytest.mark.parametrize(
    "hidden", [{}, {"dropout": 0.1, "input_dropout": 0.1, "weight_drop": 0.2}], ids=["less", "more"]
)
@every_layer
def test_it_learns_in_mixed_precision(cell: str, rounds: int, hidden: dict[str, Any]) -> None:
    recipe = _resolve(cell=cell, mogrifier_rounds=rounds, **SMALL, **hidden)
    procedure = choice.procedure_of(recipe)
    network, average = (procedure.network(30, gpu=True) for _ in range(2))
    learner = Learner(network, average, procedure.optimizer(), procedure.new_share)
    ids = np.arange(36).reshape(4, 9).astype(np.int32) % 30
    losses = [learner.learn(step, ids[:, :-1], ids[:, 1:], step == 0, 0.01) for step in range(15)]
    assert losses[-1] < losses[0] - 0.3
    assert {array.dtype.name for array in learner.arrays().values()} <= {"float32", "int64", "int32"}


def test_where_products_are_whole_nothing_is_mixed() -> None:
    recipe = sizing.resolve(SMALL, 10_000, 30, half_products=False)
    assert choice.procedure_of(recipe).network(30, gpu=True).recurrent[0].compute_dtype == "float32"
