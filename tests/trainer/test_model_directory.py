"""Tests of the model directory: each of its files is checked before it is used."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests.trainer.conftest import Trained
from trainer.contract.layout import MANIFEST, RECIPE, VOCABULARY, WEIGHTS
from trainer.generation import loaded_model
from trainer.storage.files import sha256
from trainer.storage.model_directory import ModelDirectory, ModelProblem


@pytest.fixture
def model(trained: Trained, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained.path, tmp_path / "model"))


def _vouch_for(model: Path) -> None:
    """Make the manifest fit the changed files, as somebody who forges a model would."""
    manifest = json.loads((model / MANIFEST).read_text())
    for name, entry in manifest["files"].items():
        entry.update(bytes=(model / name).stat().st_size, sha256=sha256(model / name))
    (model / MANIFEST).write_text(json.dumps(manifest))


def _change_weights(change: Callable[[dict[str, np.ndarray]], None]) -> Callable[[Path], None]:
    def damage(model: Path) -> None:
        weights = load_file(model / WEIGHTS)
        change(weights)
        save_file(weights, model / WEIGHTS)
        _vouch_for(model)

    return damage


def _change_recipe(**values: object) -> Callable[[Path], None]:
    def damage(model: Path) -> None:
        recipe = json.loads((model / RECIPE).read_text())
        (model / RECIPE).write_text(json.dumps({**recipe, **values}))
        _vouch_for(model)

    return damage


def _flip_last_byte(name: str) -> Callable[[Path], None]:
    def damage(model: Path) -> None:
        data = bytearray((model / name).read_bytes())
        data[-2] ^= 1
        (model / name).write_bytes(data)

    return damage


DAMAGES: dict[str, Callable[[Path], object]] = {
    "no manifest": lambda model: (model / MANIFEST).unlink(),
    "manifest is no JSON": lambda model: (model / MANIFEST).write_text("{"),
    "manifest forgets the weights": lambda model: (model / MANIFEST).write_text('{"format": 1, "files": {}}'),
    "no weights": lambda model: (model / WEIGHTS).unlink(),
    "weights altered": _flip_last_byte(WEIGHTS),
    "vocabulary altered": _flip_last_byte(VOCABULARY),
    "weights cut": lambda model: (model / WEIGHTS).write_bytes((model / WEIGHTS).read_bytes()[:-1]),
    "another name": _change_weights(lambda weights: weights.update(extra=np.zeros(3, np.float32))),
    "another shape": _change_weights(lambda weights: weights.update({"outputs/bias": np.zeros(3, np.float32)})),
    "another type": _change_weights(
        lambda weights: weights.update({"outputs/bias": weights["outputs/bias"].astype("float64")})
    ),
    "other units": _change_recipe(units=24),
    "an unknown field": _change_recipe(code="import os"),
    "a value of another kind": _change_recipe(layers="2"),
    "a value out of its limits": _change_recipe(units=10**9),
    "a cell that does not exist": _change_recipe(cell="os.system"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_model_is_refused_in_a_sentence(damage: Callable[[Path], object], model: Path) -> None:
    damage(model)
    with pytest.raises(ModelProblem, match=r"\.$"):
        loaded_model.load(model)


def test_a_sound_model_is_loaded(model: Path) -> None:
    assert loaded_model.load(model).sha256 == sha256(model / WEIGHTS)


def test_between_replacing_the_weights_and_the_manifest_the_model_is_sound(model: Path) -> None:
    """After a power cut at this moment, both the old and the next manifest exist."""
    old = (model / MANIFEST).read_bytes()
    weights = {name: array + 1 for name, array in load_file(model / WEIGHTS).items()}
    ModelDirectory(model).keep_weights(weights, 61)
    (model / MANIFEST).rename(model / f"{MANIFEST}.next")
    (model / MANIFEST).write_bytes(old)
    assert ModelDirectory(model).check() == sha256(model / WEIGHTS)
