"""The doorbell: a message that says "run the next one". Losing it loses nothing; the reconciler rings again."""

import logging

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def ring(kind: str) -> None:
    """Wake a worker of this kind. The bell expires after one period of the reconciler."""
    try:
        current_app.send_task(
            f"jobs.{kind}", queue=kind, expires=settings.RECONCILE_SECONDS, retry=False, ignore_result=True
        )
    except (OperationalError, OSError) as error:
        log.warning("the broker did not take the bell for %s (%s): the reconciler rings again", kind, error)


def ring_on_commit(kind: str) -> None:
    transaction.on_commit(lambda: ring(kind))
