"""The state of a look, in a sentence for people and as JSON for the page that draws it."""

import time
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from webapp.inside import parts
from webapp.inside.models import Look
from webapp.queue.models import Kind, State
from webapp.queue.places import Places

_QUEUE_SECONDS = 2  # after which the page of a waiting look gets its place in the queue anew


class LookState(NamedTuple):
    """All values on which the state of a look depends, in one row. `moment` grows with time while it waits."""

    owner: int
    look: int
    job: int | None
    state: str | None
    is_ready: bool
    moment: int


def current(pk: int) -> LookState | None:
    """Return the present state of a look, by one query; None when there is none."""
    return _current(Look.objects.filter(pk=pk))


def current_of_link(key: str) -> LookState | None:
    """Return the present state of the look that a shared course shows, by one query."""
    return _current(Look.objects.filter(shown_gates__share_key=key))


def _current(looks: QuerySet[Look]) -> LookState | None:
    rows = looks.filter(study__deleting=False).annotate(ready=Q(result__isnull=False))
    row = rows.values_list("owner", "pk", "job", "job__state", "ready").first()
    if row is None:
        return None
    return LookState(*row, moment=int(time.time() / _QUEUE_SECONDS) if row[3] == State.QUEUED else 0)


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
        place = Places(Kind.LOOK).place(job)
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
