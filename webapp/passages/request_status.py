"""The status of a request for passages: its state in words, and the text that its page does not have yet."""

import time
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Length, Substr
from django.utils.translation import gettext as _

from webapp.passages.models import Passage
from webapp.queue.models import Job, Kind, State
from webapp.queue.places import Places

_MOST = 16  # passages for which the page may send how much it has
_QUEUE_SECONDS = 2  # after which the page of a waiting request gets its place in the queue anew


class RequestState(NamedTuple):
    """All values on which the news of a request depend, in one row. `moment` grows with time while it waits."""

    owner: int
    state: str
    wish: str
    attempt: int
    passages: int
    written: int  # characters of all passages
    complete: int  # passages
    unknown: str
    moment: int


def current(job_pk: int) -> RequestState | None:
    """Return the present state of a request for passages, by one query; None when there is none."""
    rows = Job.objects.filter(pk=job_pk, kind=Kind.WRITE, study__deleting=False).annotate(
        count=Count("passages"),
        written=Coalesce(Sum(Length("passages__text")), 0),
        complete=Count("passages", Q(passages__complete=True)),
        unknown=Coalesce(Max("passages__unknown"), Value("")),
    )
    columns = "owner", "state", "wish", "attempt", "count", "written", "complete", "unknown"
    row = rows.values_list(*columns).first()
    if row is None:
        return None
    moment = int(time.time() / _QUEUE_SECONDS) if row[1] == State.QUEUED else 0
    return RequestState._make((*row, moment))


def sentence(job: Job) -> str:
    """Return the state of the request in a sentence."""
    if job.state == State.QUEUED:
        place = Places(Kind.WRITE).place(job)
        if place and place > 1:
            return _("Waiting: place %(place)s in the queue.") % {"place": place}
        return _("Waiting for the writer.")
    if job.state == State.FAILED:
        return f"{_('Writing failed.')} {job.reason} {job.advice}".strip()
    if job.state == State.CANCELLED:
        return _("Stopped. What had been written is kept.")
    if job.is_live and job.wish:
        return _("Stopping.")
    if job.state == State.STARTING:
        return _("The model is being opened.")
    return _("Writing.") if job.state == State.RUNNING else _("Written, and kept with your passages.")


def news(job: Job, have: dict[int, int]) -> dict[str, Any]:
    """Return the state of the request, and the text that the page does not have yet.

    Args:
        have: the number of characters (code points) that the page has, by the passage's key.

    When a passage is shorter than what the page has, a new attempt has begun it again: then its whole text is
    returned, and `from` is 0.
    """
    passages = list(_with_what_is_new(job, have))
    return {
        "state": job.state,
        "sentence": sentence(job),
        "over": job.is_over,
        "unknown": passages[0].unknown if passages else "",
        "passages": [_piece(passage, have.get(passage.pk, 0)) for passage in passages],
    }


def _with_what_is_new(job: Job, have: dict[int, int]) -> QuerySet[Passage]:
    """Read only the missing part of each text, since a page asks hundreds of times while a long text is written."""
    start = Case(*(When(pk=pk, then=Value(count)) for pk, count in list(have.items())[:_MOST]), default=Value(0))
    known = job.passages.only("complete", "unknown").annotate(written=Length("text"), had=start)
    new = Case(When(had__lte=F("written"), then=F("had") + 1), default=Value(1))
    return known.annotate(new=Substr("text", new)).order_by("index")


def _piece(passage: Any, have: int) -> dict[str, Any]:
    return {
        "pk": passage.pk,
        "from": have if have <= passage.written else 0,
        "text": passage.new,
        "length": passage.written,
        "complete": passage.complete,
    }
