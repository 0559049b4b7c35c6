"""Several hosts, each with its own network address: one worker's network is cut in the middle of a training."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.hosts import Host, network
from tests.support.lab import Lab, is_answered
from tests.support.product import slowed
from tests.support.waiting import wait_for
from trainer.contract.documents import sample_text

pytestmark = pytest.mark.hosts

RECIPE = {"recipe": "quick", "steps": 100_000, "units": 32, "layers": 1, "batch": 8, "sequence": 32, "seed": 5}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    with network(folder) as made:
        lab = Lab(made, folder)
        try:
            yield lab
        finally:
            lab.end()


def _job(lab: Lab, study: int) -> dict[str, Any]:
    return lab.row("SELECT * FROM jobs_job WHERE study_id = %s ORDER BY id DESC", study)


def _study(lab: Lab, study: int) -> dict[str, Any]:
    return lab.row("SELECT * FROM studies_study WHERE id = %s", study)


def _host_of(lab: Lab, worker: str) -> Host:
    return next(host for host in lab.workers if worker.startswith(f"train@{host.name}/"))


def _is_learning(lab: Lab, study: int) -> bool:
    """Whether its training has taken steps in its present attempt."""
    row = _study(lab, study)
    return bool(_job(lab, study)["state"] == "running" and row["step"] > row["started"]["step"])


def test_another_worker_goes_on_when_one_is_cut_off(lab: Lab) -> None:
    wanted = {"texts": {"lines.txt": sample_text()[:20_000]}, "recipes": {"Study": RECIPE}}
    study = lab.call("submit", owner="alice", corpus_name="Lines", **wanted)[0]
    with slowed(lab, "trainer train", since=lambda: _is_learning(lab, study)):
        wait_for(lambda: _study(lab, study)["checkpoint_step"] > 0, lab.network.said)
        first = _job(lab, study)
        lost = _host_of(lab, first["worker"])
        assert lab.trainers(lost)
        lost.cut()

        wait_for(lambda: _job(lab, study)["attempt"] == 2, lab.network.said)
        wait_for(lambda: not lab.trainers(lost), lab.network.said)  # it stops by itself, though nobody can tell it to
        wait_for(lambda: _job(lab, study)["state"] == "running", lab.network.said)
        second = _job(lab, study)
        assert _host_of(lab, second["worker"]) is not lost
        second_began = _study(lab, study)["started"]["step"]
        assert second_began > 0  # it goes on from the checkpoint that the first has shared
        lost.join()
        wait_for(lambda: _study(lab, study)["step"] > second_began, lab.network.said)

    lab.call("stop", study=study)
    wait_for(lambda: _job(lab, study)["state"] not in ("running", "queued"), lab.network.said)
    last, done = _job(lab, study), _study(lab, study)
    assert (last["state"], last["attempt"]) == ("cancelled", 2)
    assert done["checkpoint_step"] >= done["step"] > second_began


def test_every_web_server_shows_it_to_its_owner_alone(lab: Lab, tmp_path: Path) -> None:
    study = lab.row("SELECT id FROM studies_study")["id"]
    sessions = {name: lab.call("sign_in", owner=name) for name in ("alice", "bob")}
    for web in lab.webs:
        wait_for(lambda web=web: is_answered(lab, web), lab.network.said)  # type: ignore[misc]
        page = f"{lab.address(web)}/models/{study}/"
        assert _status(page, sessions["alice"]) == 200
        assert _status(page, sessions["bob"]) == 404


def _status(address: str, session: str) -> int:
    request = urllib.request.Request(address, headers={"Cookie": f"sessionid={session}"})
    try:
        return int(urllib.request.urlopen(request).status)
    except urllib.error.HTTPError as error:
        return error.code
