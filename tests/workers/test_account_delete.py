"""The deletion of an account while its trainings run: trainers end, and no worker writes anything of it again.

With a real worker, in a browser: tests/browser/test_account_delete.py.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings

from tests.support.factory import a_corpus
from tests.support.warm_trainer import OfWorker
from tests.workers.test_supervisor import LONG, when
from webapp import files
from webapp.account_deletion import services
from webapp.accounts.models import User
from webapp.queue import transitions
from webapp.queue.models import Job, Kind
from webapp.studies import services as studies
from webapp.studies.models import HistoryPoint, Study
from webapp.workers import training


def claimed(owner: User) -> Job:
    studies.submit(owner, a_corpus(owner), LONG, "Banquo")
    job = transitions.claim(Kind.TRAIN, "worker")
    assert job
    return job


def folder(job: Job) -> Path:
    return Path(settings.WORK_DIR) / "trainings" / str(job.study_id)


def trainers(job: Job) -> list[psutil.Process]:
    return OfWorker.running(f"{folder(job)}/")


def check_nothing_is_left(job: Job, caplog: pytest.LogCaptureFixture) -> None:
    assert not trainers(job)
    assert not folder(job).exists()
    assert not files.keys(f"studies/{job.study_id}")
    assert not Job.objects.exists() and not Study.objects.exists() and not HistoryPoint.objects.exists()
    assert "was deleted with its owner's account" in caplog.text and "Traceback" not in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("warm_trainers")
def test_the_supervisor_stops_its_trainer_and_removes_what_it_has(
    alice: User, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    caplog.set_level(logging.INFO)
    settings.RENEW_SECONDS = 1
    job = claimed(alice)

    def leave() -> None:
        assert trainers(job) and folder(job).exists()
        services.delete(alice)

    leaving = when(lambda: Study.objects.get().step > 0, leave)
    training.supervise(job, threading.Event())
    leaving.join()
    check_nothing_is_left(job, caplog)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("warm_trainers")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_is_being_stored_at_that_moment_goes_again(
    alice: User, moment: str, caplog: pytest.LogCaptureFixture, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    settings.RENEW_SECONDS = settings.CHECKPOINT_SECONDS = 1
    settings.SHARE_CHECKPOINT_SECONDS = 0
    job, copied = claimed(alice), []
    copy_tree_out = files.copy_tree_out

    def copy_and_leave(source: Path, prefix: str) -> None:
        steps: list[Callable[[], object]] = [lambda: copy_tree_out(source, prefix), lambda: services.delete(alice)]
        for step in steps if moment == "after" else steps[::-1]:
            step()
        copied.extend(files.keys(prefix))

    monkeypatch.setattr(files, "copy_tree_out", copy_and_leave)
    training.supervise(job, threading.Event())
    assert bool(copied) == (moment == "before")
    check_nothing_is_left(job, caplog)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("claimed_by", ["training", "nobody yet"])
def test_one_that_has_not_begun_does_not_begin(alice: User, claimed_by: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    studies.submit(alice, a_corpus(alice), LONG, "Banquo")
    job = transitions.claim(Kind.TRAIN, "worker") if claimed_by == "training" else None
    services.delete(alice)
    if job is None:
        assert transitions.claim(Kind.TRAIN, "worker") is None
        return
    training.supervise(job, threading.Event())
    check_nothing_is_left(job, caplog)
