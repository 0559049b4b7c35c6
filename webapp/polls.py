"""The polling of pages. An unchanged state is answered by one query and without a body; many pages ask less often.

The address that a page polls contains a mark of the state that the page shows: a hash of the state, made with the
site's secret key and the visitor's session cookie. When the present state has the same mark, the answer is an empty
204, and neither session nor person is loaded. That is safe: only a browser that was shown this state has the mark.

Where many pages ask at the same time, a state answers all of them for half a second: then it is read again.
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
_PRESENT_SECONDS = 30.0  # a page that has not asked for so long is closed or hidden
_MARK_LETTERS = 24
_FIRST_SECONDS = 1.0
_SLOWER_EACH = 60.0  # of a training's age, which add one second to the time between two polls
_LAST_SECONDS = 10.0  # the longest time between two polls because of the training's age
_MOST_SECONDS = 20.0  # … and because of the number of open pages
_NAME_LETTERS = 8  # in a page's name
_MOST_PARTS = 64
_MANY_PAGES = 10  # open in this process: from then on, a state that was read _FRESH_SECONDS ago answers polls
_FRESH_SECONDS = 0.5

_asked: dict[str, float] = {}  # page → time of its last poll in this process
_parts: dict[Hashable, Any] = {}
_read: dict[Hashable, tuple[float, Hashable]] = {}  # what was asked for → when it was read, and the state


def mark(request: HttpRequest, state: Hashable) -> str:
    """Return the mark of a state, for this visitor alone."""
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return salted_hmac("webapp.polls", repr((session, state))).hexdigest()[:_MARK_LETTERS]


def unless_unchanged(state: Callable[..., Hashable], is_public: bool = False) -> Callable[[View], View]:
    """Make a view answer 204 when the page's `?seen=` is the mark of the present state.

    `state` takes the view's arguments, and returns None when the object does not exist. Otherwise the view is called
    with that state as `now`, and requires a log-in, unless it is public. The state was read before the view reads its
    content, so a change in between is noticed at the next poll.
    """

    def decorate(view: View) -> View:
        private = view if is_public else login_required(view)

        @login_not_required
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            seen = request.GET.get("seen", "")
            now = _present(state, args, kwargs) if seen else state(*args, **kwargs)
            if seen:
                if page := request.GET.get("page", ""):
                    _note(page)
                if now is not None and constant_time_compare(seen, mark(request, now)):
                    return HttpResponse(status=204)
            return private(request, *args, now=now, **kwargs)

        return answer

    return decorate


def _present(state: Callable[..., Hashable], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Hashable:
    """Return a state for a poll: the present one, or where many pages are open, one that is half a second old."""
    if len(_asked) < _MANY_PAGES:
        return state(*args, **kwargs)
    key, now = (state, args, *sorted(kwargs.items())), time.monotonic()
    when, found = _read.get(key, (now - 2 * _FRESH_SECONDS, None))
    if now - when > _FRESH_SECONDS:
        found = state(*args, **kwargs)
        _read[key] = now, found
        for oldest in list(_read)[:-_MOST_PARTS]:
            _read.pop(oldest, None)
    return found


def page_of(request: HttpRequest) -> str:
    """Return the name of the page that asks. A new page gets a random one, and sends it with each later poll."""
    return request.GET.get("page", "")[:_NAME_LETTERS] or secrets.token_hex(_NAME_LETTERS // 2)


def milliseconds(page: str, age: float) -> int:
    """Return the time until the page asks again, which grows with the training's age and the number of open pages.

    All open pages together ask about POLLS_PER_SECOND times a second. This process sees only its own share of the
    pages, since a browser keeps its connection to one process; so the number is multiplied by WEB_PROCESSES.
    """
    _note(page)
    of_age = min(_LAST_SECONDS, _FIRST_SECONDS + max(0.0, age) / _SLOWER_EACH)
    of_many = min(_MOST_SECONDS, len(_asked) * settings.WEB_PROCESSES / settings.POLLS_PER_SECOND)
    return round(1000 * max(of_age, of_many))


def _note(page: str) -> None:
    """Note that a page is open, and forget those that have closed."""
    now = time.monotonic()
    _asked[page] = now
    for one, when in list(_asked.items()):
        if now - when > _PRESENT_SECONDS:
            _asked.pop(one, None)


def shared(key: Hashable, make: Callable[[], T]) -> T:
    """Return what all pages that show the same state have in common. It is made once, and kept for the next ones."""
    made = _parts.get(key)
    if made is None:
        made = _parts[key] = make()
        for oldest in list(_parts)[:-_MOST_PARTS]:
            _parts.pop(oldest, None)
    return cast(T, made)


def forget() -> None:
    """Forget all open pages, and everything that was made for them."""
    _asked.clear()
    _parts.clear()
    _read.clear()
