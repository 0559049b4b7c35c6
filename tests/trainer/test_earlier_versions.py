"""Models and checkpoints that an earlier version made are still loaded, written with and gone on with.

`earlier_version/` was made by the version before its modules were sorted into packages: `finished` by a whole training
of 300 steps (its checkpoints left out), `stopped` by SIGTERM at step 101 of the same.
"""

import json
import shutil
from pathlib import Path

import pytest

from tests.trainer.conftest import trainer
from trainer.contract import events

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
        assert now["held_out"][part] == pytest.approx(losses, abs=0.01), part  # other processors round otherwise


def test_a_checkpoint_is_gone_on_with_to_the_end(stopped: Path) -> None:
    run = trainer("train", TEXT, "--out", stopped, "--resume", "--json")
    assert run.code == 0, run.errors
    assert run.named("started")[0]["step"] == 101
    assert run.named("finished")[0]["step"] == 300


def test_a_model_is_trained_further(tmp_path: Path) -> None:
    run = trainer("train", TEXT, "--from", KEPT / "finished", "--out", tmp_path / "more", "--steps", "20", "--json")
    assert run.code == 0, run.errors
    assert run.named("finished")[0]["step"] > 300


@pytest.mark.parametrize("folder", ["finished", "stopped"])
def test_what_it_told_is_understood(folder: str) -> None:
    for name in ("history.jsonl", "samples.jsonl"):
        lines = (KEPT / folder / name).read_text().splitlines()
        assert [events.read(json.loads(line)).to_json() for line in lines] == [json.loads(line) for line in lines]
