"""The wake-up message, which says "run the next job". When one is lost, the reconciler sends another."""

from django.db import transaction
from kombu.exceptions import ChannelError

from webapp.broker import AWAY, TIMEOUT_SECONDS, breaker
from webapp.celery import app

GPU_QUEUE = "train-gpu"  # of jobs that need a GPU; only workers that have one take messages from it
#: a person waits for the page meanwhile, so there is only one try, with these timeouts
_QUICK = {"socket_connect_timeout": TIMEOUT_SECONDS, "socket_timeout": TIMEOUT_SECONDS, "max_retries": 0}


def send(kind: str, needs_gpu: bool = False) -> None:
    """Wake a worker of this kind, and for a job that needs a GPU one that has a GPU.

    Takes a second at most, whatever the broker does.
    """
    if not breaker.is_worth_asking():
        return
    try:
        with app.connection_for_write(transport_options=_QUICK) as connection:
            app.send_task(
                f"jobs.{kind}", queue=_queue(kind, needs_gpu), connection=connection, retry=False, ignore_result=True
            )
    except AWAY as error:
        breaker.failed(error)
    else:
        breaker.answered()


def _queue(kind: str, needs_gpu: bool) -> str:
    return GPU_QUEUE if needs_gpu else kind


def send_unless_one_waits(kind: str, needs_gpu: bool = False) -> None:
    """Wake a worker of this kind, unless a message waits already: messages must not pile up while all are busy.

    Messages with an expiry time are no substitute: a worker whose clock is ahead would discard each of them.
    """
    if not _one_waits(_queue(kind, needs_gpu)):
        send(kind, needs_gpu)


def send_on_commit(kind: str, needs_gpu: bool = False) -> None:
    """Wake a worker of this kind once it can see what the current transaction writes."""
    transaction.on_commit(lambda: send(kind, needs_gpu))


def _one_waits(queue: str) -> bool:
    try:
        with app.pool.acquire(block=True) as connection:
            return bool(connection.default_channel.queue_declare(queue, passive=True).message_count)
    except (ChannelError, *AWAY):  # the queue does not exist, since nothing is in it; or the broker is away
        return False
