"""The security log, data/logs/security.log: log-ins, changes of accounts, and refused requests."""

import contextlib
import logging
from collections.abc import Callable
from typing import Any

from allauth.account import signals
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as second_factor_signals
from allauth.socialaccount import signals as social_signals
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import DatabaseError
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from webapp.accounts.models import User

log = logging.getLogger("understudy.security")
_REFUSALS = {400, 401, 403, 404, 413, 429}
_OF_SECOND_FACTORS = {
    second_factor_signals.authenticator_added: "set up",
    second_factor_signals.authenticator_removed: "removed",
    second_factor_signals.authenticator_reset: "made anew",
}
_NAMED = {
    user_logged_in: "logged in",
    user_logged_out: "logged out",
    signals.user_signed_up: "signed up",
    signals.password_set: "set a password",
    signals.password_changed: "changed the password",
    signals.password_reset: "reset the password",
    signals.email_added: "added an address",
    signals.email_changed: "changed the address",
    signals.email_removed: "removed an address",
}


def listen() -> None:
    """Write a line to the log for each of Django's and allauth's signals about accounts."""
    for signal, words in _NAMED.items():
        signal.connect(_note(words), weak=False, dispatch_uid=f"security: {words}")
    for signal, words in _OF_SECOND_FACTORS.items():
        signal.connect(_second_factor(words), weak=False, dispatch_uid=f"security: {words} a second factor")
    second_factor_signals.authentication_failed.connect(_code_failed, dispatch_uid="security: a code failed")
    social_signals.social_account_added.connect(_connected, dispatch_uid="security: connected")
    social_signals.social_account_removed.connect(_disconnected, dispatch_uid="security: disconnected")
    user_login_failed.connect(_log_in_failed, dispatch_uid="security: failed")


def account_deleted(request: HttpRequest, user: User) -> None:
    _note("deleted the account")(request, user)


def token_made(request: HttpRequest, user: User) -> None:
    _note("made a token")(request, user)


def token_revoked(request: HttpRequest, user: User) -> None:
    _note("revoked a token")(request, user)


def second_factor_removed_by_command(user: User) -> None:
    log.info("the second factor of %s was removed by a command", user.get_username())


def _second_factor(words: str) -> Callable[..., None]:
    def receive(request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
        _note(f"{words} a second factor ({authenticator.type})")(request, user)

    return receive


def _code_failed(request: HttpRequest, user: User, **_: Any) -> None:
    log.warning("a wrong code of the second factor for %s, from %s", user.get_username(), address(request))


def _note(words: str) -> Callable[..., None]:
    def receive(request: HttpRequest | None = None, user: User | None = None, **_: Any) -> None:
        log.info("%s %s, from %s", user.get_username() if user else "nobody", words, address(request))

    return receive


def _connected(request: HttpRequest, sociallogin: Any, **_: Any) -> None:
    _note("connected single sign-on")(request, sociallogin.user)


def _disconnected(request: HttpRequest, socialaccount: Any, **_: Any) -> None:
    _note("disconnected single sign-on")(request, socialaccount.user)


def _log_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Log a failed log-in. A name that nobody has is left out: it may be a password in the wrong field."""
    given = str(credentials.get("username") or credentials.get("email") or "")
    known = User.objects.filter(Q(username__iexact=given) | Q(email__iexact=given)).first() if given else None
    log.warning("log-in failed for %s, from %s", known or "an unknown name", address(request))


def address(request: HttpRequest | None) -> str:
    """Return the visitor's network address, the same by which rate limits count."""
    if request is None or "REMOTE_ADDR" not in request.META:
        return "nowhere"
    return str(get_adapter().get_client_ip(request))


def path(request: HttpRequest) -> str:
    """Return the path of a request for a log, without the key of a link: whoever has it may read, join or sign up."""
    key = request.resolver_match.kwargs.get("key") if request.resolver_match else None
    return request.path.replace(str(key), "…") if key else request.path


class RefusalsLogged:
    """The middleware that writes a line for each refused request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if response.status_code in _REFUSALS:
            refused = f"{response.status_code} {request.method} {path(request)}"
            log.warning("refused %s to %s, from %s", refused, _who(request), address(request))
        return response


def _who(request: HttpRequest) -> str:
    with contextlib.suppress(DatabaseError, AttributeError):  # the database is away, or no middleware has set the user
        return request.user.get_username() or "nobody"
    return "nobody"
