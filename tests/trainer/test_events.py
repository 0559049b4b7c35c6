"""Tests of events: their classes write them, and one reader accepts only them."""

from typing import Any

import pytest

from tests.trainer.conftest import Trained
from trainer.contract import events
from trainer.contract.events import EventProblem, Sample, Warned


def test_all_that_a_training_tells_is_an_event(trained: Trained) -> None:
    told = trained.run.events
    assert [events.read(line).to_json() for line in told] == told


@pytest.mark.parametrize(
    "line",
    [
        {"event": "smaple", "step": 1, "text": "a"},
        {"event": "sample", "stpe": 1, "text": "a"},
        {"event": "sample", "step": 1},
        {"event": "sample", "step": 1, "text": "a", "more": 1},
        {"step": 1, "text": "a"},
        {"event": ["sample"], "step": 1, "text": "a"},
    ],
)
def test_a_misspelt_name_or_field_is_refused(line: dict[str, Any]) -> None:
    with pytest.raises(EventProblem):
        events.read(line)


def test_what_an_earlier_version_did_not_tell_is_filled_in() -> None:
    assert events.read({"event": "warning", "reason": "a full disk"}) == Warned(reason="a full disk")


def test_an_event_cannot_be_made_with_a_misspelt_field() -> None:
    with pytest.raises(TypeError):
        Sample(stpe=1, text="a")  # type: ignore[call-arg]
