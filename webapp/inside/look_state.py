"""The state of a look, in a sentence for people and as JSON for the page that draws it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from webapp.inside import parts
from webapp.inside.models import Look
from webapp.queue import transitions
from webapp.queue.models import State


def sentence(look: Look) -> str:
    """Return the state of a look in a sentence; an empty text when it is ready."""
    job = look.job
    if look.is_ready:
        return ""
    if job is None or job.state == State.CANCELLED:
        return _("It was stopped. Look again.")
    if job.state == State.FAILED:
        return f"{_('It could not be looked at.')} {job.reason} {job.advice}".strip()
    if job.state == State.QUEUED:
        place = transitions.place_in_queue(job)
        if place and place > 1:
            return _("Waiting: place %(place)s in the queue.") % {"place": place}
        return _("Waiting for the process that looks inside.")
    return _("The model is reading.")


def as_json(look: Look, arrays: str) -> dict[str, Any]:
    """Return the state and, when it is ready, the result. `arrays` is the address of its array 0."""
    state: dict[str, Any] = {"over": look.is_over, "ready": look.is_ready, "sentence": sentence(look)}
    if look.result is None:
        return state
    found = {name: value for name, value in look.result.items() if name != "arrays"}
    listed = [parts.described(array, number) for number, array in enumerate(look.result.get("arrays", []))]
    return state | found | {"arrays": listed, "address": arrays.removesuffix("0/"), "place": look.place}


def own_arrays(look: Look) -> str:
    """Return the address of a look's array 0 for its owner."""
    return reverse("inside:array", args=[look.pk, 0])
