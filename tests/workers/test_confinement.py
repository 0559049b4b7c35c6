"""The confinement of a trainer: it gets no secrets and limited memory, and the kernel ends it first."""

import contextlib
import os
import resource
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.factory import a_corpus
from tests.support.waiting import wait_for
from webapp.accounts.models import User
from webapp.memory import machine_memory
from webapp.queue import transitions
from webapp.queue.models import Job, Kind, State
from webapp.studies import services
from webapp.workers.trainer_process import TrainerProcess
from webapp.workers.training import TrainingSupervisor

SECRETS = (
    *("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "S3_ACCESS_KEY", "S3_SECRET_KEY", "EMAIL_HOST_PASSWORD"),
    *(
        "SECRET_KEY_FILE",
        "AWS_SECRET_ACCESS_KEY",
        "GITHUB_TOKEN",
        "PGPASSWORD",
        "HTTPS_PROXY",
        "DJANGO_SETTINGS_MODULE",
    ),
)
NEEDED = {"LC_ALL": "C.UTF-8", "CUDA_VISIBLE_DEVICES": "1", "OMP_PROC_BIND": "true", "LD_LIBRARY_PATH": "/opt/cuda"}


@contextlib.contextmanager
def a_trainer(tmp_path: Path, niceness: int) -> Iterator[psutil.Process]:
    with TrainerProcess(["serve"], tmp_path / "trainer.log", niceness) as trainer:
        yield psutil.Process(trainer._process.pid)


@pytest.mark.parametrize("niceness", [0, 10])
def test_a_trainer_inherits_what_it_needs_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, niceness: int
) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, "what nobody is to know")
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    with a_trainer(tmp_path, niceness) as process:
        found = wait_for(process.environ)  # it is empty for a moment, while one program becomes the next
    assert "what nobody is to know" not in found.values()
    assert NEEDED.items() <= found.items()
    assert found["UNDERSTUDY_DATA"] == os.environ["UNDERSTUDY_DATA"]
    assert found["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize("niceness", [0, 10])
def test_a_trainers_memory_is_limited_and_the_kernel_ends_it_first(
    tmp_path: Path, settings: object, niceness: int
) -> None:
    settings.TRAINER_MEMORY_MB = 3000  # type: ignore[attr-defined]
    with a_trainer(tmp_path, niceness) as process:
        assert process.rlimit(resource.RLIMIT_DATA) == (3_000_000_000, 3_000_000_000)
        assert int(Path(f"/proc/{process.pid}/oom_score_adj").read_text()) >= 500
    assert int(Path("/proc/self/oom_score_adj").read_text()) < 500


def test_a_limit_of_zero_is_none(tmp_path: Path, settings: object) -> None:
    settings.TRAINER_MEMORY_MB = 0  # type: ignore[attr-defined]
    with a_trainer(tmp_path, 0) as process:
        assert process.rlimit(resource.RLIMIT_DATA) == resource.getrlimit(resource.RLIMIT_DATA)


@pytest.mark.django_db(transaction=True)
def test_a_training_that_wants_more_than_the_limit_fails_with_advice_at_once(alice: User, settings: object) -> None:
    settings.TRAINER_MEMORY_MB = 900  # type: ignore[attr-defined]
    big = {"recipe": "quick", "steps": 3, "units": 512, "batch": 128, "sequence": 1024}
    services.submit(alice, a_corpus(alice, text="A line of a text that goes on. " * 12_000), big, "Banquo")
    job = transitions.claim(Kind.TRAIN, "worker")
    assert job
    TrainingSupervisor(job, threading.Event()).run()
    job = Job.objects.get()
    assert (job.state, job.attempt, job.lost_attempts) == (State.FAILED, 1, 0)
    assert "memory" in job.reason and "smaller batch" in job.advice


@pytest.mark.parametrize(
    "own, file", [("0::/a/b\n", "a/memory.max"), ("4:memory:/a/b\n", "memory/a/b/memory.limit_in_bytes")]
)
def test_a_control_groups_limit_is_the_machines_memory(tmp_path: Path, own: str, file: str) -> None:
    (tmp_path / "own").write_text(own)
    path = tmp_path / "cgroups" / file
    path.parent.mkdir(parents=True)
    whole = machine_memory(tmp_path / "own", tmp_path / "cgroups")
    assert whole == psutil.virtual_memory().total
    path.write_text("max\n")
    assert machine_memory(tmp_path / "own", tmp_path / "cgroups") == whole
    path.write_text("1000000000\n")
    assert machine_memory(tmp_path / "own", tmp_path / "cgroups") == 1_000_000_000
