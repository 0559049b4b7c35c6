"""The middleware of every page: HEAD is answered, browsers store no page, an unreadable file gives a 503 page."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from webapp.accounts import security
from webapp.files import DamagedText, OutOfReach

log = logging.getLogger(__name__)


class HeadAsGet:
    """Answers HEAD wherever GET is answered, with the same headers and no body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "HEAD":
            return self._get_response(request)
        request.method = "GET"
        response = self._get_response(request)
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = []
        elif isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response


class NeverStored:
    """Forbids browsers and proxies to keep a page, where the next user of a machine would find it.

    Static files may be kept.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        response.headers["Cache-Control"] = "no-store, private"
        return response


class StorageAway:
    """Shows a page that explains why a view could not read a stored file: 503 if it is away, 500 if it is damaged."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OutOfReach):
            return None
        log.error("%s: %s", security.path(request), exception, exc_info=exception)
        if isinstance(exception, DamagedText):
            return render(request, "damaged.html", status=500)
        return render(request, "503.html", status=503)
