"""The benchmark of open pages: how long a poll takes, and how much slower a training becomes.

    python -m bench.pages [--pages 0 20 200] [--seconds 60]

It starts the whole product as `make run` does, trains one model, and opens several pages of that training at the same
time. Each page is loaded, and then polls as a browser does: at the time and the address in its last answer. The
processor time of the pages is shown separately, because they run on the same machine. It needs what the tests need. It
prints a table in Markdown.
"""

import argparse
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path
from statistics import median, quantiles

from bench import visitor
from bench.session import Notes, Session
from webapp.launch.trial import Product

_ASKS = re.compile(rb'data-poll="(\d+)"\s+hx-get="([^"]+)"')
_RECIPE = {"recipe": "best", "minutes": 60, "layers": 2, "units": 256}
POLL = "poll of a study page"
SETTLE_SECONDS = 20.0  # time in which the pages are opened, one after the other; its polls do not count


class OpenPage(threading.Thread):
    """An open page, whose requests are noted. It asks as often as the site says, or every `every` seconds."""

    def __init__(
        self, session: Session, address: str, over: threading.Event, delay: float, every: float | None = None
    ) -> None:
        super().__init__(daemon=True)
        self.problem = ""
        self._session, self._address, self._over = session, address, over
        self._delay, self._every = delay, every

    def run(self) -> None:
        if self._over.wait(self._delay):
            return
        found = self._take(self._session.get(self._address, "study page").body)
        if found is None:  # the page does not say what it polls, and that must not look like a slow site
            self.problem = f"{self._address} does not poll"
            return
        wait, asks = found
        while not self._over.wait(wait):
            body = self._session.get(asks, POLL, {"HX-Request": "true"}).body
            wait, asks = self._take(body) or (wait, asks)
        self._session.close()

    def _take(self, body: bytes) -> tuple[float, str] | None:
        """Return the time until the next poll, and its address."""
        found = _ASKS.search(body)
        return (self._every or int(found[1]) / 1000, unescape(found[2].decode())) if found else None


def opened(
    session: Callable[[], Session],
    study: int,
    count: int,
    over: threading.Event,
    every: float | None = None,
    settle: float = SETTLE_SECONDS,
) -> list[OpenPage]:
    """Open pages of a study, one after the other in `settle` seconds, so that their polls are spread over time."""
    spread = settle / max(1, count)
    address = f"/models/{study}/"
    pages = [OpenPage(session(), address, over, number * spread, every) for number in range(count)]
    for page in pages:
        page.start()
    return pages


def main() -> None:
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory() as folder, Product(Path(folder), CHECKPOINT_SECONDS="30") as product:
        study, cookie = visitor.submit(product, _RECIPE, characters=300_000)
        visitor.wait_for_step(product, study, 200)
        print(
            "| open pages | polls | median | 95th percentile | failed | on a new connection | characters/s trained "
            "| pages' own processor |"
        )
        print("|---|---|---|---|---|---|---|---|")
        for pages in options.pages:
            _measure(product, study, cookie, pages, options.seconds)


def _measure(product: Product, study: int, cookie: str, count: int, seconds: float) -> None:
    over, notes = threading.Event(), Notes()
    pages = opened(lambda: Session(product.port, notes, cookie), study, count, over)
    time.sleep(SETTLE_SECONDS + 10)
    began, used, learned = time.monotonic(), time.process_time(), visitor.learned(product, study)
    time.sleep(seconds)
    passed, used = time.monotonic() - began, time.process_time() - used
    speed = learned.speed_until(visitor.learned(product, study))
    over.set()
    polls = [one for one in notes.between(began, began + passed) if one.path == POLL]
    waits = [1000 * one.seconds for one in polls]
    failed = [
        *(page.problem for page in pages if page.problem),
        *(one.failure for one in notes.requests if one.failure),
    ]
    figures = f"{median(waits):.0f} ms | {quantiles(waits, n=20)[-1]:.0f} ms" if len(waits) > 1 else "– | –"
    counts = f"{len(failed)} | {notes.asked_again}"
    print(f"| {count} | {len(waits)} | {figures} | {counts} | {speed:,.0f} | {100 * used / passed:.0f} % |", flush=True)
    for failure in failed:
        print(failure, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.pages", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--pages", type=int, nargs="+", default=[0, 20, 200, 0], metavar="N")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="that each count is measured (60)")
    return parser


if __name__ == "__main__":
    main()
