"""What the page says of a request for passages, and the text that it does not have yet."""

from typing import Any

from django.utils.translation import gettext as _

from webapp.jobs import life
from webapp.jobs.models import Job, State
from webapp.passages.models import Passage


def sentence(job: Job) -> str:
    """Return the state of the request in a sentence."""
    if job.state == State.QUEUED:
        place = life.place_in_queue(job)
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
    """Return what the page does not have yet.

    Args:
        have: by the passage's key, how many characters (code points) the page has.

    A passage that is shorter than the page believes was begun again: all of it comes, `from` 0.
    """
    passages = list(job.passages.only("text", "complete", "unknown").order_by("index"))
    return {
        "state": job.state,
        "sentence": sentence(job),
        "over": job.is_over,
        "unknown": passages[0].unknown if passages else "",
        "passages": [_piece(passage, have.get(passage.pk, 0)) for passage in passages],
    }


def _piece(passage: Passage, have: int) -> dict[str, Any]:
    start = have if have <= len(passage.text) else 0
    return {
        "pk": passage.pk,
        "from": start,
        "text": passage.text[start:],
        "length": len(passage.text),
        "complete": passage.complete,
    }
