"""The command `manage.py reconcile`, which runs the reconciler in a loop."""

import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from webapp.workers.reconciler import Reconciler

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Send wake-up messages for queued jobs and take back dead leases, until told to stop. Safe to run twice."
    requires_system_checks = ()  # the preparation of each start has made them, and they take half of its time

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        reconciler = Reconciler()
        while not stop.is_set():
            try:
                reconciler.tick()
            except DatabaseError as error:
                log.warning("the database is away (%s)", error)
            close_old_connections()
            stop.wait(settings.RECONCILE_SECONDS)
