"""Tests of training a finished model further: from its best weights, with a new schedule."""

import json
import shutil
from pathlib import Path

import pytest

from tests.trainer.conftest import Running, Trained, trainer, without_times
from trainer.contract.continuing import further
from trainer.contract.layout import HISTORY, SAMPLES, WEIGHTS
from trainer.contract.recipe import Recipe, RecipeProblem

MORE = ["--steps", "30", "--json", "--checkpoint-seconds", "0"]


@pytest.fixture(scope="module")
def longer(text: Path, trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    model = tmp_path_factory.mktemp("longer") / "model"
    done = trainer("train", text, "--out", model, "--from", trained.path, *MORE)
    assert done.code == 0, done.errors
    return Trained(model, done)


def _recipe(model: Path) -> Recipe:
    return Recipe.from_json((model / "recipe.json").read_text())


def test_it_goes_on_from_the_best_weights_and_is_better_in_the_end(trained: Trained, longer: Trained) -> None:
    before, after = trained.run.events[-1], longer.run.events[-1]
    assert longer.run.events[0]["step"] == before["best_step"]
    assert after["step"] == before["best_step"] + 30
    assert after["best"] < before["best"]
    assert after["best_step"] > before["best_step"]


def test_the_network_stays_and_the_schedule_is_new(trained: Trained, longer: Trained) -> None:
    old, new = _recipe(trained.path), _recipe(longer.path)
    assert (new.units, new.layers, new.batch, new.sequence, new.seed) == (
        old.units, old.layers, old.batch, old.sequence, old.seed,
    )  # fmt: skip
    assert new.rate == old.rate / 2
    assert (new.steps, new.first_step) == (30, trained.run.events[-1]["best_step"])
    done = [event["done"] for event in longer.run.named("progress")]
    assert done == sorted(done)
    assert done[0] < 0.2


def test_its_history_begins_with_that_of_the_model_it_went_on_from(trained: Trained, longer: Trained) -> None:
    first = _recipe(longer.path).first_step
    before = [line for line in without_times(trained.path / HISTORY) if line["step"] <= first]
    found = without_times(longer.path / HISTORY)
    assert found[: len(before)] == before
    assert [line["step"] for line in found] == sorted(line["step"] for line in found)
    assert json.loads((longer.path / SAMPLES).read_text().splitlines()[0])["step"] <= first


def test_killed_and_resumed_it_ends_in_the_same_bytes(
    text: Path, trained: Trained, longer: Trained, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    first = Running("train", text, "--out", model, "--from", trained.path, *MORE)
    first.until("checkpoint", 12)
    first.kill()
    done = trainer("train", text, "--out", model, "--resume", *MORE)  # the old model is not needed any more
    assert done.code == 0, done.errors
    assert done.events[0]["step"] > _recipe(model).first_step
    assert (model / WEIGHTS).read_bytes() == (longer.path / WEIGHTS).read_bytes()
    assert without_times(model / HISTORY) == without_times(longer.path / HISTORY)


def test_without_a_checkpoint_it_begins_again_from_the_old_model(
    text: Path, trained: Trained, longer: Trained, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    first = Running("train", text, "--out", model, "--from", trained.path, *MORE)
    first.until("progress", 2)
    first.kill()
    for checkpoint in (model / "checkpoints").iterdir():
        checkpoint.rename(tmp_path / checkpoint.name)
    refused = trainer("train", text, "--out", model, "--resume", "--json")
    assert refused.code == 2
    assert "--from" in refused.events[-1]["reason"]
    done = trainer("train", text, "--out", model, "--resume", "--from", trained.path, *MORE)
    assert done.code == 0, done.errors
    assert (model / WEIGHTS).read_bytes() == (longer.path / WEIGHTS).read_bytes()
    assert without_times(model / HISTORY) == without_times(longer.path / HISTORY)


def test_a_model_that_gets_no_better_keeps_its_best(text: Path, trained: Trained, tmp_path: Path) -> None:
    model = tmp_path / "model"
    done = trainer("train", text, "--out", model, "--from", trained.path, "--steps", 1, "--json")
    assert done.code == 0, done.errors
    assert done.events[-1]["best"] <= trained.run.events[-1]["best"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ([], "takes a budget"),
        (["--units", "20", "--steps", "5"], "takes a budget"),
        (["--recipe", "tutorial", "--steps", "5"], "tutorial recipe is for new models"),
    ],
)
def test_only_a_budget_may_be_chosen(text: Path, trained: Trained, tmp_path: Path, more: list[str], told: str) -> None:
    refused = trainer("train", text, "--out", tmp_path / "model", "--from", trained.path, *more)
    assert refused.code == 2
    assert told in refused.errors


def test_a_folder_without_a_model_is_refused(text: Path, tmp_path: Path) -> None:
    refused = trainer("train", text, "--out", tmp_path / "model", "--from", tmp_path, "--steps", 5)
    assert refused.code == 2
    assert len(refused.errors.splitlines()) == 1


def test_the_budget_is_checked(trained: Trained) -> None:
    with pytest.raises(RecipeProblem, match="from 1 to"):
        further(_recipe(trained.path), 60, {"steps": 0}, 10_000, 50, 16_000.0)


def test_a_rate_is_halved_no_further_than_a_recipe_may_hold(trained: Trained) -> None:
    recipe = _recipe(trained.path)
    for _ in range(20):
        recipe = Recipe.from_json(further(recipe, 10, {"steps": 5}, 10_000, 70, 16_000.0).to_json())
    assert recipe.rate == 0.00001


def test_a_model_without_its_history_is_trained_further_too(text: Path, shallow: Trained, tmp_path: Path) -> None:
    """The site has history and samples as rows of its database, and stores a model without these files."""
    source = tmp_path / "source"
    shutil.copytree(shallow.path, source)
    for name in (HISTORY, SAMPLES):
        (source / name).unlink()
    done = trainer("train", text, "--out", tmp_path / "model", "--from", source, "--steps", 2, "--json")
    assert done.code == 0, done.errors


def test_a_sample_with_another_systems_line_end_is_told_on(text: Path, shallow: Trained, tmp_path: Path) -> None:
    source, model = tmp_path / "source", tmp_path / "model"
    shutil.copytree(shallow.path, source)
    line = json.dumps({"event": "sample", "step": 1, "text": "one\u2028two"}, ensure_ascii=False) + "\n"
    (source / SAMPLES).write_text(line, encoding="utf-8")
    done = trainer("train", text, "--out", model, "--from", source, "--steps", 2, "--json")
    assert done.code == 0, done.errors
    assert (model / SAMPLES).read_text(encoding="utf-8").startswith(line)
