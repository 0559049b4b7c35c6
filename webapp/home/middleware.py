"""What a page needs and the storage does not give out is told on a page of its own."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

log = logging.getLogger(__name__)


class StorageAway:
    """Answers 503 with a sentence where a view could not read or keep a file: the storage is away, or its disk full."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OSError):
            return None
        log.error("%s: a file is out of reach", request.path, exc_info=exception)
        return render(request, "503.html", status=503)
