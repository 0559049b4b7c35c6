"""How `make test` deals the tests out to its processes: a file stays together, and what takes longest begins first.

Otherwise the last file would run alone for minutes. The tests that use the `site` fixture go to one process: it starts
one product and one browser for all of them.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

_SITE = (
    "tests/browser/",
    "tests/launch/test_web_server.py",
    "tests/launch/test_private_files.py",
    "tests/workers/test_turns_of_a_worker.py",
)
_LONGEST_FIRST = (
    *("tests/disasters/test_recovery.py", *_SITE, "tests/disasters/test_several_hosts.py"),
    *("tests/workers/", "tests/launch/", "tests/bench/"),
)
_LAST = "tests/web/"


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return the tests in the order in which they are dealt out."""
    return sorted(items, key=lambda item: _rank(item.nodeid))


def _rank(nodeid: str) -> int:
    if nodeid.startswith(_LAST):
        return len(_LONGEST_FIRST) + 1
    return next((rank for rank, name in enumerate(_LONGEST_FIRST) if nodeid.startswith(name)), len(_LONGEST_FIRST))


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """One file at a time to each process, in the order above; those that share the site at once."""

    def _split_scope(self, nodeid: str) -> str:
        return "site" if nodeid.startswith(_SITE) else nodeid.partition("::")[0]
