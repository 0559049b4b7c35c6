"""The wake-up message: "run the next job". One that is lost costs nothing; the reconciler sends another."""

from celery import current_app
from django.db import transaction
from kombu.exceptions import ChannelError

from webapp.broker import AWAY, TIMEOUT_SECONDS, breaker

#: somebody waits for a page: one try, and no longer than this
_QUICK = {"socket_connect_timeout": TIMEOUT_SECONDS, "socket_timeout": TIMEOUT_SECONDS, "max_retries": 0}


def send(kind: str) -> None:
    """Wake a worker of this kind. Takes a second at most, whatever the broker does."""
    if not breaker.is_worth_asking():
        return
    try:
        with current_app.connection_for_write(transport_options=_QUICK) as connection:
            current_app.send_task(f"jobs.{kind}", queue=kind, connection=connection, retry=False, ignore_result=True)
    except AWAY as error:
        breaker.failed(error)
    else:
        breaker.answered()


def send_unless_one_waits(kind: str) -> None:
    """Wake a worker of this kind, unless a message waits for one: so they don't pile up while all are busy.

    They could expire instead, but by the clock, and a worker whose clock is ahead would never get one.
    """
    if not _one_waits(kind):
        send(kind)


def send_on_commit(kind: str) -> None:
    """Wake a worker of this kind once it can see what the current transaction writes."""
    transaction.on_commit(lambda: send(kind))


def _one_waits(kind: str) -> bool:
    try:
        with current_app.pool.acquire(block=True) as connection:
            return bool(connection.default_channel.queue_declare(kind, passive=True).message_count)
    except (ChannelError, *AWAY):  # nothing was ever in it, or it was emptied; or there is nobody to ask
        return False
