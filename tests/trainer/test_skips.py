"""Tests of skip connections: the output layer of a model with several layers reads the sum of them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from trainer.contract import continuing, sizing
from trainer.contract.recipe import Recipe
from trainer.engine.network import StreamNetwork

CHOICES = {"steps": 5, "units": 16, "layers": 2, "embedding": 8}


def a_recipe(**choices: object) -> Recipe:
    return sizing.resolve({**CHOICES, **choices}, 10_000, 30)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("skips", [True, False])
def test_the_output_layer_reads_the_sum_or_the_last_layer(cell: str, skips: bool) -> None:
    network = StreamNetwork(replace(a_recipe(cell=cell), skips=skips), 30)
    ids, zero = np.arange(12).reshape(2, 6), network.zero_states(2)
    values, outputs = network.inputs(ids), []
    for layer, state in zip(network.recurrent, zero, strict=True):
        values, *_ = layer(values, initial_state=list(state))
        outputs.append(values)
    expected = network.outputs(outputs[0] + outputs[1] if skips else outputs[1])
    logits, _ = network(ids, zero)
    np.testing.assert_allclose(logits, expected, atol=1e-6)
    states = zero
    for column in ids.T:
        last, states = network.step(column, states)
    np.testing.assert_allclose(last, expected[:, -1], atol=1e-5)


def test_new_models_of_several_layers_have_them_and_others_do_not() -> None:
    assert a_recipe().skips and not a_recipe(layers=1).skips
    assert not a_recipe(steps=None, epochs=100).skips, "a text that is read so often would be learned by heart"
    assert not sizing.resolve({"recipe": "tutorial"}, 10_000, 30).skips


def test_a_model_from_before_keeps_the_network_that_it_has() -> None:
    values = json.loads(a_recipe().to_json())
    del values["skips"]
    before = Recipe.from_json(json.dumps(values))
    assert not before.skips
    assert not continuing.fine_tuned(before, {"steps": 5}, 10_000, 30).skips
    assert not continuing.further(before, 5, {"steps": 5}, 10_000, 30, 18_000).skips
