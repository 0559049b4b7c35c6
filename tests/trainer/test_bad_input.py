"""Tests of bad input: it ends with one clear line and exit code 2, before TensorFlow is imported."""

from pathlib import Path

import pytest

from tests.trainer.conftest import Trained, trainer


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"x" * 5000, "one character repeated"),
        (b"Too short.", "at least 1,000"),
        (b"\x7fELF\x00\x01" + bytes(range(256)) * 20, "plain text"),
    ],
)
def test_a_text_that_cannot_be_trained_on(content: bytes, says: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.txt"
    file.write_bytes(content)
    run = trainer("train", file, "--out", tmp_path / "model", "--json")
    assert run.code == 2
    assert says in run.errors and len(run.errors.splitlines()) == 1
    assert run.events[-1]["event"] == "failed" and says in run.events[-1]["reason"]
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--units", "0"], "units has to be from 8"),
        (["--rate", "nan"], "rate has to be a number"),
        (["--minutes", "1", "--epochs", "2"], "one budget"),
        (["--recipe", "tutorial", "--layers", "3"], "tutorial"),
        (["--cell", "perceptron"], "invalid choice"),
        (["--nonsense"], "unrecognized"),
    ],
)
def test_a_recipe_that_cannot_be_followed(options: list[str], says: str, text: Path, tmp_path: Path) -> None:
    run = trainer("train", text, "--out", tmp_path / "model", *options)
    assert run.code == 2
    assert says in run.errors and len(run.errors.splitlines()) == 1


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    run = trainer("train", tmp_path / "nowhere.txt", "--out", tmp_path / "model")
    assert run.code == 2
    assert "there is no such file" in run.errors


@pytest.mark.parametrize(
    "command", [["sample"], ["score"], ["inspect", "--text", "x"]], ids=["sample", "score", "inspect"]
)
def test_a_folder_without_a_model(command: list[str], text: Path, tmp_path: Path) -> None:
    files = [text] if command[0] == "score" else []
    run = trainer(command[0], tmp_path, *files, *command[1:])
    assert run.code == 2
    assert "no model" in run.errors


@pytest.mark.parametrize("options", [["--temperature", "-1"], ["--top-p", "0"], ["--length", "0"], ["--seed", "-1"]])
def test_a_sampling_option_out_of_its_limits(options: list[str], trained: Trained) -> None:
    run = trainer("sample", trained.path, *options)
    assert run.code == 2
    assert len(run.errors.splitlines()) == 1
