"""The doorbell: a message that says "run the next one". Losing it loses nothing; the reconciler rings again."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import ChannelError, OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
_AWAY = (OperationalError, RedisError, OSError)


def ring(kind: str) -> None:
    """Wake a worker of this kind."""
    try:
        current_app.send_task(f"jobs.{kind}", queue=kind, retry=False, ignore_result=True)
    except _AWAY as error:
        log.warning("the broker did not take the bell for %s (%s): the reconciler rings again", kind, error)


def ring_unless_ringing(kind: str) -> None:
    """Wake a worker of this kind, unless a bell waits for one already: so bells don't pile up while all are busy.

    They could expire instead, but by the clock, and a worker whose clock is ahead would never hear one.
    """
    if not _is_ringing(kind):
        ring(kind)


def ring_on_commit(kind: str) -> None:
    transaction.on_commit(lambda: ring(kind))


def _is_ringing(kind: str) -> bool:
    try:
        with current_app.pool.acquire(block=True) as connection:
            return bool(connection.default_channel.queue_declare(kind, passive=True).message_count)
    except (ChannelError, *_AWAY):  # nothing was ever in it, or it was emptied; or there is nobody to ask
        return False
