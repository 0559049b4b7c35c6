"""The one form of all errors: problem details (RFC 9457), as `application/problem+json`."""

import logging
from collections.abc import Callable, Iterable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    BadRequest,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFilesSent,
)
from django.http import Http404, HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from trainer.contract.decoding import TextProblem
from webapp.accounts.guessing import TooManyGuesses
from webapp.accounts.limits import LimitReached
from webapp.accounts.models import User
from webapp.corpora.services import NothingToKeep
from webapp.files import DamagedText, OutOfReach
from webapp.studies.access import NothingLearned
from webapp.studies.services import NotAModel

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
Mistake = dict[str, str]  # a field, and the sentence that says what is wrong with it


class Problem(Exception):
    """A request that is refused: with a status, a sentence, and where fields are wrong, one for each of them."""

    def __init__(self, status: int, detail: str, errors: Iterable[Mistake] = ()) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, list(errors)


def of_form(form: forms.BaseForm, status: int = HTTPStatus.UNPROCESSABLE_ENTITY) -> Problem:
    """Return the problem of a form that is not valid, with the sentences that the page would show."""
    found = [
        {"field": "" if field == NON_FIELD_ERRORS else field, "detail": " ".join(map(str, sentences))}
        for field, sentences in form.errors.items()
    ]
    return Problem(status, " ".join(one["detail"] for one in found), found)


def response(request: HttpRequest, status: int, detail: str, errors: Iterable[Mistake] = ()) -> JsonResponse:
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.path,
    }
    if errors := list(errors):
        content["errors"] = errors
    return JsonResponse(content, status=status, content_type=MEDIA_TYPE)


def refused(request: HttpRequest, exception: Exception) -> JsonResponse:
    """Answer a request that Django itself refuses, such as one for another host."""
    too_large = isinstance(exception, RequestDataTooBig | TooManyFilesSent)
    return _too_large(request, exception) if too_large else _malformed(request, exception)


@csrf_exempt
@login_not_required
def not_found(request: HttpRequest, rest: str = "") -> JsonResponse:
    """Answer an address below /api/ that there is not."""
    return response(request, 404, _("There is no such address here. /api/v1/openapi.json lists all of them."))


def guarded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let a view of the interface answer a method that it does not take with a problem too, and a request without HTTPS
    where the site has it. It asks for no log-in."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return response(request, 403, _("Ask over https. A token that came without it is to be revoked."))
        found = view(request, *args, **kwargs)
        if found.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return found
        refused = response(request, 405, _("This address does not take %(method)s.") % {"method": request.method})
        refused["Allow"] = found["Allow"]
        return refused

    return login_not_required(csrf_exempt(answer))


def handle(api: NinjaAPI) -> None:
    """Let an interface answer every exception with a problem."""
    for kind, answer in _ANSWERS.items():
        api.add_exception_handler(kind, answer)


Answer = Callable[[HttpRequest, Any], JsonResponse]


def _sentence(status: int) -> Answer:
    """Return a handler of exceptions whose message is a sentence for people."""

    def answer(request: HttpRequest, problem: Exception) -> JsonResponse:
        return response(request, status, str(problem))

    return answer


def _of_problem(request: HttpRequest, problem: Problem) -> JsonResponse:
    return response(request, problem.status, problem.detail, problem.errors)


def _of_validation(request: HttpRequest, problem: ValidationError) -> JsonResponse:
    errors = [{"field": _field(one["loc"]), "detail": one["msg"]} for one in problem.errors]
    detail = "; ".join(f"{one['field']}: {one['detail']}" for one in errors)
    return response(request, 422, detail, errors)


def _field(place: Iterable[Any]) -> str:
    """Return the field of an error as its sender knows it, without the names that only this interface has for it."""
    parts = [str(part) for part in place]
    return ".".join(parts[2:] if parts[:1] == ["body"] else parts[1:]) or ".".join(parts)


def _of_http(request: HttpRequest, problem: HttpError) -> JsonResponse:
    return response(request, problem.status_code, str(problem))


def _not_there(request: HttpRequest, problem: Exception) -> JsonResponse:
    return response(request, 404, _("There is no such thing, or it is not yours."))


def _nothing_learned(request: HttpRequest, problem: Exception) -> JsonResponse:
    return response(request, 409, _("The model has not learned anything yet: wait until its training was measured."))


def _unknown(request: HttpRequest, problem: Exception) -> JsonResponse:
    refused = response(request, 401, _("Send a token: “Authorization: Bearer …”. Your account’s page makes one."))
    refused["WWW-Authenticate"] = "Bearer"
    return refused


def _too_large(request: HttpRequest, problem: Exception) -> JsonResponse:
    return response(request, 413, _("This is more than can be sent at once. Send less, or in parts."))


def _malformed(request: HttpRequest, problem: Exception) -> JsonResponse:
    return response(request, 400, _("The request could not be read."))


def _nothing_to_keep(request: HttpRequest, problem: NothingToKeep) -> JsonResponse:
    errors = [{"field": name, "detail": why} for name, why in problem.left_out]
    return response(request, 422, _("Nothing of it could be read."), errors)


def _out_of_reach(request: HttpRequest, problem: OutOfReach) -> JsonResponse:
    log.error("%s: %s", request.path, problem, exc_info=problem)
    if isinstance(problem, DamagedText):
        return response(request, 500, _("A stored text is damaged. It was logged for whoever runs this site."))
    return response(request, 503, _("A stored file can’t be reached now. Try again in a moment."))


def _unexpected(request: HttpRequest, problem: Exception) -> JsonResponse:
    log.error("%s %s", request.method, request.path, exc_info=problem)
    return response(request, 500, _("Something went wrong here. It was logged for whoever runs this site."))


_ANSWERS: dict[type[Exception], Answer] = {
    Problem: _of_problem,
    ValidationError: _of_validation,
    HttpError: _of_http,
    AuthenticationError: _unknown,
    User.DoesNotExist: _unknown,  # the account was deleted during the request
    NothingLearned: _nothing_learned,
    Http404: _not_there,
    LimitReached: _sentence(409),
    TooManyGuesses: _sentence(429),
    NotAModel: _sentence(422),
    TextProblem: _sentence(422),
    NothingToKeep: _nothing_to_keep,
    RequestDataTooBig: _too_large,
    TooManyFilesSent: _too_large,
    SuspiciousOperation: _malformed,
    BadRequest: _malformed,
    MultiPartParserError: _malformed,
    OutOfReach: _out_of_reach,
    Exception: _unexpected,
}
