"""The services of uploads whose texts a worker extracts: they queue one, stop it, and delete its files."""

import contextlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from webapp import files
from webapp.accounts import limits
from webapp.accounts.models import User
from webapp.corpora.models import Corpus, Document, Extraction, Purpose
from webapp.corpora.services.decoding import Upload, size_of
from webapp.corpora.services.observing import LeftOut
from webapp.queue import transitions, wake_up
from webapp.queue.models import TERMINAL, Job, Kind, State

log = logging.getLogger(__name__)

UPLOADS = "uploads"  # the prefix of the keys of files that wait for a worker
_KEPT_FOR = timedelta(days=7)  # after its end, so that the reasons of a failure can be read


def queue_corpus(
    owner: User, name: str, uploads: Sequence[Upload], lowercase: bool, left_out: Iterable[LeftOut], form: UUID | None
) -> Extraction:
    """Queue the extraction of a new corpus's texts, and store the files until then. `form` is the submission.

    When a form is sent twice, the second call returns the extraction of the first, unless that failed. Raises
    LimitReached when the owner has no room, or has too many uploads that wait.
    """
    fields = {"purpose": Purpose.NEW, "name": name, "lowercase": lowercase}
    return _queue(owner, uploads, left_out=list(left_out), submission=form, **fields)


def queue_documents(
    corpus: Corpus, uploads: Sequence[Upload], left_out: Iterable[LeftOut], form: UUID | None
) -> Extraction:
    """Queue the extraction of texts that are added to a corpus. All else is as in `queue_corpus`.

    Raises Corpus.DoesNotExist when the corpus was deleted meanwhile.
    """
    fields = {"purpose": Purpose.ADD, "corpus": corpus}
    return _queue(corpus.owner, uploads, left_out=list(left_out), submission=form, **fields)


def queue_again(document: Document, column: int | None, codec: str = "") -> Extraction:
    """Queue another extraction of a document's text from its original, or return the one that is queued already.

    With `codec`, the original is read in this encoding from now on.
    Raises LimitReached when the owner has too many uploads that wait, Document.DoesNotExist when the document is gone.
    """
    fields = {"purpose": Purpose.AGAIN, "document": document, "column": column, "codec": codec}
    return _queue(document.owner, [], **fields)


def queue_examination(corpus: Corpus | None, document: Document | None) -> Extraction:
    """Queue a look of the doctor at a whole document, or at all of a corpus, or return the one that is queued already.

    Raises LimitReached when the owner has too many uploads that wait, DoesNotExist when the document or corpus is gone.
    """
    owner = document.owner if document else corpus.owner if corpus else None
    assert owner
    return _queue(owner, [], purpose=Purpose.LOOK, corpus=corpus, document=document)


def _queue(owner: User, uploads: Sequence[Upload], **fields: Any) -> Extraction:
    with _stored(uploads) as (prefix, stored), transaction.atomic():
        allowed = limits.lock(owner)
        if before := _sent_before(owner, **fields):
            files.delete_tree(prefix)
            return before
        for there in (fields.get("corpus"), fields.get("document")):
            if there:
                there.refresh_from_db(from_queryset=type(there).objects.select_for_update())
        limits.check_waiting(owner, allowed, Kind.EXTRACT)
        limits.check_stored(owner, allowed, sum(map(size_of, uploads)))
        job = Job.objects.create(owner=owner, kind=Kind.EXTRACT)
        extraction = Extraction.objects.create(job=job, files=stored, prefix=prefix if stored else "", **fields)
        wake_up.send_on_commit(Kind.EXTRACT)
    return extraction


def _sent_before(owner: User, purpose: str, **fields: Any) -> Extraction | None:
    """Return the extraction that the same form, or the same button, has queued, if it is or was of use."""
    mine = Extraction.objects.filter(job__owner=owner, purpose=purpose)
    waiting = ~Q(job__state__in=TERMINAL)
    if purpose in (Purpose.AGAIN, Purpose.LOOK):
        return mine.filter(waiting, **fields).first()
    if fields["submission"] is None:
        return None
    kept = Q(job__state=State.SUCCEEDED, corpus__isnull=False)
    return mine.filter(waiting | kept, submission=fields["submission"]).first()


@contextlib.contextmanager
def _stored(uploads: Sequence[Upload]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Store files below a new prefix. When the block fails, delete them again."""
    prefix, stored = files.fresh(UPLOADS), list[tuple[str, str]]()
    try:
        for number, (name, data) in enumerate(uploads):
            if isinstance(data, Path):
                stored.append((name, f"{prefix}/{number}"))
                files.copy_out(data, stored[-1][1])
            else:
                stored.append((name, files.add(prefix, str(number), data)))
        yield prefix, stored
    except Exception:
        files.delete_tree(prefix)
        raise


def stop(extraction: Extraction) -> None:
    """Stop an extraction: nothing of it is kept. One that is over already stays as it is."""
    transitions.cancel(extraction.job)


def forget(extraction: Extraction) -> None:
    """Delete an extraction that is over, since its owner has read why it failed."""
    Job.objects.filter(pk=extraction.job_id, state__in=TERMINAL).delete()


def delete_uploads(owner: User) -> None:
    """Delete the uploads of a person that wait or are being read, and their files."""
    with transaction.atomic():
        mine = Extraction.objects.filter(job__owner=owner)
        prefixes = list(mine.exclude(prefix="").values_list("prefix", flat=True))
        Job.objects.filter(owner=owner, kind=Kind.EXTRACT).delete()
        transaction.on_commit(lambda: _delete_files(prefixes), robust=True)


def _delete_files(prefixes: Iterable[str]) -> None:
    for prefix in prefixes:
        files.delete_tree(prefix)


def clear_uploads() -> None:
    """Delete the files of extractions that are over, and a week later their rows."""
    over = Extraction.objects.filter(job__state__in=TERMINAL)
    for extraction in over.exclude(prefix=""):
        try:
            files.delete_tree(extraction.prefix)
        except OSError as error:  # the storage is away: the reconciler tries again
            about = {"job": extraction.job_id}
            log.warning("job %s: its files could not be deleted (%s)", extraction.job_id, error, extra=about)
        else:
            Extraction.objects.filter(pk=extraction.pk).update(prefix="")
    _old(over).delete()


def _old(over: QuerySet[Extraction]) -> QuerySet[Job]:
    done = over.filter(prefix="", job__finished__lt=timezone.now() - _KEPT_FOR)
    return Job.objects.filter(pk__in=done.values("job"))
