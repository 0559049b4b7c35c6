"""The transfer of a training's files: texts and the last checkpoint from the storage, checkpoints and models to it."""

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
    """The local files of one attempt. The lease is renewed while they are copied from and to the storage."""

    def __init__(self, job: Job, holder: LeaseHolder, drain: threading.Event) -> None:
        self.has_unstored_work = False  # the trainer has written a model or a checkpoint that is not stored yet
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
        """The model that a training begins with, to train it further or with another text; others have none."""
        return self.folder / "first-model"

    # In ---------------------------------------------------------------------------------------------------------------

    def bring_in_for_certain(self) -> list[Path] | None:
        """Return the texts' files, waiting while the storage is away.

        Return None when the worker drains, or the owner has asked for the end, before they are here.
        """
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
        """Copy the frozen texts, and the checkpoint of an earlier attempt, into the local folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._holder.renewing():
            texts = [self._bring_text(number) for number in range(len(self._study.documents))]
            is_unstored = artifacts.restore(self._study, self.attempts, self.model)
            if self._first_key and not self.model.exists():
                files.copy_tree_in(self._first_key, self.first_model)
        if is_unstored:
            self.store()  # this raises the checkpoint's step in the row, from which lost attempts are counted anew
        return texts

    @property
    def _first_key(self) -> str:
        """The key of the model that the training begins with, or an empty text."""
        return self._study.model_key if self._study.further else self._study.base_key

    def _bring_text(self, number: int) -> Path:
        document = self._study.documents[number]
        path = self.folder / "texts" / f"{number}.txt"
        files.copy_in(document["key"], path)
        check_sha256(path, document["sha256"])
        return path

    # Out --------------------------------------------------------------------------------------------------------------

    def store_if_due(self) -> None:
        """Store the newest checkpoint and model from time to time, so that another machine can go on from them."""
        if self.has_unstored_work and time.monotonic() - self._stored_at >= settings.SHARE_CHECKPOINT_SECONDS:
            self.store()

    def store(self) -> bool:
        """Store the newest checkpoint and model. Return False when that fails now."""
        self._stored_at = time.monotonic()
        if not artifacts.store(self._study.pk, self._job, self.model, self._holder):
            return False
        self.has_unstored_work = False
        return True

    def store_for_certain(self) -> bool:
        """Store, waiting while the storage is full or away: what was learned exists on this machine only.

        Return False when the worker drains and can't wait.
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
        """Whether the owner has deleted the study meanwhile."""
        return bool(self._holder.wish) and Study.objects.filter(pk=self._study.pk, deleting=True).exists()

    # Away -------------------------------------------------------------------------------------------------------------

    def remove_attempts(self) -> None:
        shutil.rmtree(self.attempts, ignore_errors=True)

    def remove_attempts_if_over(self) -> None:
        """Remove the local files when the job is over: the storage then has everything that is kept."""
        if not Job.objects.filter(pk=self._job.pk).exclude(state__in=TERMINAL).exists():
            self.remove_attempts()
            with contextlib.suppress(OSError):  # an earlier job's folder may be there
                self.attempts.parent.rmdir()


def remove_all(study_id: int) -> None:
    """Remove the local files of a deleted study, and the stored ones that were copied while it was deleted."""
    shutil.rmtree(_folder_of(study_id), ignore_errors=True)
    try:
        files.delete_tree(Study(pk=study_id).prefix)
    except OSError as error:  # `manage.py orphans` finds it
        log.warning("study %s is deleted, and its files could not be (%s)", study_id, error)


def _folder_of(study_id: int) -> Path:
    """Return the folder in which this machine keeps the trainings of a study."""
    return Path(settings.WORK_DIR) / "trainings" / str(study_id)
