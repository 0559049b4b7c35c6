"""Sessions in the database. One ends two weeks after the log-in, and earlier when nobody uses it for a while.

The end in the session's row says when. Each use moves it on, by a small UPDATE that is made at most twenty times in the
idle time. A poll that brings news is a use, so whoever watches a training stays logged in.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

_STEPS = 20
_BEGAN = "logged_in_at"  # seconds since 1970, in the session; one from before this version has none, and ends as it did


class SessionStore(db.SessionStore):
    """Django's sessions, with an end by idleness. The cookie lasts two weeks: the row decides."""

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        if _BEGAN in data:
            row.expire_date = _end(data[_BEGAN])
        return row

    def cycle_key(self) -> None:
        """Give the session another key, under which the list of log-ins then knows it: Django does so after a change of
        SECRET_KEY too."""
        before = self.session_key
        super().cycle_key()
        if before:
            UserSession.objects.filter(session_key=before).update(session_key=self.session_key)

    def _get_session_from_db(self) -> Session | None:
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]  # the stubs lack it
        if row and timezone.now() + _idle() - row.expire_date > _idle() / _STEPS:
            began = self.decode(row.session_data).get(_BEGAN)
            end = _end(began) if began else row.expire_date
            Session.objects.filter(pk=row.pk, expire_date__lt=end).update(expire_date=end)
        return row


def listen() -> None:
    """Note in each session when its person has logged in."""
    user_logged_in.connect(_note, dispatch_uid="sessions: logged in")


def _note(request: HttpRequest, **_: Any) -> None:
    request.session[_BEGAN] = int(time.time())


def _end(began: int) -> datetime:
    """Return when a session ends that is used now: after the idle time, but at most two weeks after its log-in."""
    last = datetime.fromtimestamp(began, UTC) + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return min(last, timezone.now() + _idle())


def _idle() -> timedelta:
    """Return the idle time. Without one it is that of the whole session."""
    return timedelta(hours=settings.SESSION_IDLE_HOURS) or timedelta(seconds=settings.SESSION_COOKIE_AGE)
