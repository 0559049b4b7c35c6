"""The times of requests, by route and status: a histogram that all web processes of one server fill together.

A process counts in its memory and writes its counts into a file of its own, at most once in WRITE_SECONDS, by a thread
that no request waits for. At a scrape, the process that answers adds up the files of its server's processes, and its
own counts as they are now. So what the others have counted is up to WRITE_SECONDS old. A file that can't be written,
since the disk is full, only makes the figures older. The web servers of several machines are scraped one by one.
"""

import bisect
import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

BUCKETS = (
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    10.0,
)  # seconds; one more is for the rest
WRITE_SECONDS = 1.0
Key = tuple[str, str]  # route, status
#: for each key: how many requests are in each bucket alone, and last the sum of their seconds
Counts = dict[Key, list[float]]


class RequestTimes:
    """The counts of this process, in a file of the folder whose name begins with the number of the server's master."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._counts: Counts = {}
        self._lock = threading.Lock()
        self._owner = 0
        self._has_news = threading.Event()

    def observe(self, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        with self._lock:
            if self._owner != os.getpid():
                self._begin()
            row = self._counts.setdefault((route, str(status)), [0] * (len(BUCKETS) + 2))
            row[bisect.bisect_left(BUCKETS, seconds)] += 1
            row[-1] += seconds
        self._has_news.set()

    def _begin(self) -> None:
        """Begin anew in a process that was forked from one that had counted, or that has not counted yet."""
        self._counts, self._owner, self._has_news = {}, os.getpid(), threading.Event()
        threading.Thread(target=self._keep_writing, daemon=True).start()

    def _keep_writing(self) -> None:
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
        self._remove_old()
        while True:
            self._has_news.wait()
            self._has_news.clear()
            self.write()
            time.sleep(WRITE_SECONDS)

    def write(self) -> None:
        """Write this process's counts into its file."""
        with self._lock:
            rows = [[*key, *row] for key, row in self._counts.items()]
        new = self._file.with_suffix(".new")
        with contextlib.suppress(OSError):
            new.write_text(json.dumps(rows))
            new.replace(self._file)

    @property
    def _file(self) -> Path:
        return self._folder / f"{os.getppid()}-{os.getpid()}.json"

    def _remove_old(self) -> None:
        """Remove the files of servers that have ended. Those of ended processes of this one count on."""
        for file in self._folder.glob("*-*.*"):
            master = file.name.partition("-")[0]
            if not (master.isdecimal() and _is_up(int(master))):
                file.unlink(missing_ok=True)

    def together(self) -> Counts:
        """Return the counts of all processes of this server."""
        found: Counts = {}
        for key, row in [*self._of_others(), *self._own()]:
            found[key] = [a + b for a, b in zip(found.get(key, [0] * len(row)), row, strict=True)]
        return found

    def _own(self) -> list[tuple[Key, list[float]]]:
        with self._lock:
            return [(key, list(row)) for key, row in self._counts.items()]

    def _of_others(self) -> Iterator[tuple[Key, list[float]]]:
        for file in self._folder.glob(f"{os.getppid()}-*.json"):
            if file != self._file:
                with contextlib.suppress(OSError, ValueError):  # it was removed meanwhile
                    for route, status, *row in json.loads(file.read_text()):
                        yield (route, status), row


def _is_up(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return True


#: the times of this process
times = RequestTimes(settings.WORK_DIR / "requests")
