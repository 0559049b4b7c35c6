"""What a page needs and the storage does not give out is told on a page of its own."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from webapp.files import OutOfReach

log = logging.getLogger(__name__)


class StorageAway:
    """Answers 503 with a sentence where a view could not read a stored file."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OutOfReach):
            return None
        log.error("%s: %s", request.path, exception, exc_info=exception)
        return render(request, "503.html", status=503)
