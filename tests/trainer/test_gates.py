"""Tests of `inspect`: what a network does while it reads a text, as JSON, as a file of arrays and as numpy's file."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.trainer.conftest import Serving, Trained, loaded, trainer
from trainer.inspection import gates

TEXT = "The class of an object."


def _arrays(file: Path, answer: dict[str, Any]) -> dict[tuple[int, str], np.ndarray]:
    data = file.read_bytes()
    found, end = {}, 0
    for place in answer["arrays"]:
        assert place["offset"] == end  # there are no gaps
        count = int(np.prod(place["shape"]))
        end += 4 * count
        array = np.frombuffer(data, "<f4", count, place["offset"]).reshape(place["shape"])
        found[place["layer"], place["name"]] = array
    assert end == len(data)
    return found


def test_a_file_has_the_arrays_that_the_answer_would_have(serving: Serving, any_model: Path, tmp_path: Path) -> None:
    request = {"do": "inspect", "model": str(any_model), "text": TEXT}
    lists = serving.ask(**request)[-1]
    answer = serving.ask(**request, file=str(tmp_path / "arrays"))[-1]
    told = ("text", "symbols", "known", "unknown", "cell", "spelling")
    assert [answer[name] for name in told] == [lists[name] for name in told]
    found = _arrays(tmp_path / "arrays", answer)
    assert answer["layers"] == len(lists["layers"])
    for index, layer in enumerate(lists["layers"]):
        assert list(layer) == ["forget", "input", "candidate", "cell", "output", "hidden"]
        for name, rows in layer.items():
            np.testing.assert_allclose(found.pop((index, name)), rows, atol=1e-4)
    for name in ("next_ids", "next_probabilities"):
        np.testing.assert_allclose(found.pop((-1, name)), lists[name], atol=1e-4)
    assert found == {}


def test_states_and_expected_symbols_are_those_of_the_network_at_each_step(any_model: Path) -> None:
    model = loaded(any_model)
    found = gates.inspect(model, TEXT)
    states = model.network.zero_states(1)
    for time, symbol in enumerate(found.ids.astype(int)):
        logits, states = model.network.step(np.array([symbol]), states)
        for layer, state in zip(found.layers, states, strict=True):
            np.testing.assert_allclose(layer["hidden"][time], state[0][0], atol=1e-5)
            np.testing.assert_allclose(layer["cell"][time], state[1][0], atol=1e-5)
        known = np.asarray(logits)[0, :-1]  # without the escape
        shares = np.exp(known - known.max()) / np.exp(known - known.max()).sum()
        np.testing.assert_allclose(found.next_probabilities[time], np.sort(shares)[::-1][: gates.LIKELIEST], rtol=1e-3)
        np.testing.assert_allclose(shares[found.next_ids[time]], found.next_probabilities[time], rtol=1e-3)
    spelling = gates.answer(model, found).spelling
    assert spelling[str(found.next_ids[-1, 0])] == model.vocabulary.symbols[int(shares.argmax())]


def test_numpys_file_has_every_array_by_its_name(trained: Trained, tmp_path: Path) -> None:
    run = trainer("inspect", trained.path, "--text", TEXT, "--npz", tmp_path / "found.npz")
    assert run.code == 0, run.errors
    assert run.output.startswith("layer 0: forget +0.")
    with np.load(tmp_path / "found.npz") as found:
        assert len(found.files) == 2 * 6 + 3
        assert found["layer_1/forget"].shape == (len(TEXT), 16)
        assert "".join(found["symbols"]) == TEXT
        known = loaded(trained.path).vocabulary.escape
        assert found["next_ids"].shape == (len(TEXT), min(known, gates.LIKELIEST))


@pytest.mark.parametrize("option", ["file", "--npz"])
def test_a_file_that_cannot_be_written_is_a_sentence(
    option: str, serving: Serving, trained: Trained, tmp_path: Path
) -> None:
    nowhere = os.fspath(tmp_path / "missing" / "arrays")
    if option == "--npz":
        run = trainer("inspect", trained.path, "--text", TEXT, option, nowhere)
        assert run.code == 2 and nowhere in run.errors and len(run.errors.splitlines()) == 1
    else:
        end = serving.ask(do="inspect", model=str(trained.path), text=TEXT, file=nowhere)[-1]
        assert end["event"] == "failed" and nowhere in end["reason"]
