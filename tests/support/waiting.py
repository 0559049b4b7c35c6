"""How tests wait: for an event, however long it takes here. The time limit only ends what has gone wrong."""

import time
from collections.abc import Callable
from typing import Any

GENEROUS = 600.0  # seconds: on any machine, a test that passes needs a small part of it
GENEROUS_MS = 1000 * GENEROUS  # as browsers count


def wait_for(what: Callable[[], Any], why: str | Callable[[], str] = "it did not happen") -> Any:
    """Return the first true answer of `what`.

    Of a page too: the browser's own `wait_for_function` asks a second time by `eval`, which the pages' content security
    policy forbids. It works only as long as the first answer is the right one.
    """
    end = time.monotonic() + GENEROUS
    while not (found := what()):
        assert time.monotonic() < end, why if isinstance(why, str) else why()
        time.sleep(0.05)
    return found
