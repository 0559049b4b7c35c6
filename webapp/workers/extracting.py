"""The supervisor of one extraction. What is not plain text is read by another process, that of webapp.extraction."""

import logging
import threading
import time
from pathlib import Path
from typing import Any

from django.db import transaction

from trainer.contract.documents import TextProblem
from webapp import files
from webapp.accounts.limits import LimitReached
from webapp.corpora import services
from webapp.corpora.models import Corpus, Document, Extraction, Purpose
from webapp.corpora.services import LeftOut, NothingToKeep, Upload
from webapp.queue import transitions
from webapp.queue.models import Job
from webapp.queue.transitions import Lease, LeaseLost
from webapp.workers import outcome
from webapp.workers.lease_holder import LeaseHolder

log = logging.getLogger(__name__)

_REPORT_SECONDS = 1.0  # between two writes of the progress, with each of which the owner's wish is read
_AGAIN_SECONDS = 5
_NOTHING = "Nothing was added, since none of it could be read."
_GONE = "What the texts were for was deleted meanwhile, so nothing was added."
_LOST = "A file that it needs is no longer in the storage, or is damaged there. Add the texts again."
_NOT_NOW = "The files can’t be read or stored now. It is tried again until they can."
_FAILED_TOO_OFTEN = "Reading the files failed again and again. It was logged for the operator."


def supervise(job: Job, drain: threading.Event) -> None:
    """Work on a claimed extraction until its texts are kept, or its owner stops it, or the worker drains."""
    try:
        Extractor(job, drain).run()
    except Exception as problem:
        if transitions.is_deleted(job):
            log.info("job %s: it was deleted with its owner's account", job.pk)
        elif isinstance(problem, LeaseLost):
            log.warning("job %s: the lease was lost while files were read", job.pk)
        else:
            log.exception("job %s: the extraction failed", job.pk)
            transitions.take_back(job.pk, job.token, _FAILED_TOO_OFTEN)


class _ToEnd(Exception):
    """The request to stop this attempt: the owner wants the extraction to end, or the worker drains."""


class Extractor(services.Observer):
    """One attempt at one extraction, from the copying of its files to the job's next transition."""

    def __init__(self, job: Job, drain: threading.Event) -> None:
        self.job = job
        self.drain = drain
        self.holder = LeaseHolder(Lease(job.pk, job.token))
        self.extraction = Extraction.objects.select_related("corpus", "document").get(job=job)
        self._is_over = False  # the job's next transition is made, and the lease given back with it
        self._left_out: list[LeftOut] = []
        self._reported_at = 0.0

    def run(self) -> None:
        """Copy the files, extract and keep their texts, and record the outcome. Raises LeaseLost."""
        while not self.holder.write(self._begin):
            time.sleep(1)
        try:
            with self.holder.renewing():
                while not self._is_over:
                    self._try()
        except LeaseLost:
            if not self._is_over:
                raise

    def _begin(self) -> None:
        self.holder.lease.move("run")
        self._update(done=0, counting=False, warning="", refused=[])

    def _try(self) -> None:
        """Make the whole extraction, or wait a while when the storage is away."""
        self._left_out = []
        try:
            self._check()
            with services.scratch() as folder:
                self._extract(self._bring_in(folder))
        except _ToEnd:
            outcome.put_back(self.holder)
            self._is_over = True
        except NothingToKeep as nothing:
            self._fail(_NOTHING, nothing.left_out)
        except (LimitReached, TextProblem) as problem:
            self._fail(str(problem))
        except (Corpus.DoesNotExist, Document.DoesNotExist):
            self._fail(_GONE)
        except OSError as error:
            if _is_lost(error):
                self._fail(_LOST)
                return
            log.warning("job %s: files can't be read or stored now (%s)", self.job.pk, error)
            self.holder.write(lambda: self._update(warning=_NOT_NOW))
            self.drain.wait(_AGAIN_SECONDS)

    def _bring_in(self, folder: Path) -> list[Upload]:
        uploads: list[Upload] = []
        for number, (name, key) in enumerate(self.extraction.files):
            self.read(0)
            path = folder / str(number)
            files.copy_in(key, path)
            uploads.append((name, path))
        return uploads

    def _extract(self, uploads: list[Upload]) -> None:
        one, owner = self.extraction, self.job.owner
        left_out = [(name, why) for name, why in one.left_out]
        corpus = one.corpus
        match one.purpose:
            case Purpose.NEW:
                corpus = services.add_corpus(
                    owner, one.name, uploads, one.lowercase, False, left_out, one.submission, self
                )
            case Purpose.ADD:
                if corpus is None:
                    raise Corpus.DoesNotExist
                services.add_documents(corpus, uploads, left_out, one.submission, self)
            case Purpose.AGAIN:
                if one.document is None:
                    raise Document.DoesNotExist
                services.extract_again(one.document, one.column, self, one.codec)
            case Purpose.LOOK:
                services.examine_whole(corpus, one.document, self)
        if not self._is_over:  # there was nothing to add, or the same form was sent before, and has added the texts
            with transaction.atomic():
                self.keep(corpus)

    def _fail(self, reason: str, left_out: list[LeftOut] | None = None) -> None:
        with transaction.atomic():
            self.holder.lease.move("fail", reason=reason[:500])
            self._update(refused=[], left_out=self.extraction.left_out if left_out is None else left_out)
        self._is_over = True

    def _update(self, **fields: Any) -> None:
        Extraction.objects.filter(job=self.job).update(**fields)

    # As the observer --------------------------------------------------------------------------------------------------

    def read(self, done: int) -> None:
        if time.monotonic() - self._reported_at >= _REPORT_SECONDS:
            self._reported_at = time.monotonic()
            self.holder.write(lambda: self._update(done=done, refused=self._left_out))
        self._check()

    def leave_out(self, one: LeftOut) -> None:
        self._left_out.append(one)

    def counting(self) -> None:
        now = {"done": len(self.extraction.files), "refused": self._left_out}
        self.holder.write(lambda: self._update(counting=True, warning="", **now))
        self._check()

    def _check(self) -> None:
        if self.holder.wish or self.drain.is_set():
            raise _ToEnd

    def keep(self, corpus: Corpus | None) -> None:
        """End the job in the same transaction, so that the texts are there if and only if it has succeeded."""
        lease = self.holder.lease
        lease.renew()
        self.holder.wish = lease.rows().values_list("wish", flat=True).get()
        if self.holder.wish:
            raise _ToEnd
        self._update(corpus=corpus, left_out=[], refused=[])  # they quote files, and the corpus has them
        lease.move("succeed")
        self._is_over = True


def _is_lost(error: OSError) -> bool:
    """Whether a file is gone for good, and not only out of reach."""
    never = (FileNotFoundError, files.DamagedText)
    return isinstance(error, never) or isinstance(error.__cause__, FileNotFoundError)
