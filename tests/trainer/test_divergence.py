"""Tests of divergence: a training returns to its best weights with half the rate, and fails if that never helps."""

import math
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.conftest import Running, Trained, assert_same_training, checkpoint_steps, trainer, without_times
from trainer.contract.layout import HISTORY
from trainer.training import divergence
from trainer.training.divergence import Diverged
from trainer.training.state import TrainingState

# A plain network of this width diverges at this rate, and learns at half of it.
WILD = ["--cell", "rnn", "--layers", "1", "--units", "512", "--rate", "0.05", "--batch", "4", "--sequence", "4"]
OPTIONS = [*WILD, "--steps", "30", "--seed", "2", "--threads", "2", "--json"]


@pytest.fixture(scope="module")
def recovered(text: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    path = tmp_path_factory.mktemp("recovered") / "model"
    run = trainer("train", text, "--out", path, *OPTIONS)
    assert run.code == 0, run.errors
    return Trained(path, run)


def test_it_goes_back_to_its_best_and_learns(recovered: Trained) -> None:
    first, again = recovered.run.named("started")
    assert first["went_back"] == ""
    assert 0 < again["step"] < 30
    assert "The loss jumped" in again["went_back"]
    assert f"went back to step {again['step']} and went on with half of its learning rate" in again["went_back"]
    finished = recovered.run.events[-1]
    assert (finished["step"], finished["event"]) == (30, "finished")
    assert finished["best"] < math.log(first["vocabulary"])


def test_what_it_told_of_the_steps_after_is_forgotten(recovered: Trained) -> None:
    evaluated = [line["step"] for line in without_times(recovered.path / HISTORY) if line["event"] == "evaluated"]
    assert evaluated == [8, 16, 24, 30]


def test_killed_before_and_after_it_goes_back_it_ends_in_the_same_bytes(
    text: Path, recovered: Trained, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    command = ["train", text, "--out", model, *OPTIONS, "--resume", "--checkpoint-seconds", "0"]
    first = Running(*command)
    first.until("checkpoint", 10)
    first.kill()
    newest = checkpoint_steps(model)[-1]

    second = Running(*command)
    assert second.until("started")["step"] == newest
    back = second.until("started")
    assert second.until("checkpoint", 2)["step"] in (back["step"], back["step"] + 1)
    second.kill()
    newest = checkpoint_steps(model)[-1]

    third = trainer(*command)
    assert third.code == 0, third.errors
    assert third.events[0]["went_back"] == back["went_back"]
    assert third.events[0]["step"] == newest
    assert_same_training(model, recovered.path)


def test_after_three_times_it_fails_with_advice(text: Path, tmp_path: Path) -> None:
    options = [*OPTIONS, "--units", "1024", "--rate", "0.1", "--sequence", "8", "--steps", "100"]
    run = trainer("train", text, "--out", tmp_path / "model", *options)
    assert run.code == 1
    assert len(run.named("started")) == 4
    failed = run.events[-1]
    assert failed["event"] == "failed"
    assert "had gone back 3 times" in failed["reason"]
    assert failed["advice"] == "Train with a learning rate below 0.0125, or fewer units."
    assert f"{failed['reason']} {failed['advice']}" in run.errors


def _state(train_loss: float, **values: Any) -> TrainingState:
    """Return the state of a training with this mean training loss since the last evaluation."""
    return TrainingState(step=1234, train_loss_steps=10, train_loss_sum=10 * train_loss, **values)


def _learned(train_loss: float) -> TrainingState:
    return _state(train_loss, best=1.5, best_train_loss=1.4)


@pytest.mark.parametrize(
    ("held_out", "train_loss", "what"),
    [
        (9.0, 1.0, "a short text is learned by heart"),
        (1.6, 9.0, "the text gets harder"),
        (2.4, 2.3, "less than a nat"),
    ],
)
def test_what_a_healthy_training_does_is_no_divergence(held_out: float, train_loss: float, what: str) -> None:
    divergence.check_jump(held_out, _learned(train_loss), symbols=60)


def test_losses_that_both_rise_are_divergence() -> None:
    with pytest.raises(Diverged, match=r"jumped by 3\.6 bits"):
        divergence.check_jump(4.0, _learned(2.5), symbols=60)


def test_before_anything_is_learned_knowing_nothing_is_the_measure() -> None:
    divergence.check_jump(9.0, _state(math.log(60) + 0.9), symbols=60)
    with pytest.raises(Diverged):
        divergence.check_jump(9.0, _state(math.log(60) + 1.1), symbols=60)


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_divergence(loss: float) -> None:
    with pytest.raises(Diverged, match="no longer a number at step 1,234"):
        divergence.check_number(loss, 1234)
    with pytest.raises(Diverged):
        divergence.check_jump(loss, _learned(1.0), symbols=60)
