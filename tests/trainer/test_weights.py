"""Tests of the weights of documents: how often each is read in an epoch."""

from pathlib import Path

import numpy as np
import pytest

from tests.trainer.conftest import SHALLOW, Running, trainer, without_times
from trainer.contract.layout import HISTORY, RECIPE, WEIGHTS
from trainer.contract.recipe import Recipe
from trainer.data.streams import Streams
from trainer.data.training_text import TrainingText

IDS = np.concatenate([np.full(100, 1), np.full(40, 2), np.full(60, 3)])


def _counts(text: TrainingText, epoch: int) -> list[int]:
    read = text.in_epoch(5, epoch).tolist()
    return [read.count(number) for number in (1, 2, 3)]


def test_a_document_is_read_as_often_as_its_weight_says() -> None:
    text = TrainingText(IDS, (100, 40, 60), (1.0, 2.5, 0.25))
    for epoch in range(3):
        assert _counts(text, epoch) == [100, 100, 15]
    assert len(text) == 215


def test_another_part_of_a_document_is_read_in_every_epoch() -> None:
    text = TrainingText(np.arange(100), (100,), (0.3,))
    epochs = [text.in_epoch(5, epoch) for epoch in range(40)]
    assert {int(number) for epoch in epochs for number in epoch} == set(range(100))
    for epoch in epochs:  # it is one piece, of a text that goes on at its beginning
        assert set((np.diff(epoch) % 100).tolist()) == {1}
    assert np.array_equal(epochs[7], text.in_epoch(5, 7))


def test_weights_of_one_change_nothing() -> None:
    plain, weighted = (TrainingText(IDS, (100, 40, 60), weights) for weights in ((), (1.0, 1.0, 1.0)))
    one, other = (Streams(text, 2, 5, 1) for text in (plain, weighted))
    for step in range(45):
        assert np.array_equal(one.at(step)[0], other.at(step)[0])


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("texts")
    for name, line in (("one.txt", "The owl sings at night. "), ("two.txt", "Die Eule singt bei Tag. ")):
        (folder / name).write_text(line * 60)
    return [folder / "one.txt", folder / "two.txt"]


def test_killed_and_resumed_it_ends_in_the_same_bytes(texts: list[Path], tmp_path: Path) -> None:
    weighted = [*SHALLOW, "--weights", "0.5,2", "--steps", 40, "--json", "--checkpoint-seconds", "0"]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    done = trainer("train", *texts, "--out", whole, *weighted)
    assert done.code == 0, done.errors
    assert Recipe.from_json((whole / RECIPE).read_text()).weights == (0.5, 2.0)
    first = Running("train", *texts, "--out", broken, *weighted)
    first.until("checkpoint", 12)
    first.kill()
    again = trainer("train", *texts, "--out", broken, "--resume", "--json")  # the weights are those of its recipe
    assert again.code == 0, again.errors
    assert again.events[0]["step"] > 0
    assert (whole / WEIGHTS).read_bytes() == (broken / WEIGHTS).read_bytes()
    assert without_times(whole / HISTORY) == without_times(broken / HISTORY)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--weights", "1"], "one number for each file: there are 2 files, not 1"),
        (["--weights", "1,x"], "not a list of numbers"),
        (["--weights", "1,0"], "from 0.01 to 100"),
        (["--weights", "1,nan"], "from 0.01 to 100"),
        (["--weights", "1,2", "--recipe", "tutorial"], "leave --weights out"),
    ],
)
def test_weights_that_can_not_be_used_are_said(
    texts: list[Path], tmp_path: Path, options: list[str], said: str
) -> None:
    refused = trainer("train", *texts, "--out", tmp_path / "model", *options)
    assert refused.code == 2
    assert said in refused.errors
    assert not (tmp_path / "model").exists()
