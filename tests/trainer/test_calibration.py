"""Tests of the calibration: a model that is too sure of what comes next is made less sure."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.conftest import TINY, Run, loaded, trainer
from trainer.contract.layout import SAMPLES, SCORE
from trainer.contract.writing_settings import WritingRequest
from trainer.evaluation.calibration import best_scale
from trainer.generation import passages
from trainer.storage import checkpoints
from trainer.storage.model_directory import ModelDirectory


@pytest.mark.parametrize("right", [0.62, 0.84, 0.95, 1.15, 1.3])
def test_the_scale_is_that_of_the_probabilities_by_which_the_text_was_made(right: float) -> None:
    rng = np.random.default_rng(5)
    logits = rng.normal(0, 2.5, (20_000, 12))
    probabilities = np.exp(right * logits)
    probabilities /= probabilities.sum(1, keepdims=True)
    targets = (probabilities.cumsum(1) < rng.random((20_000, 1))).sum(1)

    def loss(scale: float) -> float:
        scaled = scale * logits
        return float(np.mean(np.log(np.exp(scaled).sum(1)) - scaled[np.arange(len(targets)), targets]))

    assert math.isclose(best_scale(loss), right, abs_tol=0.03)


def test_a_scale_that_gains_next_to_nothing_is_left_out() -> None:
    assert best_scale(lambda scale: 2 + 0.01 * (scale - 0.95) ** 2) == 1
    assert best_scale(lambda scale: 2.0) == 1


def test_the_model_is_kept_with_scaled_logits(text: Path, tmp_path: Path) -> None:
    """With so much dropout and so few steps, the network is not sure enough of what comes next."""
    model = tmp_path / "model"
    shown = trainer("train", text, "--out", model, "--steps", "60", *TINY, "--dropout", "0.5", "--json")
    (finished,) = shown.named("finished")
    scale = finished["score"]["logit_scale"]
    assert scale == json.loads((model / SCORE).read_text())["logit_scale"] != 1
    newest = checkpoints.newest_sound(model / "checkpoints")
    assert newest is not None
    best = {name[5:]: array for name, array in newest.arrays.items() if name.startswith("best/")}
    kept = ModelDirectory(model).weights({name: array.shape for name, array in best.items()})
    np.testing.assert_allclose(kept["outputs/kernel"], best["outputs/kernel"] * scale, rtol=1e-4)
    np.testing.assert_array_equal(kept["recurrent_0/kernel"], best["recurrent_0/kernel"])
    assert finished["score"]["held_out"]["first_half"]["carried"] < finished["best"]
    again = json.loads(trainer("score", model, text, "--json").output)
    whole = finished["score"]["held_out"]["whole"]
    assert again["held_out"]["whole"] == pytest.approx(whole, abs=1e-6)
    _assert_its_last_sample_is_that_of_the_scaled_logits(shown, model)
    _assert_further_training_begins_before_the_calibration(text, model)


def _assert_its_last_sample_is_that_of_the_scaled_logits(shown: Run, model: Path) -> None:
    """The best weights are those of the last step, so they have written a text before they were calibrated."""
    finished, samples = shown.events[-1], shown.named("sample")
    assert finished["best_step"] == finished["step"]
    assert [sample["step"] for sample in samples[-2:]] == [finished["step"]] * 2
    kept = loaded(model)
    request = WritingRequest("", 200, kept.procedure.sampling, kept.recipe.seed)
    written = "".join(piece.text for piece in passages.passages(kept, request))
    assert samples[-1]["text"] == written != samples[-2]["text"]


def _assert_further_training_begins_before_the_calibration(text: Path, model: Path) -> None:
    """So the losses of its steps compare with the one that it began with."""
    longer = model.with_name("longer")
    shown = trainer("train", text, "--out", longer, "--from", model, "--steps", "1", "--json")
    assert shown.code == 0, shown.errors
    newest = [checkpoints.newest_sound(path / "checkpoints") for path in (model, longer)]
    before, after = (found.arrays["best/outputs/kernel"] for found in newest if found is not None)
    assert (after * before).sum() / (before * before).sum() == pytest.approx(1, abs=0.02)  # and not the scale
    samples = [json.loads(line) for line in (longer / SAMPLES).read_text().splitlines()]
    assert len({sample["step"] for sample in samples[:-1]}) == len(samples) - 1
