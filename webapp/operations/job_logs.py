"""The lines about one job in the logs of this machine."""

import re
from pathlib import Path

from django.conf import settings

_READ = 4_000_000  # bytes of each file, from its end
_MOST = 300  # lines
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,]\d+")


def lines(job: int) -> list[str]:
    """Return the newest lines about a job, by their times, with those from before the last start of a part."""
    named = re.compile(rf'\bjob {job}\b|"job": {job}\b')
    found = [line for path in sorted(settings.LOG_DIR.glob("*.log*")) for line in _end(path) if named.search(line)]
    return sorted(found, key=_time)[-_MOST:]


def _end(path: Path) -> list[str]:
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - _READ))
        return log.read().decode(errors="replace").splitlines()


def _time(line: str) -> str:
    """Return when a line was written, in a form that can be compared. Both forms of logs have it."""
    found = _TIME.search(line)
    return found.group().replace("T", " ").replace(".", ",") if found else ""
