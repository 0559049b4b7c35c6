"""The transfer of a training's files: texts and the last checkpoint in, checkpoints and models out to the storage."""

import contextlib
import logging
import shutil
import threading
import time
from pathlib import Path

from django.conf import settings

from webapp import files
from webapp.queue.models import TERMINAL, Job
from webapp.studies import event_recorder
from webapp.studies.models import Study
from webapp.workers import artifacts
from webapp.workers.checksums import check_sha256
from webapp.workers.lease_holder import LeaseHolder

log = logging.getLogger(__name__)

_NOT_BROUGHT = "Its text can't be brought to the machine that trains now. It is tried again until it can."
_NO_ROOM = "What it has learned can't be stored now. It is tried again: whoever runs this site has to make room."
_AGAIN_SECONDS = 5


class FileTransfer:
    """The local files of one attempt, and their way from and to the storage. The lease is kept all the while."""

    def __init__(self, job: Job, holder: LeaseHolder, drain: threading.Event) -> None:
        self.has_news = False  # something learned that the storage does not have yet
        self._job = job
        self._study: Study = job.study
        self._holder = holder
        self._drain = drain
        self._stored_at = time.monotonic()

    @property
    def attempts(self) -> Path:
        """The folder of all attempts on this machine."""
        return _folder_of(self._study.pk) / str(self._job.pk)

    @property
    def folder(self) -> Path:
        """The folder of this attempt."""
        return self.attempts / str(self._job.attempt)

    @property
    def model(self) -> Path:
        """The model directory that the trainer writes."""
        return self.folder / "model"

    @property
    def first_model(self) -> Path:
        """The model that is trained further; there is none otherwise."""
        return self.folder / "first-model"

    # In ---------------------------------------------------------------------------------------------------------------

    def bring_in_for_certain(self) -> list[Path] | None:
        """Return the texts. Wait for a storage that is away; None: the worker drains, or its owner stops it."""
        while not self._drain.is_set() and not self._holder.wish:
            try:
                return self._bring_in()
            except FileNotFoundError:
                raise
            except OSError as error:
                log.warning("job %s: its files can't be brought now (%s)", self._job.pk, error)
            self._warn(_NOT_BROUGHT)
            self._drain.wait(_AGAIN_SECONDS)
        return None

    def _bring_in(self) -> list[Path]:
        """Bring the frozen texts, and what an earlier attempt left, into the local folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._holder.renewing():
            texts = [self._bring_text(number) for number in range(len(self._study.documents))]
            is_news = artifacts.restore(self._study, self.attempts, self.model)
            if self._study.further and not self.model.exists():
                files.copy_tree_in(self._study.model_key, self.first_model)
        if is_news:
            self.store()  # a lost attempt that had a new checkpoint is none of those that fail a job
        return texts

    def _bring_text(self, number: int) -> Path:
        document = self._study.documents[number]
        path = self.folder / "texts" / f"{number}.txt"
        files.copy_in(document["key"], path)
        check_sha256(path, document["sha256"])
        return path

    # Out --------------------------------------------------------------------------------------------------------------

    def store_sometimes(self) -> None:
        """Put the newest checkpoint and model into the storage, so that another machine can go on."""
        if self.has_news and time.monotonic() - self._stored_at >= settings.SHARE_CHECKPOINT_SECONDS:
            self.store()

    def store(self) -> bool:
        """Store what is new. False: it could not be stored now."""
        self._stored_at = time.monotonic()
        if not artifacts.store(self._study.pk, self._job, self.model, self._holder):
            return False
        self.has_news = False
        return True

    def store_for_certain(self) -> bool:
        """Wait for a storage that is full or away: what was learned exists only here.

        False: the worker drains, and can't wait.
        """
        while not self.store() and not self._is_deleted():
            if self._drain.is_set():
                return False
            self._warn(_NO_ROOM)
            self._drain.wait(_AGAIN_SECONDS)
        self._warn("")
        return True

    def _warn(self, sentence: str) -> None:
        self._holder.write(lambda: event_recorder.warn(self._study.pk, sentence))

    def _is_deleted(self) -> bool:
        """Whether its owner has deleted the study meanwhile."""
        return bool(self._holder.wish) and Study.objects.filter(pk=self._study.pk, deleting=True).exists()

    # Away -------------------------------------------------------------------------------------------------------------

    def remove_attempts(self) -> None:
        shutil.rmtree(self.attempts, ignore_errors=True)

    def remove_attempts_if_over(self) -> None:
        """Remove the local files once the row says that the job is over: the storage holds all that is kept."""
        if not Job.objects.filter(pk=self._job.pk).exclude(state__in=TERMINAL).exists():
            self.remove_attempts()
            with contextlib.suppress(OSError):  # an earlier job's folder may be there
                self.attempts.parent.rmdir()


def remove_all(study_id: int) -> None:
    """Remove what this machine has of a deleted study, and what was still being stored when it was deleted."""
    shutil.rmtree(_folder_of(study_id), ignore_errors=True)
    try:
        files.delete_tree(Study(pk=study_id).prefix)
    except OSError as error:  # `manage.py orphans` finds it
        log.warning("study %s is deleted, and its files could not be (%s)", study_id, error)


def _folder_of(study_id: int) -> Path:
    """Return where this machine keeps the trainings of a study."""
    return Path(settings.WORK_DIR) / "trainings" / str(study_id)
