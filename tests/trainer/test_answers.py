"""Tests of the answers of `sample --json` and `serve`: their classes write them, and one reader accepts only them."""

from pathlib import Path
from typing import Any

import pytest

from tests.trainer.conftest import Serving, Trained, trainer
from trainer.contract import answers
from trainer.contract.answers import (
    LAST,
    Attributed,
    Cancelled,
    Done,
    Inspected,
    InspectedInFile,
    MemoryMeasured,
    Scored,
    Text,
    UnitsFound,
    Unknown,
)
from trainer.contract.events import Event, EventProblem, Failed


def _read(line: dict[str, Any]) -> Event:
    """Read a line of an answer, and check that it is written as the same line again."""
    request, answer = answers.read(line)
    assert ({"id": request} if "id" in line else {}) | answer.to_json() == line
    return answer


def test_all_that_serve_answers_is_an_answer(serving: Serving, trained: Trained, text: Path, tmp_path: Path) -> None:
    model = str(trained.path)
    wanted: list[tuple[dict[str, Any], list[type[Event]]]] = [
        ({"do": "ping"}, [Done]),
        ({"do": "sample", "model": model, "prompt": "€The", "length": 10}, [Unknown, Text, Done]),
        ({"do": "sample", "model": model, "length": 10, "trace": True}, [Text, Done]),
        ({"do": "score", "model": model, "files": [str(text)]}, [Scored]),
        ({"do": "inspect", "model": model, "text": "Hello"}, [Inspected]),
        ({"do": "inspect", "model": model, "text": "Hello", "file": str(tmp_path / "arrays")}, [InspectedInFile]),
        ({"do": "attribute", "model": model, "text": "Hello", "place": 3}, [Attributed]),
        ({"do": "memory", "model": model, "files": [str(text)]}, [MemoryMeasured]),
        ({"do": "units", "model": model, "files": [str(text)]}, [UnitsFound]),
        ({"do": "juggle"}, [Failed]),
    ]
    for request, kinds in wanted:
        told = [_read(line) for line in serving.ask(**request)]
        assert [type(answer) for answer in told] == kinds
        assert isinstance(told[-1], LAST) and not any(isinstance(answer, LAST) for answer in told[:-1])


def test_all_that_sample_tells_programs_is_an_answer(trained: Trained) -> None:
    run = trainer("sample", trained.path, "--prompt", "€The", "--length", 20, "--json", "--trace")
    told = [_read(line) for line in run.events]
    assert [type(answer) for answer in (told[0], told[-1])] == [Unknown, Done]
    texts = [answer for answer in told if isinstance(answer, Text)]
    assert sum(len(answer.text) for answer in texts) == 20 and all(answer.trace for answer in texts)


def test_what_went_wrong_is_an_answer_too(tmp_path: Path) -> None:
    failed = _read(trainer("sample", tmp_path, "--json").events[-1])
    assert isinstance(failed, Failed) and "no model" in failed.reason


def test_an_answer_keeps_its_shape_on_the_wire() -> None:
    assert Text(passage=3, text="a").to_json() == {"event": "text", "passage": 3, "text": "a"}
    assert Text(passage=0, text="a", trace=[]).to_json()["trace"] == []
    assert Cancelled().to_json() == {"event": "done", "cancelled": True}
    assert answers.read({"id": 7, "event": "done"}) == (7, Done())
    assert answers.read({"id": 7, "event": "done", "cancelled": True}) == (7, Cancelled())


@pytest.mark.parametrize(
    "line",
    [
        {"event": "txet", "passage": 0, "text": "a"},
        {"event": "text", "pasage": 0, "text": "a"},
        {"event": "text", "text": "a"},
        {"event": "text", "passage": "0", "text": "a"},
        {"event": "text", "passage": True, "text": "a"},
        {"event": "text", "passage": 0, "text": None},
        {"event": "text", "passage": 0, "text": "a", "trace": {"a": 1.0}},
        {"event": "text", "passage": 0, "text": "a", "trace": ["a"]},
        {"event": "unknown", "characters": "€"},
        {"event": "unknown", "characters": [8364]},
        {"event": "done", "cancelled": "yes"},
        {"event": "done", "score": []},
        {"event": "failed", "reason": {"why": "unforeseen"}},
        {"event": ["text"]},
        {"event": "done", "canceled": True},
        {"event": "done", "score": {}, "layers": []},
        {"event": "failed", "advice": ""},
        {"id": 1},
    ],
)
def test_a_misspelt_name_or_field_or_another_type_is_refused(line: dict[str, Any]) -> None:
    with pytest.raises(EventProblem):
        answers.read(line)
