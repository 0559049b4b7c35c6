"""Tests of several networks whose expectations are averaged."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.conftest import OF_PAIR, Running, Trained, trainer, without_times
from trainer.contract.layout import HISTORY, WEIGHTS
from trainer.contract.recipe import RecipeProblem, check
from trainer.contract.sizing import resolve

SMALL = resolve({"steps": 10, "units": 8, "layers": 2, "networks": 2, "embedding": 5}, 10_000, 12)


def test_its_probabilities_are_the_mean_of_its_members() -> None:
    from trainer.engine.committee import Committee

    network = Committee(SMALL, 12, gpu=False)
    ids = np.random.default_rng(0).integers(0, 12, (3, 7))
    logits, states = network(ids, network.zero_states(3))
    alone = [member(ids, member.zero_states(3)) for member in network.members]
    mean = np.mean([_probabilities(found) for found, _ in alone], 0)
    assert np.allclose(np.exp(logits), mean, atol=1e-6)
    assert not np.allclose(_probabilities(alone[0][0]), _probabilities(alone[1][0]))
    step = network.zero_states(3)
    for place in range(7):
        found, step = network.step(ids[:, place], step)
        assert np.allclose(np.exp(found), mean[:, place], atol=1e-5)
    for one, other in zip(states, step, strict=True):
        assert np.allclose(one[0], other[0], atol=1e-5)


def _probabilities(logits: np.ndarray) -> np.ndarray:
    shares: np.ndarray = np.exp(np.asarray(logits))
    shares /= shares.sum(-1, keepdims=True)
    return shares


def test_its_first_member_learns_as_it_would_alone() -> None:
    """The members' gradients, masks and steps do not mix; only the clipping looks at all of them."""
    from trainer.procedures import choice

    recipe = replace(SMALL, dropout=0.3, weight_drop=0.2, input_dropout=0.1, sequence_masks=True, batch=4, sequence=6)
    ids = np.random.default_rng(1).integers(0, 12, (4, 6))
    losses, weights = [], []
    for networks in (1, 2):
        learner = choice.procedure_of(replace(recipe, networks=networks)).learner(12)
        losses.append([learner.learn(step, ids, ids, step == 0, 1e-4) for step in range(3)])
        weights.append(learner.network.members[0].variables)
    assert losses[0] != losses[1]
    for name, alone in weights[0].items():
        assert np.allclose(alone, weights[1][name], atol=5e-5), name


def test_it_is_scored_writes_and_is_looked_into(pair: Trained, text: Path) -> None:
    assert trainer("score", pair.path, text, "--json").code == 0
    written = [trainer("sample", pair.path, "--seed", 7, "--length", 60, "--json").output for _ in range(2)]
    assert written[0] == written[1]
    looked = trainer("inspect", pair.path, "--text", "the", "--json")
    assert looked.code == 0, looked.errors


def test_killed_and_resumed_it_ends_in_the_same_bytes(text: Path, pair: Trained, tmp_path: Path) -> None:
    model = tmp_path / "model"
    first = Running("train", text, "--out", model, *OF_PAIR, "--json")
    first.until("checkpoint", 8)
    first.kill()
    done = trainer("train", text, "--out", model, "--resume", *OF_PAIR, "--json")
    assert done.code == 0, done.errors
    assert done.events[0]["step"] > 0
    assert (model / WEIGHTS).read_bytes() == (pair.path / WEIGHTS).read_bytes()
    assert without_times(model / HISTORY) == without_times(pair.path / HISTORY)


def test_it_learns_another_text(pair: Trained, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Äpfel und Birnen fallen im Garten. " * 60, encoding="utf-8")
    done = trainer("train", other, "--out", tmp_path / "model", "--from", pair.path, "--steps", 8, "--json")
    assert done.code == 0, done.errors
    assert done.events[0]["recipe"]["networks"] == 2


@pytest.mark.parametrize("choices", [{}, {"recipe": "balanced", "networks": 3}, {"minutes": 8.0}])
def test_each_network_needs_its_minutes(choices: dict[str, object]) -> None:
    with pytest.raises(RecipeProblem, match="minutes or more"):
        check({"networks": 2, **choices})


def test_a_budget_of_enough_minutes_or_of_steps_may_have_several() -> None:
    for choices in ({"recipe": "balanced"}, {"minutes": 10.0}, {"steps": 5}, {"epochs": 1}):
        assert check({"networks": 2, **choices})["networks"] == 2


def test_two_networks_take_the_time_of_two() -> None:
    one, two = (resolve({"minutes": 10.0, "networks": n, "units": 256, "layers": 2}, 10**6, 70) for n in (1, 2))
    assert two.progress_every < one.progress_every
