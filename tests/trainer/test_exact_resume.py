"""Tests of exact resume: a training that was killed and resumed ends with the same bytes and the same history."""

import signal
from pathlib import Path

from tests.trainer.conftest import TINY, Running, Trained, assert_same_training, checkpoint_steps, trainer
from trainer.contract.layout import WEIGHTS


def _newest_state(model: Path) -> Path:
    return max((model / "checkpoints").glob("step-*")) / "state.safetensors"


def test_killed_stopped_and_with_damaged_checkpoints_it_ends_in_the_same_bytes(
    text: Path, trained: Trained, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    command = ["train", text, "--out", model, *TINY, "--steps", 60, "--json", "--resume", "--checkpoint-seconds", "0"]

    first = Running(*command)
    first.until("checkpoint", 14)
    first.kill()
    state = _newest_state(model)
    state.write_bytes(state.read_bytes()[:-100])
    *_, before_newest, _newest = checkpoint_steps(model)

    second = Running(*command)
    assert second.until("started")["step"] == before_newest > 10
    second.until("checkpoint", 10)
    assert second.end(signal.SIGTERM) == 3
    state = _newest_state(model)
    altered = bytearray(state.read_bytes())
    altered[-1] ^= 1
    state.write_bytes(altered)
    *_, before_newest, _newest = checkpoint_steps(model)

    third = trainer(*command)
    assert third.code == 0, third.errors
    assert third.events[0]["step"] == before_newest > 20
    assert_same_training(model, trained.path)


def test_the_tutorial_resumes_exactly_too(text: Path, trained_tutorial: Trained, tmp_path: Path) -> None:
    model = tmp_path / "model"
    options = ["--recipe", "tutorial", "--units", "12", "--steps", "40", "--seed", "3", "--threads", "2"]
    command = ["train", text, "--out", model, *options, "--json", "--resume", "--checkpoint-seconds", "0"]
    first = Running(*command)
    first.until("checkpoint", 17)
    first.kill()
    assert trainer(*command).code == 0
    assert_same_training(model, trained_tutorial.path)


def test_a_study_is_not_overwritten_without_resume(text: Path, trained: Trained) -> None:
    before = (trained.path / WEIGHTS).stat().st_mtime_ns
    again = trainer("train", text, "--out", trained.path, *TINY, "--steps", 5)
    assert again.code == 2
    assert "holds a study already" in again.errors
    assert (trained.path / WEIGHTS).stat().st_mtime_ns == before


def test_another_text_does_not_resume_a_study(trained: Trained, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("something else entirely. " * 100)
    again = trainer("train", other, "--out", trained.path, "--resume", "--json")
    assert again.code == 2
    assert "another text" in again.events[-1]["reason"]


def test_where_there_is_no_sound_checkpoint_it_starts_anew(text: Path, trained: Trained, tmp_path: Path) -> None:
    model = tmp_path / "model"
    command = ["train", text, "--out", model, *TINY, "--steps", 60, "--json", "--resume"]
    first = Running(*command, "--checkpoint-seconds", "0")
    first.until("checkpoint", 3)
    first.kill()
    for checkpoint in (model / "checkpoints").glob("step-*"):
        for file in checkpoint.iterdir():
            file.write_bytes(b"{}")
    again = trainer(*command)
    assert again.events[0]["step"] == 0
    assert_same_training(model, trained.path)
