"""Tests of dropout: what is hidden depends on the seed and the step, and a training with all of it resumes exactly."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.conftest import TINY, Running, assert_same_training, trainer
from trainer.contract import regularisation, sizing
from trainer.contract.recipe import FIELDS, Recipe
from trainer.engine import dropout
from trainer.engine.dropout import Masks
from trainer.engine.network import INPUTS, StreamNetwork
from trainer.procedures import choice

HIDING = {"dropout": 0.5, "input_dropout": 0.25, "weight_drop": 0.4}


def a_recipe(**choices: Any) -> Recipe:
    return sizing.resolve({"steps": 5, "units": 24, "layers": 2, "embedding": 16, **HIDING, **choices}, 10_000, 70)


def dropped(recipe: Recipe, step: int = 7, place: int = 0, part: int = 0) -> np.ndarray:
    """Return what is left of ones, (4 streams, 10 symbols, 64 values)."""
    masks = Masks(recipe, tf.constant(step, tf.int64))
    return np.asarray(masks.drop(tf.ones((4, 10, 64)), place, masks.parts(2)[part]))


def test_masks_depend_on_seed_step_part_and_place_only() -> None:
    found = dropped(a_recipe())
    np.testing.assert_array_equal(dropped(a_recipe()), found)
    others = [
        dropped(a_recipe(seed=2)),
        dropped(a_recipe(), 8),
        dropped(a_recipe(), part=1),
        dropped(a_recipe(), place=1),
    ]
    assert all((other != found).any() for other in others)


def test_a_mask_for_a_sequence_hides_the_same_values_at_each_of_its_symbols() -> None:
    found = dropped(a_recipe())
    assert set(np.unique(found)) == {0.0, 2.0}
    np.testing.assert_array_equal(found, np.broadcast_to(found[:, :1], found.shape))
    assert (found[0] != found[1]).any()
    assert 0.35 < (found == 0).mean() < 0.65


def test_the_input_has_a_share_of_its_own() -> None:
    assert 0.1 < (dropped(a_recipe(), place=INPUTS) == 0).mean() < 0.4
    assert (dropped(a_recipe(input_dropout=0.0), place=INPUTS) == 1).all()


def test_a_recipe_of_an_earlier_version_has_the_masks_that_it_always_had() -> None:
    recipe = replace(a_recipe(), sequence_masks=False, weight_drop=0.0)
    number = (7 * 1024 + 1) * 64 + 1  # of the step, the part and the place
    words = tf.random.stateless_uniform([4 * 10 * 64 // 4], [recipe.seed, number], None, None, tf.uint32)
    random_bytes = np.asarray(words).view(np.uint8).reshape(4, 10, 64)
    np.testing.assert_array_equal(dropped(recipe, part=1, place=1), np.where(random_bytes < 128, 2.0, 0.0))


@pytest.mark.parametrize("cell", FIELDS["cell"].options)
def test_recurrent_weights_that_are_dropped_count_for_nothing_and_learn_nothing(cell: str) -> None:
    network = StreamNetwork(a_recipe(cell=cell), 70)
    ids, states = np.arange(12).reshape(2, 6), network.zero_states(2)
    masks = Masks(network.recipe, tf.constant(7, tf.int64)).dropped_weights(network)
    variable, mask = masks[0]
    before = np.asarray(variable.value)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def read() -> tuple[Any, Any]:
        with tf.GradientTape() as tape, dropout.with_weights_dropped(masks):
            logits, _ = network(tf.constant(ids), states)
        return logits, tape.gradient(logits, variable.value)

    logits, gradient = (np.asarray(found) for found in read())
    hidden = np.asarray(mask) == 0
    assert 0.3 < hidden.mean() < 0.5
    assert (gradient[hidden] == 0).all() and (gradient[~hidden] != 0).all()
    np.testing.assert_array_equal(variable.value, before)
    for each, its_mask in masks:
        each.assign(each.value * its_mask)
    np.testing.assert_allclose(network(ids, states)[0], logits, rtol=1e-5, atol=1e-6)


def test_killed_and_resumed_it_ends_in_the_same_bytes(text: Path, tmp_path: Path) -> None:
    """An LSTM; the other cells have masks too in `test_cells`."""
    shares = [f"--{name.replace('_', '-')}={share}" for name, share in HIDING.items()]
    options = ["train", text, *TINY, *shares, "--steps", 30, "--json", "--out"]
    whole = trainer(*options, tmp_path / "whole")
    assert whole.code == 0, whole.errors
    assert whole.named("started")[0]["recipe"]["sequence_masks"] is True
    command = [*options, tmp_path / "killed", "--resume"]
    first = Running(*command, "--checkpoint-seconds", "0")
    first.until("checkpoint", 11)
    first.kill()
    second = trainer(*command)
    assert second.code == 0 and 0 < second.events[0]["step"] < 30
    assert_same_training(tmp_path / "killed", tmp_path / "whole")


def test_weights_decay_faster_where_a_text_is_read_often() -> None:
    seldom, often = (sizing.resolve({"epochs": epochs, "layers": 1, "units": 8}, 10_000, 50) for epochs in (2, 60))
    assert (seldom.weight_decay, often.weight_decay) == (0.01, 0.1)
    optimizer = choice.procedure_of(often).optimizer()
    assert optimizer.weight_decay == 0.1


def test_shares_grow_with_the_readings_of_the_text_and_two_layers_need_less() -> None:
    for layers in (1, 2):
        found = [regularisation.shares(readings, layers, {}) for readings in (1, 3, 10, 20, 60, 200)]
        for name in HIDING:
            shares = [each[name] for each in found]
            assert shares == sorted(shares) and shares[0] < shares[-1]
    assert regularisation.shares(60, 1, {}) == {"dropout": 0.4, "weight_drop": 0.35, "input_dropout": 0.2}
    assert regularisation.shares(60, 2, {}) == {"dropout": 0.35, "weight_drop": 0.25, "input_dropout": 0.1}


def test_who_chooses_a_dropout_gets_that_alone() -> None:
    chosen = {"dropout": 0.3}
    assert regularisation.shares(60, 1, chosen) == {"dropout": 0.3, "weight_drop": 0.0, "input_dropout": 0.0}
    recipe = sizing.resolve({"minutes": 10.0, **chosen}, 90_000, 70)
    assert (recipe.dropout, recipe.weight_drop, recipe.sequence_masks) == (0.3, 0.0, False)
    assert regularisation.shares(60, 1, {"weight_drop": 0.1})["dropout"] == 0.4
