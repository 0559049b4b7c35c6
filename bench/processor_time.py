"""The processor time of each part of the product, read from outside while it runs."""

from collections import Counter
from pathlib import Path

import psutil

#: words in a command line → the part; the first that fits counts
_PARTS = {
    "gunicorn": "web",
    "trainer train": "trainer",
    "trainer serve": "writing",
    "-Q train": "train worker",
    "-Q write": "writing",
    "-Q extract": "others",
    "reconcile": "others",
    "-server": "broker",
}
PARTS = ("web", "train worker", "trainer", "writing", "broker", "database", "others")


def seconds(launcher: int, database: Path | None = None) -> Counter[str]:
    """Return the seconds of processor time that each part has used so far.

    Args:
        launcher: the process id of the product's launcher.
        database: the data folder of the PostgreSQL server, if there is one.
    """
    found: Counter[str] = Counter()
    for one in _with_children(psutil.Process(launcher)):
        _add(found, one, None)
    for server in _servers(database) if database else ():
        for one in _with_children(server):
            _add(found, one, "database")
    return found


def _with_children(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _servers(folder: Path) -> list[psutil.Process]:
    """Return the processes that were started with a data folder of PostgreSQL: the server."""
    servers = []
    for one in psutil.process_iter():
        try:
            command = one.cmdline()
        except psutil.Error:
            continue
        if str(folder) in command and "postgres" in command[0]:
            servers.append(one)
    return servers


def _add(found: Counter[str], one: psutil.Process, part: str | None) -> None:
    """Add the time of a process, and of those of its children that have ended."""
    try:
        command, times = " ".join(one.cmdline()), one.cpu_times()
    except psutil.Error:
        return
    part = part or next((name for words, name in _PARTS.items() if words in command), "others")
    found[part] += times.user + times.system + times.children_user + times.children_system
