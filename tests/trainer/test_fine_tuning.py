"""Tests of training a finished model with another text: what it knows stays, and new symbols get rows."""

from pathlib import Path

import numpy as np
import pytest

from tests.trainer.conftest import SHALLOW, Running, Trained, trainer, without_times
from trainer.contract.continuing import FINE_TUNED_RATE, fine_tuned
from trainer.contract.layout import HISTORY, RECIPE, WEIGHTS
from trainer.contract.recipe import Recipe, RecipeProblem
from trainer.contract.sizing import resolve
from trainer.engine import symbol_rows
from trainer.storage.model_directory import ModelDirectory

MORE = ["--steps", "20", "--json", "--checkpoint-seconds", "0"]
LETTER = "Ihr habt geschrieben, daß die Äpfel reif sind; 👩‍🚀 grüßt, und der Hund schläft im Garten. "


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("letters") / "letters.txt"
    path.write_text(LETTER * 40, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def tuned(letters: Path, trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    model = tmp_path_factory.mktemp("tuned") / "model"
    done = trainer("train", letters, "--out", model, "--from", trained.path, *MORE)
    assert done.code == 0, done.errors
    return Trained(model, done)


def _recipe(model: Path) -> Recipe:
    return Recipe.from_json((model / RECIPE).read_text())


def test_its_first_evaluation_is_of_the_model_as_it_was_and_its_best_is_better(tuned: Trained) -> None:
    first, *_ = tuned.run.named("evaluated")
    assert first["step"] == 0
    assert tuned.run.events[-1]["best"] < first["best"]
    assert tuned.run.named("sample")[0]["step"] == 0


def test_the_network_stays_and_all_else_is_fitted_to_the_other_text(trained: Trained, tuned: Trained) -> None:
    old, new = _recipe(trained.path), _recipe(tuned.path)
    assert (new.units, new.layers, new.embedding, new.seed) == (old.units, old.layers, old.embedding, old.seed)
    assert (new.fine_tuned, new.first_step, new.steps) == (True, 0, 20)
    assert not old.fine_tuned


def test_it_knows_the_symbols_of_both_texts(trained: Trained, tuned: Trained) -> None:
    old, new = (set(ModelDirectory(each.path).vocabulary().symbols) for each in (trained, tuned))
    assert new == old | {"👩‍🚀", *LETTER.replace("👩‍🚀", "")}


def test_it_writes_and_is_scored(tuned: Trained, letters: Path) -> None:
    written = trainer("sample", tuned.path, "--prompt", "Äpfel 👩‍🚀", "--length", "30", "--json")
    assert written.code == 0, written.errors
    scored = trainer("score", tuned.path, letters, "--json")
    assert scored.code == 0, scored.errors


def test_rows_of_symbols_that_both_have_are_kept_and_new_ones_begin_as_the_escape() -> None:
    random = np.random.default_rng(0)
    names = {"inputs/embeddings": (4, 3), "recurrent_0/kernel": (3, 8), "outputs/kernel": (2, 4), "outputs/bias": (4,)}
    weights = {name: random.random(shape) for name, shape in names.items()}
    fresh = {"inputs/embeddings": random.random((5, 3))}
    places = np.array(
        [1, -1, 0, 2, 3]
    )  # of the other text's symbols, of which the second is new and the last the escape
    found = symbol_rows.fitted(weights, fresh, places)
    assert np.array_equal(found["inputs/embeddings"][[0, 2, 3, 4]], weights["inputs/embeddings"][[1, 0, 2, 3]])
    assert np.array_equal(found["inputs/embeddings"][1], fresh["inputs/embeddings"][1])
    assert np.array_equal(found["outputs/kernel"], weights["outputs/kernel"][:, [1, 3, 0, 2, 3]])
    assert np.array_equal(found["outputs/bias"], weights["outputs/bias"][[1, 3, 0, 2, 3]])
    assert found["recurrent_0/kernel"] is weights["recurrent_0/kernel"]


def test_killed_and_resumed_it_ends_in_the_same_bytes(
    letters: Path, trained: Trained, tuned: Trained, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    first = Running("train", letters, "--out", model, "--from", trained.path, *MORE)
    first.until("checkpoint", 8)
    first.kill()
    done = trainer("train", letters, "--out", model, "--resume", *MORE)  # the old model is not needed any more
    assert done.code == 0, done.errors
    assert done.events[0]["step"] > 0
    assert (model / WEIGHTS).read_bytes() == (tuned.path / WEIGHTS).read_bytes()
    assert without_times(model / HISTORY) == without_times(tuned.path / HISTORY)


def test_without_a_checkpoint_it_needs_the_model_that_it_began_with(
    letters: Path, tuned: Trained, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    model.mkdir()
    for name in ("recipe.json", "vocabulary.json"):
        (model / name).write_bytes((tuned.path / name).read_bytes())
    refused = trainer("train", letters, "--out", model, "--resume", "--json")
    assert refused.code == 2
    assert "--from" in refused.events[-1]["reason"]


def test_a_model_of_words_learns_another_text(letters: Path, text: Path, tmp_path: Path) -> None:
    first = trainer("train", text, "--out", tmp_path / "first", *SHALLOW, "--level", "word", "--steps", 8, "--json")
    assert first.code == 0, first.errors
    done = trainer("train", letters, "--out", tmp_path / "second", "--from", tmp_path / "first", "--steps", 8, "--json")
    assert done.code == 0, done.errors
    assert " geschrieben" in ModelDirectory(tmp_path / "second").vocabulary().symbols


def test_with_a_recipe_it_learns_its_own_text_anew(trained: Trained, text: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    done = trainer("train", text, "--out", model, "--from", trained.path, "--recipe", "quick", "--steps", 5, "--json")
    assert done.code == 0, done.errors
    new = _recipe(model)
    assert (new.fine_tuned, new.first_step, new.steps, new.units) == (True, 0, 5, _recipe(trained.path).units)


def test_what_stays_can_not_be_chosen(trained: Trained, letters: Path, tmp_path: Path) -> None:
    refused = trainer(
        "train", letters, "--out", tmp_path / "model", "--from", trained.path, "--units", "20", "--steps", "5"
    )
    assert refused.code == 2
    assert "units can't be chosen" in refused.errors
    old = _recipe(trained.path)
    assert fine_tuned(old, {"units": old.units, "steps": 5, "rate": 0.001}, 10_000, 50).rate == 0.001
    with pytest.raises(RecipeProblem, match="take another one"):
        fine_tuned(old, {"recipe": "tutorial"}, 10_000, 50)


def test_its_rate_is_lower_than_that_of_a_new_model(trained: Trained) -> None:
    old = _recipe(trained.path)
    new = resolve({"units": old.units, "layers": old.layers, "steps": 500}, 10_000, 50)
    assert fine_tuned(old, {"steps": 500}, 10_000, 50).rate == new.rate * FINE_TUNED_RATE
