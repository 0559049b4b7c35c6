"""Tests of trainings that end early: on request, without their supervisor, or with too little disk or memory."""

import resource
import signal
from pathlib import Path

import pytest

from tests.trainer.conftest import SHALLOW, Event, Running, checkpoint_steps, trainer
from trainer.storage.checkpoints import newest_sound
from trainer.storage.model_directory import ModelDirectory

LONG = ["--steps", "100000"]


def test_a_stopped_training_leaves_a_checkpoint_and_a_model_to_read(text: Path, tmp_path: Path) -> None:
    training = Running("train", text, "--out", tmp_path / "model", *SHALLOW, *LONG, "--json")
    training.until("evaluated")
    assert training.end(signal.SIGTERM) == 3
    assert newest_sound(tmp_path / "model" / "checkpoints") is not None
    ModelDirectory(tmp_path / "model").check()


def test_without_its_supervisor_it_stops_by_itself(text: Path, tmp_path: Path) -> None:
    command = ["train", text, "--out", tmp_path / "model", *SHALLOW, *LONG, "--json", "--supervised"]
    training = Running(*command, "--checkpoint-seconds", 100_000)
    training.until("sample")
    training.until("progress")  # everything is compiled now, so 9 seconds are enough to stop; then the alarm comes
    assert not checkpoint_steps(tmp_path / "model")
    training.process.stdin.close()
    assert training.code() in (3, -signal.SIGALRM)
    assert newest_sound(tmp_path / "model" / "checkpoints") is not None


def test_where_no_checkpoint_can_be_written_it_warns_and_goes_on(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit on the size of files simulates a full disk: the weights fit, a checkpoint does not."""
    monkeypatch.delenv("TF_XLA_FLAGS")  # the store of compiled programs would meet the limit
    options = ["--embedding", "8", "--steps", "20", "--checkpoint-seconds", "0", "--json"]
    limits = {resource.RLIMIT_FSIZE: 40_000}
    run = trainer("train", text, "--out", tmp_path / "model", *SHALLOW, *options, limits=limits)
    assert run.code == 0, run.errors
    assert "could not be written" in run.named("warning")[0]["reason"]
    assert not run.named("checkpoint")
    assert run.events[-1]["event"] == "finished"
    ModelDirectory(tmp_path / "model").check()
    assert not list((tmp_path / "model" / "checkpoints").iterdir())


def test_out_of_memory_is_said_with_advice(text: Path, tmp_path: Path) -> None:
    long = tmp_path / "long.txt"
    long.write_text(text.read_text() * 25)  # else the recipe gets a smaller batch
    big = ["--units", "512", "--batch", "128", "--sequence", "1024", "--steps", "3"]
    limits = {resource.RLIMIT_AS: 4 << 30}
    run = trainer("train", long, "--out", tmp_path / "model", *big, "--json", limits=limits)
    if run.code == -signal.SIGABRT:  # the compiler inside TensorFlow ran out of memory; the site knows this signal
        assert "Unable to allocate" in run.errors or "bad_alloc" in run.errors
        return
    assert run.code == 4, run.errors
    failed: Event = run.named("failed")[0]
    assert "memory" in failed["reason"] and "batch" in failed["advice"]


def test_weights_that_are_no_numbers_any_more_are_gone_back_from(text: Path, tmp_path: Path) -> None:
    command = ["train", text, "--out", tmp_path / "model", *SHALLOW, "--steps", 30, "--json", "--resume"]
    training = Running(*command, "--checkpoint-seconds", "0")
    training.until("checkpoint", 3)
    training.kill()
    _poison(tmp_path / "model" / "checkpoints")
    run = trainer(*command)
    assert run.code == 0, run.errors
    assert "no longer a number" in run.named("started")[-1]["went_back"]
    assert run.events[-1]["event"] == "finished"


def _poison(folder: Path) -> None:
    from trainer.storage.checkpoints import save

    checkpoint = newest_sound(folder)
    assert checkpoint is not None
    checkpoint.arrays["weights/outputs/bias"][:] = float("nan")
    save(folder, checkpoint)
