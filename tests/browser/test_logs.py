"""The logs of the product as JSON lines: a training is followed by its id from the click to its last checkpoint."""

import json
import subprocess
from typing import Any

import pytest

from tests.browser.conftest import PROGRAMMER
from tests.support.site_operator import Operator
from tests.support.waiting import wait_for

PARTS = ("web", "train", "write", "extract", "reconcile")
Records = list[dict[str, Any]]


@pytest.fixture(scope="module")
def click(operator: Operator, example: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """The training that the example of docs/api.md has asked for: the number of its job, and its request's id."""
    assert example.returncode == 0, example.stderr
    query = (
        "SELECT job.id AS job, job.request_id FROM jobs_job job JOIN accounts_user owner ON owner.id = job.owner_id "
        "WHERE job.kind = 'train' AND owner.username = ?"
    )
    (row,) = operator.rows(query, PROGRAMMER)
    return dict(row)


def _records(operator: Operator, part: str) -> Records:
    whole = operator.log(part).rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()]


def _of(click: dict[str, Any], operator: Operator, part: str) -> Records:
    return [record for record in _records(operator, part) if record.get("job") == click["job"]]


def test_every_line_of_every_part_is_a_json_object(click: dict[str, Any], operator: Operator) -> None:
    for part in PARTS:
        for record in _records(operator, part):
            assert {"time", "level", "logger", "message", "process"} <= set(record), part


def test_one_training_is_followed_from_the_click_to_its_last_checkpoint(
    click: dict[str, Any], operator: Operator
) -> None:
    wait_for(lambda: any("ends: succeeded" in record["message"] for record in _of(click, operator, "train")))
    assert len(click["request_id"]) >= 8
    web, worker = _of(click, operator, "web"), _of(click, operator, "train")
    assert {record["request_id"] for record in [*web, *worker]} == {click["request_id"]}
    clicked = [record for record in web if record.get("route")]
    assert [(record["level"], record["status"]) for record in clicked] == [("INFO", 201)]
    assert f"job {click['job']}: train, queued" in [record["message"] for record in web]
    assert worker[0]["message"].endswith("attempt 1")
    said = [record["event"] for record in worker if "event" in record]
    assert said[0] == "started" and "checkpoint" in said and said[-1] == "finished"
    stored = [place for place, record in enumerate(worker) if "checkpoint_key" in record.get("stored", ())]
    assert stored, worker
