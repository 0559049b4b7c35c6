"""Tests of all cells but the LSTM: each trains, resumes exactly, writes and is scored like an LSTM."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.trainer import conftest
from tests.trainer.conftest import OF_CELL, Make, Running, Serving, Trained, assert_same_training, trainer
from trainer.contract import sizing
from trainer.contract.recipe import FIELDS
from trainer.engine import network as networks
from trainer.engine.network import StreamNetwork
from trainer.inspection import cells

CELLS = [cell for cell in FIELDS["cell"].options if cell != "lstm"]


@pytest.fixture(scope="module", params=CELLS)
def trained_cell(request: pytest.FixtureRequest, made_once: Make) -> Trained:
    return conftest.trained_cell(made_once, request.param)


def test_it_learns(trained_cell: Trained) -> None:
    losses = [event["carried"] for event in trained_cell.run.named("evaluated")]
    assert losses[-1] < losses[0] - 0.3


def test_killed_and_resumed_it_ends_in_the_same_bytes(text: Path, trained_cell: Trained, tmp_path: Path) -> None:
    cell = trained_cell.run.events[0]["recipe"]["cell"]
    command = ["train", text, "--out", tmp_path / "model", "--cell", cell, *OF_CELL, "--json", "--resume"]
    first = Running(*command, "--checkpoint-seconds", "0")
    first.until("checkpoint", 15)
    first.kill()
    assert trainer(*command).code == 0
    assert_same_training(tmp_path / "model", trained_cell.path)


def test_it_writes_and_is_scored(serving: Serving, trained_cell: Trained, text: Path) -> None:
    model = str(trained_cell.path)
    together = serving.texts(model=model, prompt="The ", length=60, passages=4)
    assert serving.texts(model=model, prompt="The ", length=60, first=2) == {2: together[2]}
    assert len(together[2]) == 60
    score = serving.ask(do="score", model=model, files=[str(text)])[-1]["score"]
    expected = json.loads((trained_cell.path / "score.json").read_text())
    assert score["held_out"]["whole"] == pytest.approx(expected["held_out"]["whole"], abs=1e-5)


def test_it_is_looked_into_or_a_sentence_says_that_it_cant_be(serving: Serving, trained_cell: Trained) -> None:
    cell = trained_cell.run.events[0]["recipe"]["cell"]
    end = serving.ask(do="inspect", model=str(trained_cell.path), text="The class")[-1]
    if cell not in cells.KINDS:
        assert "can't be looked into" in end["reason"]
        return
    assert end["cell"] == cell
    assert (len(end["layers"][0]["hidden"]), len(end["next_ids"])) == (9, 9)


@pytest.mark.parametrize("cell", CELLS)
def test_a_step_is_what_the_layers_do_with_a_sequence(cell: str) -> None:
    network = StreamNetwork(sizing.resolve({"steps": 1, "units": 16, "cell": cell}, 10_000, 70), 70)
    ids = np.arange(12).reshape(2, 6)
    read, expected = network(ids, network.zero_states(2))
    states = network.zero_states(2)
    for column in ids.T:
        logits, states = network.step(column, states)
    np.testing.assert_allclose(logits, read[:, -1], atol=1e-5)
    for layer, after in zip(states, expected, strict=True):
        np.testing.assert_allclose(layer[0], after[0], atol=1e-5)


@pytest.mark.parametrize("units", [16, 384])
def test_a_gru_is_one_that_cudnn_computes(units: int) -> None:
    """These are the conditions under which Keras calls cuDNN on a GPU."""
    layer = networks.recurrent_layer(sizing.resolve({"steps": 1, "units": units, "cell": "gru"}, 10_000, 70), 0)
    assert layer.activation is keras.activations.tanh and layer.recurrent_activation is keras.activations.sigmoid
    assert layer.reset_after and layer.use_bias and not layer.unroll and not layer.recurrent_dropout
    assert layer.use_cudnn == "auto"
