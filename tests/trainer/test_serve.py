"""Tests of `serve`: it reads requests, writes answers, and keeps models loaded."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from tests.trainer.conftest import Serving, Trained
from trainer.contract.layout import WEIGHTS
from trainer.storage.model_directory import ModelDirectory

WRITE = {"prompt": "The ", "length": 80, "seed": 5}


def test_it_answers_a_ping(serving: Serving) -> None:
    assert [event["event"] for event in serving.ask(do="ping")] == ["done"]


def test_a_passage_comes_in_pieces_and_in_full(serving: Serving, trained: Trained) -> None:
    answer = serving.ask(do="sample", model=str(trained.path), **WRITE)
    pieces = [event["text"] for event in answer[:-1]]
    assert len(pieces[0]) == 16  # the first piece is short, so that it comes soon
    assert len("".join(pieces)) == 80


SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "filtered": {"top_k": 12, "top_p": 0.9, "temperature": 1.3},
    "penalised": {"penalty": 1.5, "temperature": 0.3},
    "ending": {"words": 9, "ending": "\n"},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_passage_7_of_16_is_passage_7_alone(name: str, serving: Serving, any_model: Path) -> None:
    wanted = {"model": str(any_model), **WRITE, "trace": True, "length": 300, **SETTINGS[name]}
    together = serving.traced(passages=16, **wanted)
    assert sorted(together) == list(range(16))
    assert serving.traced(passages=1, first=7, **wanted) == {7: together[7]}
    assert len({text for text, _ in together.values()}) == 16


def test_more_passages_than_are_written_side_by_side(serving: Serving, trained: Trained) -> None:
    texts = serving.texts(model=str(trained.path), passages=19, first=2, **WRITE)
    assert sorted(texts) == list(range(2, 21))
    assert texts[20] == serving.texts(model=str(trained.path), passages=1, first=20, **WRITE)[20]


def test_characters_that_the_model_does_not_know_are_reported(serving: Serving, trained: Trained) -> None:
    first = serving.ask(do="sample", model=str(trained.path), prompt="€The ✓€", length=5)[0]
    assert (first["event"], first["characters"]) == ("unknown", ["€", "✓"])


def test_what_goes_wrong_is_part_of_the_answer(serving: Serving, trained: Trained, tmp_path: Path) -> None:
    model = str(trained.path)
    for request, says in (
        ({"do": "sample", "model": str(tmp_path)}, "no model"),
        ({"do": "sample"}, "model is missing"),
        ({"do": "sample", "model": model, "temperature": -1}, "temperature"),
        ({"do": "sample", "model": model, "length": "long"}, "length"),
        ({"do": "sample", "model": model, "penalty": 2.1}, "penalty"),
        ({"do": "sample", "model": model, "words": -1}, "words"),
        ({"do": "sample", "model": model, "ending": 5}, "ending"),
        ({"do": "sample", "model": model, "trace": "yes"}, "trace"),
        ({"do": "score", "model": model, "files": []}, "files"),
        ({"do": "score", "model": model, "files": [str(tmp_path / "none.txt")]}, "no such file"),
        ({"do": "inspect", "model": model, "text": ""}, "characters"),
        ({"do": "score", "model": model, "files": [str(tmp_path)], "frozen": "yes"}, "frozen"),
        ({"do": "juggle"}, "juggle"),
        ({"do": ["juggle"]}, "juggle"),
    ):
        answer = serving.ask(**request)
        assert answer[-1]["event"] == "failed" and says in answer[-1]["reason"]


@pytest.mark.parametrize("line", ["what?", "5", "[]", "{}", '{"id": []}', '{"id": 1}', "[" * 100_000])
def test_a_line_that_is_no_request_does_not_stop_it(line: str, serving: Serving) -> None:
    serving.process.stdin.write(line + "\n")
    serving.process.stdin.flush()
    assert serving.hear()["event"] == "failed"
    assert serving.ask(do="ping")[-1]["event"] == "done"


def test_a_running_request_is_cancelled_between_pieces(serving: Serving, trained: Trained) -> None:
    number = serving.tell(do="sample", model=str(trained.path), length=10_000_000)
    assert serving.hear()["event"] == "text"
    serving.process.stdin.write(f'{{"id": {number}, "do": "cancel"}}\n')
    serving.process.stdin.flush()
    while (event := serving.hear())["event"] == "text":
        pass
    assert event == {"id": number, "event": "done", "cancelled": True}


def test_it_scores_as_the_training_did(serving: Serving, trained: Trained, text: Path) -> None:
    answer = serving.ask(do="score", model=str(trained.path), files=[str(text)])
    found, expected = (score["held_out"]["whole"] for score in (answer[-1]["score"], _score_of(trained)))
    assert found == pytest.approx(expected, abs=1e-6)


def _score_of(trained: Trained) -> dict[str, Any]:
    return dict(trained.run.events[-1]["score"])


def test_a_model_that_learned_on_is_loaded_anew(serving: Serving, trained: Trained, tmp_path: Path) -> None:

    model = tmp_path / "model"
    shutil.copytree(trained.path, model)
    before = serving.texts(model=str(model), **WRITE)
    weights = load_file(model / WEIGHTS)
    weights["outputs/bias"] = weights["outputs/bias"][::-1].copy()
    ModelDirectory(model).keep_weights(weights, 61)
    assert serving.texts(model=str(model), **WRITE) != before


def test_it_shows_the_gates(serving: Serving, trained: Trained) -> None:
    answer = serving.ask(do="inspect", model=str(trained.path), text="Hello")[-1]
    assert [sorted(layer) for layer in answer["layers"]] == 2 * [
        ["candidate", "cell", "forget", "hidden", "input", "output"]
    ]
    forget = answer["layers"][1]["forget"]
    assert (len(forget), len(forget[0])) == (5, 16)
    assert all(0 <= value <= 1 for row in forget for value in row)
