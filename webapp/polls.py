"""Polling: what has not changed is answered without a body, by one query, and pages ask less often the more they are.

A page that polls has the mark of what it shows in the address that it asks: a hash of the state of the rows, made with
the site's secret key and with the visitor's session. Where the rows still have that mark, nothing is loaded of session
and person: whoever has the mark was shown that state before.
"""

import secrets
import time
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

View = Callable[..., HttpResponse]
T = TypeVar("T")
_PRESENT_SECONDS = 30.0  # a page that has not asked this long is closed, or hidden
_MARK_LETTERS = 24
_FIRST_SECONDS = 1.0
_SLOWER_EACH = 60.0  # seconds of a training's age that add a second between two polls
_LAST_SECONDS = 10.0  # between two polls of what is old
_MOST_SECONDS = 20.0  # … and where very many pages ask
_NAME_LETTERS = 8  # of a page's name
_MOST_PARTS = 64

_asked: dict[str, float] = {}  # page → when it asked last, in this process
_parts: dict[Hashable, Any] = {}


def mark(request: HttpRequest, state: Hashable) -> str:
    """Return the mark of a state, for this visitor alone."""
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return salted_hmac("webapp.polls", repr((session, state))).hexdigest()[:_MARK_LETTERS]


def unless_unchanged(state: Callable[..., Hashable]) -> Callable[[View], View]:
    """Answer 204 to a page whose `?seen=` is the mark of the state as it is now; else call the view, with a person.

    `state` takes the view's arguments, and returns None for what does not exist.
    """

    def decorate(view: View) -> View:
        private = login_required(view)

        @login_not_required
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            seen = request.GET.get("seen", "")
            if seen:
                _note(request.GET.get("page", ""))
                now = state(*args, **kwargs)
                if now is not None and constant_time_compare(seen, mark(request, now)):
                    return HttpResponse(status=204)
            return private(request, *args, **kwargs)

        return answer

    return decorate


def page_of(request: HttpRequest) -> str:
    """Return the name of the page that asks: it brings it along from its first answer on."""
    return request.GET.get("page", "")[:_NAME_LETTERS] or secrets.token_hex(_NAME_LETTERS // 2)


def milliseconds(page: str, age: float) -> int:
    """Return when a page is to ask again: later the older what it shows is, and the more pages ask.

    Pages that have asked before ask, all together, about POLLS_PER_SECOND times a second: a browser keeps its
    connection, so that each process of the web server sees its own share of them.
    """
    _note(page)
    of_age = min(_LAST_SECONDS, _FIRST_SECONDS + max(0.0, age) / _SLOWER_EACH)
    of_many = min(_MOST_SECONDS, len(_asked) * settings.WEB_PROCESSES / settings.POLLS_PER_SECOND)
    return round(1000 * max(of_age, of_many))


def _note(page: str) -> None:
    """Note that a page is open, and forget those that are not any more."""
    now = time.monotonic()
    _asked[page] = now
    for one, when in list(_asked.items()):
        if now - when > _PRESENT_SECONDS:
            _asked.pop(one, None)


def shared(key: Hashable, make: Callable[[], T]) -> T:
    """Return what is the same for all who look at the same state: made once, and kept for those who ask next."""
    made = _parts.get(key)
    if made is None:
        made = _parts[key] = make()
        for oldest in list(_parts)[:-_MOST_PARTS]:
            _parts.pop(oldest, None)
    return cast(T, made)


def forget() -> None:
    """Forget which pages are open, and what was made for them."""
    _asked.clear()
    _parts.clear()
