"""The limits of one person: trainings, waiting requests and uploads, stored bytes, minutes of a training.

They are checked in the transaction that makes the new row, while the person's row is locked: so two simultaneous
requests can't both take the last place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from webapp.accounts import stored
from webapp.accounts.models import User

MEGABYTE = 1_000_000
_NEARLY = 0.8  # of the limit of stored bytes: from there on, pages say how much is left
# For each kind of job: the states in which it counts as waiting, and what a person with too many of them is told.
_WAITING = {
    "train": (
        ("queued",),
        ngettext_lazy(
            "You have %(n)d training waiting, and no more are allowed. Wait until it has begun, or take it out of "
            "the queue.",
            "You have %(n)d trainings waiting, and no more are allowed. Wait until one has begun, or take one out "
            "of the queue.",
            "n",
        ),
    ),
    "write": (
        ("queued",),
        ngettext_lazy(
            "%(n)d request of yours waits to be written, and no more may. Wait until it is under way, or stop it.",
            "%(n)d requests of yours wait to be written, and no more may. Wait until one is under way, or stop one.",
            "n",
        ),
    ),
    "extract": (
        ("queued", "starting", "running"),  # until its texts are extracted
        ngettext_lazy(
            "%(n)d upload of yours is not read yet, and no more may wait. Wait until it is read, or stop it.",
            "%(n)d uploads of yours are not read yet, and no more may wait. Wait until one is read, or stop one.",
            "n",
        ),
    ),
    "look": (
        ("queued",),
        ngettext_lazy(
            "%(n)d look of yours waits, and no more may. Wait until it is under way.",
            "%(n)d looks of yours wait, and no more may. Wait until one is under way.",
            "n",
        ),
    ),
}


class LimitReached(Exception):
    """A person asked for more than they may have. The message is written for that person."""


@dataclass(frozen=True)
class Limits:
    """The limits of one person. 0 means that there is no limit."""

    running: int
    waiting: int
    stored_bytes: int
    minutes: int

    @property
    def stored_mb(self) -> float:
        return self.stored_bytes / MEGABYTE


def limits_of(owner: User) -> Limits:
    """Return a person's limits: those set for the person, and the site's for all others."""

    def either(own: int | None, site: int) -> int:
        return site if own is None else own

    return Limits(
        either(owner.running_limit, settings.RUNNING_LIMIT),
        either(owner.waiting_limit, settings.WAITING_LIMIT),
        either(owner.stored_limit_mb, settings.STORED_LIMIT_MB) * MEGABYTE,
        either(owner.minutes_limit, settings.TRAINING_LIMIT_MINUTES),
    )


def lock(owner: User) -> Limits:
    """Lock the person's row until the transaction ends, and return the person's present limits."""
    return limits_of(User.objects.select_for_update(no_key=True).get(pk=owner.pk))


@dataclass(frozen=True)
class Storage:
    """What a person stores, in bytes, and the limit of that; 0 means that there is none.

    texts: of documents, with their originals.
    models: models, checkpoints, histories, looks inside, and the texts that were frozen for them.
    passages: with their openings. One that is still being written counts with the largest size that it may reach.
    """

    texts: int
    models: int
    passages: int
    limit: int

    @property
    def used(self) -> int:
        return self.texts + self.models + self.passages

    @property
    def left(self) -> int | None:
        """The bytes that may still be stored; None where there is no limit."""
        return max(0, self.limit - self.used) if self.limit else None

    @property
    def is_nearly_full(self) -> bool:
        return bool(self.limit) and self.used >= _NEARLY * self.limit


def storage_of(owner: User) -> Storage:
    """Return what a person stores."""
    return storages([owner])[owner.pk]


def storages(people: Sequence[User]) -> dict[int, Storage]:
    """Return what each of several people stores, by one query."""
    sums = stored.sums([one.pk for one in people])
    return {
        one.pk: Storage(
            texts=sums.get((one.pk, "texts"), 0),
            models=sums.get((one.pk, "models"), 0),
            passages=sums.get((one.pk, "passages"), 0),
            limit=limits_of(one).stored_bytes,
        )
        for one in people
    }


def stored_bytes(owner: User) -> int:
    """Return how many bytes a person stores."""
    return storage_of(owner).used


def check_stored(owner: User, limits: Limits, more: int) -> None:
    """Raise LimitReached unless there is room for `more` bytes."""
    used = stored_bytes(owner)
    if limits.stored_bytes and used + more > limits.stored_bytes:
        raise LimitReached(
            _(
                "There is no room for it: it needs %(more)s MB, and %(used)s of your %(limit)s MB are used. "
                "Delete passages, models or corpora that you no longer need."
            )
            % {
                name: f"{size / MEGABYTE:,.1f}"
                for name, size in (("more", more), ("used", used), ("limit", limits.stored_bytes))
            }
        )


def check_waiting(owner: User, limits: Limits, kind: str) -> None:
    """Raise LimitReached when as many jobs of a kind, of `queue.models.Kind`, wait as the person may have waiting."""
    states, sentence = _WAITING[kind]
    most = limits.waiting if kind == "train" else _site_limit(kind)
    waiting = owner.jobs.filter(kind=kind, state__in=states).count()
    if most and waiting >= most:
        raise LimitReached(sentence % {"n": waiting})


def _site_limit(kind: str) -> int:
    return int(settings.WAITING_UPLOADS_LIMIT if kind == "extract" else settings.WAITING_PASSAGES_LIMIT)


def check_minutes(limits: Limits, minutes: float | None) -> None:
    """Raise LimitReached for a training with more minutes than are allowed.

    A training without a number of minutes is allowed: its supervisor stops it at the limit.
    """
    if limits.minutes and minutes and minutes > limits.minutes:
        message = ngettext(
            "A training may take %(n)d minute here: choose fewer minutes.",
            "A training may take %(n)d minutes here: choose no more.",
            limits.minutes,
        )
        raise LimitReached(message % {"n": limits.minutes})
