"""Limits of one person: trainings running and waiting, requests waiting, bytes stored, minutes of a training.

Checked in the transaction of what is asked for, with the person's row locked: two requests at once can't both
take the last place.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webapp.accounts.models import User

MEGABYTE = 1_000_000


class LimitReached(Exception):
    """A person asked for more than they may have. The message is for them."""


@dataclass(frozen=True)
class Limits:
    """0 is no limit."""

    running: int
    waiting: int
    stored_bytes: int
    minutes: int

    @property
    def stored_mb(self) -> float:
        return self.stored_bytes / MEGABYTE


def limits_of(owner: User) -> Limits:
    """Return a person's limits: their own, else the site's."""

    def either(own: int | None, site: int) -> int:
        return site if own is None else own

    return Limits(
        either(owner.running_limit, settings.RUNNING_LIMIT),
        either(owner.waiting_limit, settings.WAITING_LIMIT),
        either(owner.stored_limit_mb, settings.STORED_LIMIT_MB) * MEGABYTE,
        either(owner.minutes_limit, settings.TRAINING_LIMIT_MINUTES),
    )


def lock(owner: User) -> Limits:
    """Hold the person's row until the transaction ends, and return their limits as they are now."""
    return limits_of(User.objects.select_for_update(no_key=True).get(pk=owner.pk))


def stored_bytes(owner: User) -> int:
    """Return how much is stored of a person's texts, models, checkpoints, histories and passages.

    Of passages that are being written it is the most that they may come to.
    """
    sums = (
        owner.corpora.aggregate(Sum("documents__bytes")),
        owner.studies.aggregate(Sum("text_bytes"), Sum("kept_bytes"), Sum("told_bytes")),
        owner.studies.aggregate(Sum("openings__bytes")),
    )
    return owner.passages.stored_bytes() + sum(int(found or 0) for one in sums for found in one.values())


def check_stored(owner: User, limits: Limits, more: int) -> None:
    """Raise LimitReached unless there is room for `more` bytes."""
    used = stored_bytes(owner)
    if limits.stored_bytes and used + more > limits.stored_bytes:
        raise LimitReached(
            _(
                "There is no room for it: it needs %(more).1f MB, and %(used).1f of your %(limit).1f MB are used. "
                "Delete passages, models or corpora that you no longer need."
            )
            % {"more": more / MEGABYTE, "used": used / MEGABYTE, "limit": limits.stored_bytes / MEGABYTE}
        )


def room_left(owner: User) -> int | None:
    """Return how many bytes a person may still store; None where there is no limit."""
    limit = limits_of(owner).stored_bytes
    return max(0, limit - stored_bytes(owner)) if limit else None


def check_waiting(owner: User, limits: Limits) -> None:
    """Raise LimitReached where as many trainings wait as may."""
    waiting = owner.jobs.filter(kind="train", state="queued").count()
    if limits.waiting and waiting >= limits.waiting:
        said = ngettext(
            "You have %(n)d training waiting, and no more are allowed. Wait until it has begun, or take it out of "
            "the queue.",
            "You have %(n)d trainings waiting, and no more are allowed. Wait until one has begun, or take one out "
            "of the queue.",
            waiting,
        )
        raise LimitReached(said % {"n": waiting})


def check_waiting_passages(owner: User) -> None:
    """Raise LimitReached where as many requests for passages wait as may."""
    waiting = owner.jobs.filter(kind="write", state="queued").count()
    if settings.WAITING_PASSAGES_LIMIT and waiting >= settings.WAITING_PASSAGES_LIMIT:
        said = ngettext(
            "%(n)d request of yours waits to be written, and no more may. Wait until it is under way, or stop it.",
            "%(n)d requests of yours wait to be written, and no more may. Wait until one is under way, or stop one.",
            waiting,
        )
        raise LimitReached(said % {"n": waiting})


def check_minutes(limits: Limits, minutes: float | None) -> None:
    """Raise LimitReached for a training that is to take longer than it may; one without a time ends at the limit."""
    if limits.minutes and minutes and minutes > limits.minutes:
        said = ngettext(
            "A training may take %(n)d minute here: choose fewer minutes.",
            "A training may take %(n)d minutes here: choose no more.",
            limits.minutes,
        )
        raise LimitReached(said % {"n": limits.minutes})
