"""Who asks: the owner of a token, or the person who is logged in in a browser."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.errors import HttpError
from ninja.security import APIKeyCookie, HttpBearer

from webapp.accounts import guessing, tokens
from webapp.accounts.models import ApiToken
from webapp.api.problems import Problem

_READING = ("GET", "HEAD", "OPTIONS")


class Token(HttpBearer):
    """`Authorization: Bearer …` with a token of somebody. From then on, the request is that person's."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        guessing.check(request)
        found = tokens.find(token)
        if found is None:
            guessing.note(request)
            return None
        if found.read_only and request.method not in _READING:
            raise Problem(403, _("This token may only read. Make one that may do more."))
        request.user = found.owner
        return found


class Session(APIKeyCookie):
    """The session of a browser. What changes something needs the CSRF token of a page too, in `X-CSRFToken`."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Any:
        if self.param_name not in request.COOKIES:
            return None
        try:
            return super().__call__(request)
        except HttpError:
            raise Problem(403, _("Send the CSRF token of a page in X-CSRFToken, or use a token.")) from None

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        return request.user if request.user.is_authenticated else None
