"""Tests of models and checkpoints from an earlier version: they still load, write and resume.

The files in `earlier_version/` were written by the version before the modules were sorted into packages. `finished` is
a whole training of 300 steps, without its checkpoints. `stopped` is the same training, ended by SIGTERM at step 101.
"""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.trainer.conftest import trainer
from trainer.contract import events
from trainer.storage import checkpoints
from trainer.training.state import TrainingState

KEPT = Path(__file__).with_name("earlier_version")
TEXT = KEPT / "text.txt"


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT / "stopped", tmp_path / "stopped"))


def test_a_model_writes() -> None:
    run = trainer("sample", KEPT / "finished", "--prompt", "seen a note", "--length", "40", "--json")
    assert run.code == 0, run.errors
    assert sum(len(event["text"]) for event in run.named("text")) == 40
    assert not run.named("unknown")


def test_a_models_score_is_what_it_was() -> None:
    then = json.loads((KEPT / "finished" / "score.json").read_text())
    run = trainer("score", KEPT / "finished", TEXT, "--json")
    assert run.code == 0, run.errors
    now = json.loads(run.output)
    for part, losses in then["held_out"].items():
        assert now["held_out"][part] == pytest.approx(losses, abs=0.01), part  # other processors round differently


def test_a_checkpoint_is_gone_on_with_to_the_end(stopped: Path) -> None:
    run = trainer("train", TEXT, "--out", stopped, "--resume", "--json")
    assert run.code == 0, run.errors
    assert run.named("started")[0]["step"] == 101
    assert run.named("finished")[0]["step"] == 300


def test_every_field_of_a_checkpoints_state_is_taken_over(stopped: Path) -> None:
    (path,) = (stopped / "checkpoints").iterdir()
    saved = json.loads((path / "manifest.json").read_text())["facts"]
    found = checkpoints.load(path)
    assert found.training_state == saved
    numbered = {name: index for index, name in enumerate(saved, 1)}
    assert TrainingState.from_checkpoint(101, numbered) == TrainingState(
        step=101,
        seconds=1,
        stalled_seconds=2,
        progress_loss_sum=3,
        progress_loss_steps=4,
        train_loss_sum=5,
        train_loss_steps=6,
        best_train_loss=7,
        evaluated_step=8,
        best=9,
        best_step=10,
        earlier=11,
        earlier_step=12,
        evaluations_without_gain=13,
        rollbacks=14,
        rollback_step=15,
        rollback_message=16,  # type: ignore[arg-type]
        history_bytes=17,
        samples_bytes=18,
    )


def test_what_a_training_saves_is_its_state_again() -> None:
    state = TrainingState(step=7, best=1.5, rollbacks=2, rollback_message="It diverged.", samples_bytes=9)
    assert TrainingState.from_checkpoint(7, json.loads(json.dumps(asdict(state)))) == state


def test_a_model_is_trained_further(tmp_path: Path) -> None:
    run = trainer("train", TEXT, "--from", KEPT / "finished", "--out", tmp_path / "more", "--steps", "20", "--json")
    assert run.code == 0, run.errors
    assert run.named("finished")[0]["step"] > 300


@pytest.mark.parametrize("folder", ["finished", "stopped"])
def test_what_it_told_is_understood(folder: str) -> None:
    for name in ("history.jsonl", "samples.jsonl"):
        lines = (KEPT / folder / name).read_text().splitlines()
        for told in map(json.loads, lines):
            assert events.read(told).to_json().items() >= told.items()
