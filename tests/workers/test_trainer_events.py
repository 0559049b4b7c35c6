"""The reader of the trainer's lines: one that is no event is logged and left out, one that is no answer is raised."""

import json
import logging
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.factory import PROGRESS
from tests.support.waiting import wait_for
from trainer.contract.answers import Done
from trainer.contract.events import Evaluated, EventProblem, Progress, Sample
from webapp.workers import trainer_events
from webapp.workers.trainer_process import TrainerProcess

EVALUATED = {"event": "evaluated", "step": 40, "carried": None, "cold": 2.0, "best": 2.0}
SAMPLE = {"event": "sample", "step": 40, "text": "thou art"}


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]


def test_lines_become_the_events_of_the_contract() -> None:
    progress, evaluated, sample = trainer_events.read([PROGRESS, EVALUATED, SAMPLE])
    assert isinstance(progress, Progress) and progress.step == 40
    assert isinstance(evaluated, Evaluated) and evaluated.cold == 2.0
    assert isinstance(sample, Sample) and sample.text == "thou art"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ({**SAMPLE, "event": "smaple"}, "smaple"),
        ({"event": "sample", "step": 40, "txt": "thou art"}, "txt"),
        ({"event": "sample", "step": 40}, "text"),
        ({"event": "sample", "step": "40", "text": "thou art"}, "step"),
        ({"step": 40, "text": "thou art"}, "None"),
    ],
)
def test_a_misspelt_event_is_an_error_in_the_log_and_costs_no_other_event(
    caplog: pytest.LogCaptureFixture, line: dict[str, Any], named: str
) -> None:
    assert len(trainer_events.read([SAMPLE, line, EVALUATED])) == 2
    (error,) = errors(caplog)
    assert named in error


@pytest.mark.parametrize("line", [b"Segmentation fault\n", b"3\n", b"[]\n", b"\xff\n", b"[" * 100_000])
def test_a_line_that_is_no_object_is_an_error_in_the_log(caplog: pytest.LogCaptureFixture, line: bytes) -> None:
    assert trainer_events.parse(line) is None
    assert len(errors(caplog)) == 1


def test_what_a_real_process_writes_is_checked_too(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """The answers of `serve` are JSON lines, but no events of a training."""
    with TrainerProcess(["serve"], tmp_path / "serve.log") as process:
        process.send({"id": 1, "do": "ping"})
        wait_for(lambda: process.events(timeout=0.1) == [] and errors(caplog))
        assert "done" in errors(caplog)[0]
        process.send({"id": 2, "do": "ping"})
        assert wait_for(lambda: process.answers(timeout=0.1)) == [(2, Done())]


@pytest.mark.parametrize("line", [b"Segmentation fault\n", b"[]\n", b'{"id": 1, "event": "txet"}\n', b'{"id": 1}\n'])
def test_a_line_that_is_no_answer_is_raised_since_a_text_would_lack_a_piece(line: bytes) -> None:
    with pytest.raises(EventProblem):
        trainer_events.answer(line)


def test_a_line_to_a_process_that_was_killed_is_no_error(tmp_path: Path) -> None:
    with TrainerProcess(["serve"], tmp_path / "serve.log") as process:
        process.send({"id": 1, "do": "ping"})
        assert wait_for(lambda: process.answers(timeout=0.1))
        os.killpg(process._process.pid, signal.SIGKILL)
        os.waitid(os.P_PID, process._process.pid, os.WEXITED | os.WNOWAIT)  # dead, but nobody has looked yet
        for _ in range(2):
            process.send({"id": 2, "do": "ping"})
        assert wait_for(lambda: process.answers(timeout=0.1) == [] and process.has_ended)


def test_a_model_directory_tells_what_was_written_up_to_a_step(tmp_path: Path) -> None:
    history = [EVALUATED, {**EVALUATED, "step": 80}]
    (tmp_path / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in history) + '{"event": "ev')
    (tmp_path / "samples.jsonl").write_text(json.dumps(SAMPLE) + "\n")
    assert trainer_events.recorded(tmp_path, 40) == trainer_events.read([EVALUATED, SAMPLE])
    assert trainer_events.recorded(tmp_path / "none", 40) == []
