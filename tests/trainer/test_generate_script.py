"""The script that a downloaded model brings writes what the trainer writes, with numpy alone."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from tests.trainer.conftest import ROOT, SHALLOW, Make, Trained, loaded, trained_cell, trainer
from trainer.contract.layout import MANIFEST, RECIPE, VOCABULARY, WEIGHTS
from trainer.contract.recipe import FIELDS
from trainer.contract.writing_settings import SamplingOptions, WritingRequest
from trainer.generation import passages

SCRIPT = ROOT / "webapp" / "studies" / "portable" / "generate.py"
PROMPTS = ["", "The assert stat", "If the ", "don’t “quote” 清晨 e\u0301\r\n\n  x"]


def travelled(path: Path, folder: Path) -> Path:
    """Copy a model and the script into a folder in which there is nothing else."""
    for name in (RECIPE, VOCABULARY, WEIGHTS, MANIFEST):
        shutil.copy(path / name, folder)
    return Path(shutil.copy(SCRIPT, folder))


def run(script: Path, prompt: str, length: int, temperature: float, seed: int) -> str:
    options = ["--length", str(length), "--temperature", str(temperature), "--seed", str(seed)]
    command, utf8 = [sys.executable, "-P", script.name, prompt, *options], {"PYTHONUTF8": "1"}
    done = subprocess.run(command, cwd=script.parent, capture_output=True, text=True, check=True, env=utf8)
    return done.stdout.removesuffix("\n")


def wanted(path: Path, prompt: str, length: int, temperature: float, seed: int) -> str:
    request = WritingRequest(prompt, length, SamplingOptions(temperature), seed)
    return "".join(piece.text for piece in passages.passages(loaded(path), request))


@pytest.mark.parametrize("prompt", PROMPTS, ids=["nothing", "half a word", "a blank", "of all kinds"])
def test_it_writes_the_same_greedy_text(any_model: Path, tmp_path: Path, prompt: str) -> None:
    script = travelled(any_model, tmp_path)
    assert run(script, prompt, 120, 0.0, 3) == wanted(any_model, prompt, 120, 0.0, 3)


@pytest.mark.parametrize("name", [*(cell for cell in FIELDS["cell"].options if cell != "lstm"), "pair"])
def test_it_knows_all_cells_and_several_networks(made_once: Make, pair: Trained, tmp_path: Path, name: str) -> None:
    model = (pair if name == "pair" else trained_cell(made_once, name)).path
    script = travelled(model, tmp_path)
    assert run(script, "The ", 120, 0.0, 1) == wanted(model, "The ", 120, 0.0, 1)


def test_a_model_of_voices_writes_as_one_that_was_asked_for_none_of_them(text: Path, tmp_path: Path) -> None:
    model, other, folder = tmp_path / "model", tmp_path / "other.txt", tmp_path / "travelled"
    folder.mkdir()
    other.write_text(text.read_text()[::-1])
    done = trainer("train", text, other, "--out", model, *SHALLOW, "--voices", "--steps", 24)
    assert done.code == 0, done.errors
    assert "inputs/voices" in load_file(model / WEIGHTS)
    script = travelled(model, folder)
    assert run(script, "The ", 120, 0.0, 1) == wanted(model, "The ", 120, 0.0, 1)


def test_the_models_above_have_rounds_of_a_mogrifier_and_skips(trained: Trained) -> None:
    recipe = loaded(trained.path).recipe
    assert recipe.mogrifier_rounds and recipe.skips and recipe.layers > 1


@pytest.mark.parametrize("prompt", ["The assert stat", "If the"], ids=["half a word", "a whole word"])
def test_with_a_temperature_it_draws_as_the_trainer_does(any_model: Path, tmp_path: Path, prompt: str) -> None:
    script = travelled(any_model, tmp_path)
    assert run(script, prompt, 60, 0.8, 7) == wanted(any_model, prompt, 60, 0.8, 7)


def test_it_is_short_and_needs_numpy_alone() -> None:
    source = SCRIPT.read_text()
    assert len(source.splitlines()) < 100
    imports = [line.split() for line in source.splitlines() if line.startswith(("import", "from"))]
    imported = {words[1].partition(".")[0] for words in imports}
    assert imported - set(sys.stdlib_module_names) == {"numpy"}
