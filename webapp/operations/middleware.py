"""The middleware around all others: a request's id, a line for each click, and the time that the answer took."""

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from webapp import log_context
from webapp.accounts import security
from webapp.operations.request_times import times

log = logging.getLogger("webapp.requests")

HEADER = "X-Request-ID"
_SOUND = re.compile(r"[A-Za-z0-9_-]{8,64}")
_READING = ("GET", "HEAD", "OPTIONS")


class RequestSeen:
    """Gives a request its id, under which all that it logs can be found, and measures it.

    The id is the proxy's where there is one that can be trusted, so that its log can be joined to the site's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begun = time.perf_counter()
        request_id = _id_of(request)
        with log_context.about(request_id=request_id):
            response = self._get_response(request)
            seconds = time.perf_counter() - begun
            route = route_of(request)
            times.observe(route, response.status_code, seconds)
            level = logging.DEBUG if request.method in _READING else logging.INFO
            about = {"route": route, "status": response.status_code, "milliseconds": round(1000 * seconds, 1)}
            log.log(level, "%s %s: %s", request.method, security.path(request), response.status_code, extra=about)
        response.headers[HEADER] = request_id
        return response


def _id_of(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "") if settings.TRUSTED_PROXIES else ""
    return given if _SOUND.fullmatch(given) else secrets.token_hex(16)


def route_of(request: HttpRequest) -> str:
    """Return the name of the route that answered, `static` for a file of the site's own, or `none`."""
    match = request.resolver_match
    if match is not None:
        return match.view_name or "unnamed"
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"
