"""Uploads in tests of pages: what waits for a worker is extracted at once, as a worker does it."""

import threading
from typing import Any

from django.test import Client

from webapp.corpora import services
from webapp.queue import transitions
from webapp.queue.models import Kind
from webapp.workers import extracting


def extract_all() -> None:
    """Let a worker extract all that waits, and the reconciler clear up."""
    while job := transitions.claim(Kind.EXTRACT, "extractor"):
        extracting.supervise(job, threading.Event())
    services.clear_uploads()


def sent(client: Client, address: str, fields: dict[str, Any]) -> Any:
    """Send a form, let its texts be extracted, and return the page that its visitor ends on."""
    response = client.post(address, fields)
    if response.status_code != 302:
        return response
    extract_all()
    return client.get(response["Location"], follow=True)
