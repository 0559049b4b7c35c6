"""Tests of early ending: a training ends once its held-out loss has risen for long, or after its most steps."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.conftest import Running, Trained, assert_same_training, trainer
from trainer.contract import continuing, sizing
from trainer.contract.documents import sample_text
from trainer.contract.recipe import Recipe
from trainer.data import corpus as corpora
from trainer.storage.model_directory import ModelDirectory
from trainer.training import early_ending
from trainer.training.state import TrainingState

#: These learn a short text by heart long before their last step.
EAGER = {"units": 96, "layers": 1, "rate": 0.03, "dropout": 0.0, "steps": 600}
Begin = Callable[[Path, Recipe], list[object]]


@pytest.fixture(scope="module")
def begin(tmp_path_factory: pytest.TempPathFactory) -> Begin:
    """Return a function that begins a training of a short text by a recipe, and returns the command to go on."""
    text = tmp_path_factory.mktemp("short") / "short.txt"
    text.write_text(sample_text()[:2000], encoding="utf-8")
    vocabulary = corpora.read([text], False, 1, "char", False).vocabulary

    def begin(model: Path, recipe: Recipe) -> list[object]:
        model.mkdir()
        ModelDirectory(model).begin(recipe, vocabulary)
        return ["train", text, "--out", model, "--resume", "--json"]

    return begin


def eager() -> Recipe:
    recipe = sizing.resolve(EAGER, 1800, 60, threads=1)
    return replace(recipe, ends_early=True, evaluate_every=20, first_evaluation=20)


@pytest.fixture(scope="module")
def risen(begin: Begin, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    path = tmp_path_factory.mktemp("risen") / "model"
    run = trainer(*begin(path, eager()))
    assert run.code == 0, run.errors
    return Trained(path, run)


def test_it_ends_once_the_loss_on_held_out_text_has_risen_for_long_and_says_so(risen: Trained) -> None:
    finished = risen.run.events[-1]
    assert finished["step"] < EAGER["steps"]
    assert finished["stopped_early"] == (
        f"It ended early, at step {finished['step']}: the loss on held-out text had risen since step "
        f"{finished['best_step']}, so more time would bring nothing. The weights of that step are kept."
    )


def test_it_says_that_the_loss_rises_before_it_ends(risen: Trained) -> None:
    best_step = risen.run.events[-1]["best_step"]
    told = [event["rise"] for event in risen.run.named("evaluated") if event["step"] > best_step]
    assert told[:2] == ["", ""] and len(told) >= 6
    assert told[-1].startswith(f"The loss on held-out text has risen since step {best_step}:")
    assert "fewer units or more dropout" in told[-1]


def test_the_best_weights_are_kept_and_the_score_is_theirs(risen: Trained) -> None:
    finished, samples = risen.run.events[-1], risen.run.named("sample")
    assert ModelDirectory(risen.path).step() == finished["best_step"] == samples[-1]["step"]
    losses = {event["step"]: event["carried"] for event in risen.run.named("evaluated")}
    assert losses[finished["best_step"]] == min(losses.values()) == finished["best"]
    assert finished["score"]["held_out"]["first_half"]["carried"] == pytest.approx(finished["best"], abs=1e-5)


def test_killed_and_resumed_it_ends_at_the_same_step_in_the_same_bytes(
    risen: Trained, begin: Begin, tmp_path: Path
) -> None:
    command = begin(tmp_path / "model", eager())
    first = Running(*command, "--checkpoint-seconds", "0")
    first.until("evaluated", len(risen.run.named("evaluated")) - 1)
    first.kill()
    second = trainer(*command)
    assert second.events[0]["step"] > 0
    assert second.events[-1]["step"] == risen.run.events[-1]["step"]
    assert_same_training(tmp_path / "model", risen.path)


def test_a_budget_in_minutes_is_over_after_its_most_steps_and_says_so(begin: Begin, tmp_path: Path) -> None:
    recipe = sizing.resolve({"minutes": 600.0, "units": 16, "layers": 1}, 1800, 60, threads=1)
    run = trainer(*begin(tmp_path / "model", replace(recipe, most_steps=30)))
    assert run.code == 0, run.errors
    assert run.named("started")[0]["steps"] == 30
    assert run.named("progress")[-1]["done"] == 1.0
    finished = run.events[-1]
    assert (finished["step"], finished["stopped_early"]) == (
        30,
        "It ended before its 600 minutes were over: for a text of this length, more reading would bring little.",
    )


def evaluated(*losses: float) -> TrainingState:
    """Return the state after evaluations with these held-out losses, one after each step."""
    state = TrainingState()
    for loss in losses:
        state = state.learned(1.0).evaluated(loss)
    return state


@pytest.mark.parametrize(
    ("losses", "is_told", "is_due"),
    [
        ([2.0, 1.5, 1.6, 1.7], False, False),
        ([2.0, 1.5, 1.6, 1.7, 1.8], True, False),
        ([1.5, *[1.6] * 5], True, False),
        ([1.5, *[1.6] * 6], True, True),
        ([1.5, *[1.505] * 9], False, False),
        ([1.5, *[1.6] * 9, 1.4], False, False),
    ],
)
def test_a_rise_is_clear_and_lasts(losses: list[float], is_told: bool, is_due: bool) -> None:
    state = evaluated(*losses)
    assert bool(early_ending.rise(eager(), state)) == is_told
    assert early_ending.is_due(eager(), state) == is_due
    assert not early_ending.is_due(replace(eager(), ends_early=False), state)


def test_above_the_model_that_it_began_with_nothing_is_said_to_be_learned_by_heart() -> None:
    recipe = replace(eager(), first_step=40)
    begun = TrainingState(step=40).begun_with_best(1.2)
    for loss in (1.6, 1.4, 1.3, 1.3, 1.3, 1.3, 1.3):
        begun = begun.learned(1.0).evaluated(loss)
    assert early_ending.rise(recipe, begun) == ""
    assert not early_ending.is_due(recipe, begun)


@pytest.mark.parametrize("preset", ["quick", "balanced", "best"])
def test_who_counts_minutes_may_get_fewer_and_who_counts_steps_or_epochs_gets_all(preset: str) -> None:
    def found(**choices: Any) -> Recipe:
        return sizing.resolve({"recipe": preset, **choices}, 90_000, 70)

    assert found().ends_early and found().most_steps
    assert found(minutes=5.0).ends_early
    for budget in ({"steps": 50}, {"epochs": 5}):
        assert (found(**budget).ends_early, found(**budget).most_steps) == (False, None)
    further = continuing.further(found(), 500, {"minutes": 5.0}, 90_000, 70, 16_000.0)
    assert not further.ends_early and further.most_steps
    assert continuing.further(found(), 500, {"epochs": 5}, 90_000, 70, 16_000.0).most_steps is None


def test_the_tutorial_takes_all_of_its_minutes() -> None:
    recipe = sizing.resolve({"recipe": "tutorial", "minutes": 5.0}, 90_000, 70)
    assert (recipe.ends_early, recipe.most_steps) == (False, None)
