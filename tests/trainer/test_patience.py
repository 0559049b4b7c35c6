"""Tests of patience: a training ends early if it does not get better any more."""

import json
from pathlib import Path

import pytest

from tests.trainer.conftest import SHALLOW, Running, Trained, assert_same_training, trainer
from trainer.contract import continuing, sizing
from trainer.contract.documents import sample_text

#: A text that is learned by heart long before the end of the budget.
OPTIONS = [*SHALLOW, "--units", "64", "--rate", "0.03", "--dropout", "0", "--steps", "400", "--json"]


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("short") / "short.txt"
    path.write_text(sample_text()[:2000], encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def stopped(short: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    path = tmp_path_factory.mktemp("stopped") / "model"
    run = trainer("train", short, "--out", path, *OPTIONS, "--patience", "2")
    assert run.code == 0, run.errors
    return Trained(path, run)


def test_it_ends_after_so_many_evaluations_that_brought_nothing_better_and_says_so(stopped: Trained) -> None:
    finished = stopped.run.events[-1]
    assert finished["step"] < 400
    after = [event for event in stopped.run.named("evaluated") if event["step"] > finished["best_step"]]
    assert len(after) == 2
    assert finished["stopped_early"] == (
        f"It stopped early, at step {finished['step']}: 2 evaluations in a row brought nothing better than step "
        f"{finished['best_step']}."
    )


def test_the_last_sample_is_written_by_the_weights_that_are_kept(short: Path, stopped: Trained, tmp_path: Path) -> None:
    best, samples = stopped.run.events[-1]["best_step"], stopped.run.named("sample")
    assert best < stopped.run.events[-1]["step"]
    assert [event["event"] for event in stopped.run.events[-3:]] == ["checkpoint", "sample", "finished"]
    assert [sample for sample in samples if sample["step"] == best] == [samples[-1], samples[-1]]
    told = [json.loads(line) for line in (stopped.path / "samples.jsonl").read_text().splitlines()]
    assert told == samples
    further = trainer("train", short, "--out", tmp_path / "model", "--from", stopped.path, "--steps", 2, "--json")
    assert further.code == 0, further.errors
    steps = [json.loads(line)["step"] for line in (tmp_path / "model" / "samples.jsonl").read_text().splitlines()]
    assert steps[: steps.index(best) + 1] == sorted({sample["step"] for sample in samples if sample["step"] <= best})


def test_killed_and_resumed_it_ends_at_the_same_step_in_the_same_bytes(
    short: Path, stopped: Trained, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    command = ["train", short, "--out", model, *OPTIONS, "--patience", "2", "--resume"]
    first = Running(*command, "--checkpoint-seconds", "0")
    first.until("evaluated", len(stopped.run.named("evaluated")) - 1)
    first.kill()
    second = trainer(*command)
    assert second.events[0]["step"] > 0
    assert second.events[-1]["step"] == stopped.run.events[-1]["step"]
    assert_same_training(model, stopped.path)


def test_training_further_takes_a_patience_of_its_own() -> None:
    recipe = sizing.resolve({"steps": 400, "patience": 2}, 1800, 60)
    assert continuing.further(recipe, 200, {"steps": 5}, 1800, 60, 16_000.0).patience is None
    assert continuing.further(recipe, 200, {"steps": 5, "patience": 3}, 1800, 60, 16_000.0).patience == 3
