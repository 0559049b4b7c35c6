"""The benchmark of open pages: how long a poll takes, and how much slower a training becomes.

    python -m bench.pages [--pages 0 20 200] [--seconds 60]

It starts the whole product as `make run` does, trains one model, and opens several pages of that training at the same
time. Each page is loaded, and then polls as a browser does: at the time and the address in its last answer. The
processor time of the pages is shown separately, because they run on the same machine. It needs what the tests need. It
prints a table in Markdown.
"""

import argparse
import http.client
import re
import sys
import tempfile
import threading
import time
from html import unescape
from pathlib import Path
from statistics import median, quantiles

from bench import visitor
from webapp.launch.trial import Product

_ASKS = re.compile(rb'data-poll="(\d+)"\s+hx-get="([^"]+)"')
_RECIPE = {"recipe": "best", "minutes": 60, "layers": 2, "units": 256}
_SETTLE_SECONDS = 20.0  # time in which the pages are opened, one after the other; its polls do not count


class OpenPage(threading.Thread):
    """An open page. `waits` has the times of its polls, and the seconds that they took."""

    def __init__(self, port: int, address: str, cookie: str, over: threading.Event, delay: float) -> None:
        super().__init__(daemon=True)
        self.waits: list[tuple[float, float]] = []  # (when, seconds)
        self.failures: list[str] = []
        self.asked_again = 0
        self._address, self._over, self._delay = address, over, delay
        self._headers = {"Cookie": cookie, "HX-Request": "true"}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def run(self) -> None:
        if self._over.wait(self._delay):
            return
        found = self._take(self._get(self._address))
        if found is None:  # the page does not say what it polls, and that must not look like a slow site
            self.failures.append(f"{self._address} does not poll")
            return
        wait, asks = found
        while not self._over.wait(wait):
            began = time.monotonic()
            body = self._get(asks)
            self.waits.append((began, time.monotonic() - began))
            wait, asks = self._take(body) or (wait, asks)

    def _get(self, address: str) -> bytes:
        try:
            answer = self._answer(address)
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self.failures.append(repr(error))
            return b""
        if answer.status not in (200, 204):
            self.failures.append(f"{answer.status} {address}")
        return body

    def _answer(self, address: str) -> http.client.HTTPResponse:
        """Ask once more when the server has closed a connection that was idle, as a browser does."""
        is_kept = self._connection.sock is not None
        try:
            self._connection.request("GET", address, headers=self._headers)
            return self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self._connection.close()
            if not is_kept:
                raise
        self.asked_again += 1
        self._connection.request("GET", address, headers=self._headers)
        return self._connection.getresponse()

    def _take(self, body: bytes) -> tuple[float, str] | None:
        found = _ASKS.search(body)
        return (int(found[1]) / 1000, unescape(found[2].decode())) if found else None


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
    over = threading.Event()
    spread = _SETTLE_SECONDS / max(1, count)
    address = f"/models/{study}/"
    pages = [OpenPage(product.port, address, cookie, over, number * spread) for number in range(count)]
    for page in pages:
        page.start()
    time.sleep(_SETTLE_SECONDS + 10)
    began, used, learned = time.monotonic(), time.process_time(), _learned(product, study)
    time.sleep(seconds)
    passed, used = time.monotonic() - began, time.process_time() - used
    now = _learned(product, study)
    speed = (now[0] - learned[0]) / (now[1] - learned[1])
    over.set()
    waits = [1000 * wait for page in pages for when, wait in page.waits if when >= began]
    failed = [failure for page in pages for failure in page.failures]
    again = sum(page.asked_again for page in pages)
    figures = f"{median(waits):.0f} ms | {quantiles(waits, n=20)[-1]:.0f} ms" if len(waits) > 1 else "– | –"
    counts = f"{len(failed)} | {again}"
    print(f"| {count} | {len(waits)} | {figures} | {counts} | {speed:,.0f} | {100 * used / passed:.0f} % |", flush=True)
    for failure in failed:
        print(failure, file=sys.stderr)


def _learned(product: Product, study: int) -> tuple[int, float]:
    """Return the number of characters that the training has read, and its seconds."""
    progress = visitor.progress(product, study)
    return progress["chars"], progress["seconds"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.pages", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--pages", type=int, nargs="+", default=[0, 20, 200, 0], metavar="N")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="that each count is measured (60)")
    return parser


if __name__ == "__main__":
    main()
