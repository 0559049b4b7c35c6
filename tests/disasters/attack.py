"""The command `make attack`, which attacks the site as strangers could, and reports whether it held.

    python -m tests.disasters.attack --only strangers

It starts the product as `make run` does, with a new data folder, and prints a line for each attack: what was done, what
was measured, and whether that is good enough. A new attack is a function in ATTACKS that gets the product and yields
rows.
"""

import argparse
import contextlib
import http.client
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from tests.disasters import attack_inside
from tests.support.product import Product

LINE = "{:34} {:40} {:50} {}"
HEADS = ("attack", "done", "measured", "held")
GIVEN_UP_SECONDS = 20.0
QUICK_SECONDS = 1.0  # in which a page has to answer
SLOW_SECONDS = 5.0  # … while other people's texts are read
ASKED = 20
CLOSED_WITHIN_SECONDS = 60.0


@dataclass(frozen=True)
class Row:
    attack: str
    done: str
    measured: str
    held: bool


class Strangers:
    """Connections that stay open. Each sends the beginning of a request, and slow ones a byte every two seconds."""

    def __init__(self, port: int, number: int, beginning: bytes = b"", more: bytes = b"") -> None:
        self._sockets = [socket.create_connection(("127.0.0.1", port), timeout=GIVEN_UP_SECONDS) for _ in range(number)]
        self._more = more
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self.send_all(beginning)

    def send_all(self, data: bytes) -> None:
        for one in self._sockets:
            with contextlib.suppress(OSError):  # it was closed
                one.setblocking(True)
                one.sendall(data)
            one.setblocking(False)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for one in self._sockets:
            one.close()

    def _go_on(self) -> None:
        while self._more and not self._over.wait(2):
            for one in self._sockets:
                with contextlib.suppress(OSError):
                    one.send(self._more)

    def open(self) -> int:
        """Return how many of them the site has not closed."""
        return sum(map(_is_open, self._sockets))


def _is_open(one: socket.socket) -> bool:
    try:
        return one.recv(65_536) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def ask(product: Product, path: str = "/health/") -> float:
    """Return the seconds that a page took, or the longest wait when it did not come."""
    begun = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=GIVEN_UP_SECONDS)
    try:
        connection.request("GET", path)
        return time.monotonic() - begun if connection.getresponse().status == http.HTTPStatus.OK else GIVEN_UP_SECONDS
    except OSError:
        return GIVEN_UP_SECONDS
    finally:
        connection.close()


def ask_often(product: Product) -> list[float]:
    """Ask for a page twenty times, or until it fails. Return the seconds, sorted."""
    taken: list[float] = []
    while len(taken) < ASKED and GIVEN_UP_SECONDS not in taken:
        taken.append(ask(product))
    return sorted(taken)


POST = b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
KINDS = {
    "stand open": (b"", b""),
    "send a header's byte every 2 s": (b"GET / HTTP/1.1\r\nX-Header: ", b"x"),
    "send a body's byte every 2 s": (POST + b"Content-Length: 1000000\r\n\r\nx=", b"x"),
    "send a chunk's byte every 2 s": (POST + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n", b"x"),
}


def strangers(product: Product) -> Iterator[Row]:
    """Open idle and slow connections: the site goes on answering, and closes them."""
    for number in (8, 64, 500):
        for kind, (beginning, more) in KINDS.items():
            yield _strangers(product, number, kind, beginning, more)


def _strangers(product: Product, number: int, kind: str, beginning: bytes, more: bytes) -> Row:
    with Strangers(product.port, number, beginning, more) as crowd:
        begun = time.monotonic()
        taken = ask_often(product)
        while crowd.open() and time.monotonic() - begun < CLOSED_WITHIN_SECONDS:
            time.sleep(0.5)
        left, lasted = crowd.open(), time.monotonic() - begun
    times = f"/health/ {_ms(taken[len(taken) // 2])}, slowest {_ms(taken[-1])}"
    closed = f"all closed after {lasted:.0f} s" if not left else f"{left} open after {lasted:.0f} s"
    return Row(f"{number} idle strangers", kind, f"{times}; {closed}", taken[-1] < QUICK_SECONDS and not left)


def hanging(product: Product) -> Iterator[Row]:
    """Stop half of the web server's processes: they are replaced, and the site answers again."""
    master = web_master(product)
    children = master.children()
    children[0].suspend()
    begun = time.monotonic()
    while children[0].is_running() and time.monotonic() - begun < CLOSED_WITHIN_SECONDS:
        time.sleep(0.5)
    lasted, taken = time.monotonic() - begun, ask_often(product)
    measured = f"replaced after {lasted:.0f} s; /health/ then {_ms(taken[-1])} at most"
    yield Row("a web process hangs", "one of them is suspended", measured, taken[-1] < QUICK_SECONDS)


def web_master(product: Product) -> psutil.Process:
    """Return the process that starts the web server's processes."""
    found = [one for one in product.processes() if "gunicorn" in one.cmdline() and "-I" not in one.cmdline()]
    return min(found, key=lambda one: one.create_time())


def _ms(seconds: float) -> str:
    return "no answer" if seconds >= GIVEN_UP_SECONDS else f"{seconds * 1000:.0f} ms"


def texts(product: Product) -> Iterator[Row]:
    """Upload texts that take long to read: the site goes on answering."""
    for name, took, slowest in attack_inside.read_texts(product):
        measured = f"{took:.1f} s; /health/ meanwhile {_ms(slowest)} at most"
        yield Row("a hostile text, uploaded twice", name, measured, slowest < SLOW_SECONDS)


def passages(product: Product) -> Iterator[Row]:
    """Ask for passages with long openings: only a few may wait."""
    taken, grown = attack_inside.ask_for_passages(product)
    measured = f"{taken} taken; the database grew by {grown:.1f} MB"
    yield Row(
        "passages without an end", "30 requests: 8 passages, opening of 1 MB", measured, grown < 10 and taken <= 20
    )


def submits(product: Product) -> Iterator[Row]:
    """Submit long texts: others can write to the database meanwhile."""
    longest = attack_inside.submit_at_once(product)
    yield Row("eight submits of 19 MB at once", "a page is saved meanwhile", f"{_ms(longest)} at most", longest < 20)


ATTACKS: dict[str, Callable[[Product], Iterator[Row]]] = {
    "strangers": strangers,
    "hanging": hanging,
    "texts": texts,
    "passages": passages,
    "submits": submits,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[*ATTACKS], choices=[*ATTACKS])
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="understudy-attack-") as folder, Product(Path(folder)) as product:
        print(LINE.format(*HEADS), flush=True)
        for name in options.only:
            for row in ATTACKS[name](product):
                failed += not row.held
                print(LINE.format(row.attack, row.done, row.measured, "yes" if row.held else "NO"), flush=True)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
