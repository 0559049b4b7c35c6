"""The status of an extraction: its state in words, and the values on which its page depends."""

import time
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webapp.corpora.models import Extraction, Purpose
from webapp.queue.models import TERMINAL, Job, Kind, State
from webapp.queue.places import Places

_SILENT_SECONDS = 3 * settings.RENEW_SECONDS
_MOMENT_SECONDS = 5  # after which the page is made anew: its place in the queue may have changed, or its worker be gone


class PageState(NamedTuple):
    """All values on which the page of an extraction depends, in one row."""

    owner: int
    state: str
    wish: str
    attempt: int
    done: int
    counting: bool
    warning: str
    moment: int

    @property
    def is_over(self) -> bool:
        return self.state in TERMINAL


def current(pk: int) -> PageState | None:
    """Return the present state of an extraction's page, by one query; None when there is no such extraction."""
    of_job = (f"job__{name}" for name in ("owner", "state", "wish", "attempt"))
    row = Extraction.objects.filter(pk=pk).values_list(*of_job, "done", "counting", "warning").first()
    return PageState._make((*row, int(time.time() / _MOMENT_SECONDS))) if row else None


@dataclass(frozen=True)
class ExtractionStatus:
    """The present status of an extraction."""

    extraction: Extraction
    place: int | None  # in the queue, from 1; None when it does not wait
    lacks_worker: bool

    @property
    def job(self) -> Job:
        return self.extraction.job

    @property
    def total(self) -> int:
        """The number of files to read: of a document that is extracted again, its original."""
        return len(self.extraction.files) or 1

    @property
    def left_out(self) -> list[list[str]]:
        """The names of what is left out, as far as it is known, with the reasons. In the end the corpus has them."""
        if self.job.state == State.SUCCEEDED:
            return self.extraction.corpus.left_out if self.extraction.corpus and not self.is_again else []
        return [*self.extraction.left_out, *self.extraction.refused]

    @property
    def shows_share(self) -> bool:
        """Whether a bar can show how far it is. While one file is read, nothing is known of it."""
        return self.job.is_live and 0 < self.extraction.done < self.total

    @property
    def has_failed(self) -> bool:
        return self.job.state == State.FAILED

    @property
    def form_again(self) -> str:
        """The query of a new corpus's form with which it is tried again."""
        given = {"name": self.extraction.name, "lowercase": "on" if self.extraction.lowercase else ""}
        return urlencode(given)

    @property
    def badge(self) -> str:
        """The state in a word or two."""
        return str(_("stopping") if self.job.is_live and self.job.wish else self.job.badge)

    @property
    def headline(self) -> str:
        """The state in a sentence."""
        if self.job.state == State.QUEUED:
            return self._queued_sentence()
        if self.job.is_live:
            return self._live_sentence()
        if self.job.state == State.FAILED:
            return self.job.reason or _("It ended with an error, which was logged for whoever runs this site.")
        if self.job.state == State.CANCELLED:
            return _("Stopped. The text stays as it was.") if self.is_again else _("Stopped. Nothing was added.")
        return _("Done. What came of it was deleted since.")

    def _queued_sentence(self) -> str:
        if self.lacks_worker:
            return _("Waiting for a worker. It starts by itself as soon as one is there.")
        if self.place and self.place > 1:
            return _("Place %(n)s in the queue.") % {"n": self.place}
        return _("It is begun again in a moment.") if self.job.attempt else _("Next in the queue.")

    def _live_sentence(self) -> str:
        silent = self._silent_seconds()
        if silent > _SILENT_SECONDS:
            return ngettext(
                "The worker that reads them has not been heard of for %(n)d second. If it is gone, another one begins "
                "again by itself.",
                "The worker that reads them has not been heard of for %(n)d seconds. If it is gone, another one begins "
                "again by itself.",
                int(silent),
            ) % {"n": silent}
        if self.job.wish:
            return _("Stopping. The text stays as it was.") if self.is_again else _("Stopping. Nothing is added.")
        if self.is_look:
            return _("The doctor looks at the whole text.")
        if self.extraction.counting:
            return _("All is read. Now its characters and words are counted.")
        if self.total == 1:
            return _("The file is being read.")
        return _("%(done)d of %(total)d files are read.") % {"done": self.extraction.done, "total": self.total}

    def _silent_seconds(self) -> float:
        """Return how many seconds ago its worker renewed the lease."""
        last = self.job.last_renewal
        return (timezone.now() - last).total_seconds() if last else 0.0

    @property
    def can_stop(self) -> bool:
        return not self.job.is_over and not self.job.wish

    @property
    def is_again(self) -> bool:
        """Whether it is about texts that are there."""
        return self.extraction.purpose in (Purpose.AGAIN, Purpose.LOOK)

    @property
    def is_look(self) -> bool:
        """Whether the doctor looks at whole texts."""
        return self.extraction.purpose == Purpose.LOOK


def status_of(extraction: Extraction, places: Places | None = None) -> ExtractionStatus:
    """Return the status of an extraction. Those that are shown together share the `places` in the queue."""
    job, places = extraction.job, places or Places(Kind.EXTRACT)
    place = places.place(job) if job.state == State.QUEUED else None
    return ExtractionStatus(extraction, place, place is not None and places.lacks_worker(job))
