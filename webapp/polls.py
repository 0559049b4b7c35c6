"""The polling of pages. An unchanged state is answered by one query and without a body; many pages ask less often.

The address that a page polls contains a mark of the state that the page shows: a hash of the state, made with the
site's secret key and the visitor's session cookie. When the present state has the same mark, the answer is an empty
204, and neither session nor person is loaded. That is safe: only a browser that was shown this state has the mark.
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

_asked: dict[str, float] = {}  # page → time of its last poll in this process
_parts: dict[Hashable, Any] = {}


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
            now = state(*args, **kwargs)
            seen = request.GET.get("seen", "")
            if seen:
                if page := request.GET.get("page", ""):
                    _note(page)
                if now is not None and constant_time_compare(seen, mark(request, now)):
                    return HttpResponse(status=204)
            return private(request, *args, now=now, **kwargs)

        return answer

    return decorate


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
