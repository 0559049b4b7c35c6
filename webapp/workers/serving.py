"""The process that is kept warm, `python -m trainer serve`, and one attempt at a job that is one request to it.

The process stays alive between requests, since it takes seconds to start and to load a model.
"""

import itertools
import logging
import shutil
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

from trainer.contract.answers import LAST
from trainer.contract.events import Event, EventProblem
from webapp import files
from webapp.queue import transitions
from webapp.queue.models import Job
from webapp.queue.transitions import Lease, LeaseLost
from webapp.studies.models import Study
from webapp.workers.checksums import check_sha256
from webapp.workers.lease_holder import LeaseHolder
from webapp.workers.trainer_events import Line
from webapp.workers.trainer_process import TrainerProcess

log = logging.getLogger(__name__)

_requests = itertools.count(1)
_serve: TrainerProcess | None = None
_loaded: set[int] = set()  # the studies whose models it may have in memory


def warm_process() -> TrainerProcess:
    """Return the process, and start it again when it has ended."""
    global _serve
    if _serve is None or not _serve.is_running:
        if _serve is not None:
            _serve.kill()
        arguments = ["serve", "--cache-mb", str(settings.MODEL_CACHE_MB)]
        _serve = TrainerProcess(arguments, settings.WORK_DIR / "serve.log")
    return _serve


def warm_up() -> None:
    """Start the process before the first request needs it."""
    warm_process()


def forget_deleted() -> None:
    """If the process has loaded a model that is deleted by now, start it again."""
    if _loaded - set(Study.objects.filter(pk__in=_loaded).values_list("pk", flat=True)):
        if _serve is not None:
            _serve.kill()
        _loaded.clear()
        warm_up()


class Attempt(ABC):
    """One attempt at one job: a request to the process, and what becomes of its answers."""

    died: str  # the reason of a job that fails because the process has ended again and again
    failed_too_often: str  # the reason of a job that fails because of errors of ours

    def __init__(self, job: Job, drain: threading.Event) -> None:
        self.job = job
        self.drain = drain
        self.holder = LeaseHolder(Lease(job.pk, job.token))
        self.request = f"{job.pk}-{job.attempt}-{next(_requests)}"
        self.end: Event | None = None  # the last answer
        self.serve: TrainerProcess | None = None
        self.folder = Path(settings.WORK_DIR) / "attempts" / f"{job.pk}-{job.attempt}"  # there until it has ended

    @abstractmethod
    def run(self) -> None:
        """Do the job, and make the transition that its end calls for."""

    @abstractmethod
    def take(self, answer: Event) -> None:
        """Take an answer to this request that is not its last. Raises EventProblem for one that is out of place."""

    def pause(self) -> None:
        """Do what is due between two looks at the answers."""
        if self.holder.is_due:
            self.holder.write()

    def texts(self) -> list[str]:
        """Copy the frozen texts of the study into the folder, and return their paths."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.holder.renewing():
            paths = [self.folder / f"{number}.txt" for number, _ in enumerate(self.job.study.documents)]
            for path, document in zip(paths, self.job.study.documents, strict=True):
                files.copy_in(document["key"], path)
                check_sha256(path, document["sha256"])
        return [str(path) for path in paths]

    def ask(self, line: Line, timeout: float) -> None:
        """Send a request and take its answers, until the last one is `end`, or the process has ended.

        `timeout` is the longest time between two calls of `pause`, in seconds. The request is cancelled when the owner
        wishes it, or the worker drains.
        """
        assert self.serve is not None and self.job.study is not None
        _loaded.add(self.job.study.pk)
        self.serve.send({"id": self.request, **line})
        cancelled = False
        while self.end is None and not self.serve.has_ended:
            for request, answer in self.serve.answers(timeout):
                self._sort(request, answer)
            self.pause()
            if not cancelled and (self.holder.wish or self.drain.is_set()):
                cancelled = True
                self.cancel()

    def _sort(self, request: Any, answer: Event) -> None:
        if request not in (self.request, None):
            return  # it belongs to an earlier request that was cancelled
        if isinstance(answer, LAST):  # without an id: a request that could not be read
            self.end = answer
        else:
            self.take(answer)

    def cancel(self) -> None:
        """Let the process stop working on the request."""
        if self.serve is not None:
            self.serve.send({"id": self.request, "do": "cancel"})

    def end_serve(self) -> None:
        """End the process, so that nothing that it has still to say reaches the next request."""
        if self.serve is not None:
            self.serve.kill()

    def write_for_certain(self, change: Callable[[], object]) -> None:
        """Make a change under the lease, and wait while the database is away."""
        while not self.holder.write(change):
            time.sleep(1)

    def take_back(self, why: str) -> None:
        transitions.take_back(self.job.pk, self.job.token, why)


def supervise(attempt: Attempt) -> None:
    """Make an attempt at a claimed job. Whatever goes wrong ends in a transition, and never in an exception."""
    job = attempt.job
    try:
        attempt.run()
    except LeaseLost:
        log.warning("job %s: the lease was lost", job.pk)
        attempt.cancel()
    except EventProblem:
        log.exception("job %s: the process that writes gave an answer that cannot be read, and is ended", job.pk)
        attempt.end_serve()
        attempt.take_back(attempt.failed_too_often)
    except Exception:
        if transitions.is_deleted(job):
            log.info("job %s: it was deleted with its owner's account", job.pk)
        else:
            log.exception("job %s: the attempt failed", job.pk)
        attempt.cancel()
        attempt.take_back(attempt.failed_too_often)
    finally:
        shutil.rmtree(attempt.folder, ignore_errors=True)
