"""The limit on guessing the keys of links and the tokens of programs, by network address.

A key has 190 random bits and more: nobody finds one. The limit keeps whoever tries from having the database look up one
after the other. As with passwords, an address that has sent too many wrong ones is refused for up to a minute, whether
the next one is right or not.
"""

import ipaddress
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from http import HTTPStatus
from typing import Any

from allauth.core.ratelimit import respond_429
from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from webapp.accounts import security

_SECONDS = 60
_IPV6_NETWORK = 64  # bits: one household or one machine has as many addresses as it likes in it


class TooManyGuesses(Exception):
    """A network address has sent too many wrong keys. The message is a sentence for whoever asks from there."""


def check(request: HttpRequest) -> None:
    """Raise TooManyGuesses if the address of a request has sent too many wrong keys within a minute."""
    if settings.GUESS_LIMIT and cache.get(_key(request), 0) >= settings.GUESS_LIMIT:
        raise TooManyGuesses(_("Too many wrong keys came from your network. Wait a minute, and try again."))


def note(request: HttpRequest) -> None:
    """Count a wrong key."""
    if settings.GUESS_LIMIT:
        key = _key(request)
        cache.add(key, 0, _SECONDS)
        with suppress(ValueError):  # its minute has just ended
            cache.incr(key)


def limited(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Limit guessing at a page that a key opens. An answer of 404 counts as a wrong key."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **names: Any) -> HttpResponse:
        try:
            check(request)
        except TooManyGuesses:
            refused: HttpResponse = respond_429(request)
            return refused
        try:
            response = view(request, *args, **names)
        except Http404:
            note(request)
            raise
        if response.status_code == HTTPStatus.NOT_FOUND:
            note(request)
        return response

    return answer


def _key(request: HttpRequest) -> str:
    return f"wrong-keys:{_network(security.address(request))}"


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return address
    return str(ipaddress.ip_network((known, _IPV6_NETWORK), strict=False).network_address)
