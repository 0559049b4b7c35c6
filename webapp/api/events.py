"""The events of a training as a stream of server-sent events, beside polling.

Each stream keeps a thread of the web server busy. So a process has few at a time, and a stream ends after a while: a
client of server-sent events then asks again by itself, and says what it has by the id of its last event.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from webapp.api import shown
from webapp.api.problems import Problem
from webapp.studies.models import HistoryPoint, Sample, Study
from webapp.studies.training_status import status_of

SECONDS = 25.0  # of one stream
AT_ONCE = 2  # streams of one process, of its eight threads
_EACH_SECONDS = 1.0
_MOST_ROWS = 500  # of one look at the database
_ID = re.compile(r"(\d{1,15})-(\d{1,15})")  # of the newest point and the newest sample that a client has

_places = threading.BoundedSemaphore(AT_ONCE)


class Stream:
    """The events of one training, as bytes. Its place is free again when it is closed."""

    def __init__(self, study: Study, last_id: str) -> None:
        known = _ID.fullmatch(last_id)
        self._study = study
        self._point, self._sample = (int(known[1]), int(known[2])) if known else (0, 0)
        if not _places.acquire(blocking=False):
            raise Problem(503, _("Too many programs follow trainings now. Ask again in a few seconds, or poll."))
        self._is_open = True
        self._events = self._all()

    def __iter__(self) -> Iterator[bytes]:
        yield from self._events

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._events.close()
            _places.release()

    def _all(self) -> Any:
        end_at = time.monotonic() + SECONDS
        yield b"retry: 1000\n\n"
        before: dict[str, Any] = {}
        while True:
            study = Study.objects.filter(pk=self._study.pk, deleting=False).first()
            if study is None:
                return
            training = shown.training(status_of(study))  # before the rows: when it is over, no more rows can come
            yield from self._rows()
            if training != before:
                before = training
                yield self._event("training", training)
            if training["over"] or time.monotonic() >= end_at:
                return
            time.sleep(_EACH_SECONDS)

    def _rows(self) -> Iterator[bytes]:
        points = HistoryPoint.objects.filter(study=self._study.pk, pk__gt=self._point).order_by("pk")[:_MOST_ROWS]
        for point in points:
            self._point = point.pk
            yield self._event("point", shown.point(point))
        for sample in Sample.objects.filter(study=self._study.pk, pk__gt=self._sample).order_by("pk")[:_MOST_ROWS]:
            self._sample = sample.pk
            yield self._event("sample", shown.sample(sample))

    def _event(self, kind: str, data: dict[str, Any]) -> bytes:
        content = json.dumps(data, cls=DjangoJSONEncoder, separators=(",", ":"))
        return f"id: {self._point}-{self._sample}\nevent: {kind}\ndata: {content}\n\n".encode()
