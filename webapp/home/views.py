"""The views of the first page, the error pages of refused requests, and the health page for the operator."""

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from redis.backoff import NoBackoff
from redis.retry import Retry

from trainer.contract.documents import MINIMUM_CHARACTERS
from webapp.broker import TIMEOUT_SECONDS
from webapp.corpora.access import corpora
from webapp.passages.access import passages
from webapp.studies.access import studies
from webapp.studies.services import with_trainings

_RECENT = 5


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "home/welcome.html")
    context = {
        "corpora": corpora(request)[:_RECENT],
        "studies": with_trainings(studies(request))[:_RECENT],
        "fewest_characters": MINIMUM_CHARACTERS,
        "passages": passages(request).exclude(text="").select_related("study")[:_RECENT],
    }
    return render(request, "home/home.html", context)


@login_not_required
def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django itself refuses.

    The CSRF check reads the form before any view is called, so a view never gets a form that is too large.
    """
    if isinstance(exception, RequestDataTooBig | TooManyFilesSent):
        context = {
            "limit_mb": settings.UPLOAD_LIMIT_BYTES // 1_000_000,
            "files": settings.UPLOAD_LIMIT_FILES,
        }
        return render(request, "413.html", context, status=413)
    return render(request, "400.html", status=400)


@login_not_required
@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database and the broker answer, else 503. The body says which of them answers."""
    found = {"database": _database_answers(), "broker": _broker_answers()}
    return JsonResponse(found, status=200 if all(found.values()) else 503)


@login_not_required
@require_GET
def alive(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as this web process works, whatever the database and the broker do."""
    return JsonResponse({"alive": True})


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:  # a connection that was kept open may be dead, which a query shows
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker_answers() -> bool:
    timeouts = {"socket_connect_timeout": TIMEOUT_SECONDS, "socket_timeout": TIMEOUT_SECONDS}
    client = redis.Redis.from_url(settings.REDIS_URL, retry=Retry(NoBackoff(), 0), **timeouts)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
