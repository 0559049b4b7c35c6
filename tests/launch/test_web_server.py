"""The web server: idle or slow connections occupy no thread, are closed in the end, and disturb no others."""

import contextlib
import http.client
import os
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.disasters.attack import GIVEN_UP_SECONDS, KINDS, Strangers, ask, web_master
from tests.support.product import METRICS_TOKEN, Product
from tests.support.waiting import wait_for
from webapp.server import Site

MEGABYTE = 1_000_000
Headers = list[tuple[str, str]]


def echo(environ: dict[str, Any], start_response: Callable[[str, Headers], object]) -> list[bytes]:
    """Answer with the body of the request, or with as many bytes as the query says."""
    body = b"x" * int(environ["QUERY_STRING"]) if environ["QUERY_STRING"] else environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@contextlib.contextmanager
def serving(
    application: Any = echo, host: str = "127.0.0.1", begun: list[Site] | None = None, **choices: Any
) -> Iterator[tuple[str, int]]:
    """Run a site with one thread in this process. Yield its address."""
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    address = listener.getsockname()[:2]
    site = Site(application, [listener], **{"threads": 1, "largest_body": 5 * MEGABYTE, **choices})
    if begun is not None:
        begun.append(site)
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            site.run_once()
        site.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield address
    finally:
        over.set()
        site.wake()
        thread.join()


def ask_for(address: tuple[str, int], body: bytes = b"hello", path: str = "/") -> bytes:
    connection = http.client.HTTPConnection(*address, timeout=30)
    with contextlib.closing(connection):
        connection.request("POST", path, body)
        return connection.getresponse().read()


def answer(sock: socket.socket) -> bytes:
    """Return all bytes until the site closes the connection."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while data := sock.recv(65_536):
            received += data
    return received


@pytest.mark.parametrize("kind", KINDS)
def test_idle_strangers_cost_no_thread(kind: str) -> None:
    with serving() as address, Strangers(address[1], 64, *KINDS[kind]) as crowd:
        assert ask_for(address) == b"hello"
        assert crowd.open() == 64


@pytest.mark.parametrize("kind", KINDS)
def test_idle_strangers_are_closed(kind: str) -> None:
    with serving(patience=0.2) as address, Strangers(address[1], 4, *KINDS[kind]) as crowd:
        wait_for(lambda: crowd.open() == 0)
        assert ask_for(address) == b"hello"


def test_dripping_bytes_do_not_put_the_end_off() -> None:
    with serving(patience=1.0) as address, socket.create_connection(address) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        begun = time.monotonic()
        with pytest.raises(ConnectionError):
            while time.monotonic() - begun < 30:
                slow.sendall(b"x")
                time.sleep(0.05)


def test_an_upload_that_goes_on_may_take_longer_than_patience() -> None:
    with serving(patience=2.0) as address, socket.create_connection(address) as steady:
        steady.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        end, sent = time.monotonic() + 3, 0
        while time.monotonic() < end:
            steady.sendall(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
            sent += 10_000
            time.sleep(0.1)
        steady.sendall(b"0\r\n\r\n")
        assert answer(steady).count(b"x") == sent


def test_whoever_reads_slowly_costs_no_thread_and_is_closed() -> None:
    sites: list[Site] = []
    with serving(patience=1.0, begun=sites) as address, socket.create_connection(address) as slow:
        slow.sendall(b"GET /?30000000 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert slow.recv(4)  # it is being answered
        assert ask_for(address) == b"hello"
        wait_for(lambda: slow.recv(100) and not sites[0].connections)
        assert len(answer(slow)) < 30_000_000


def test_too_many_connections_end_the_one_that_waits_longest() -> None:
    with serving(connections=8) as address, Strangers(address[1], 8) as first, Strangers(address[1], 4) as later:
        wait_for(lambda: first.open() == 4)
        assert later.open() == 4
        assert ask_for(address) == b"hello"


def test_many_large_bodies_on_their_way_do_not_fill_the_disk() -> None:
    begun = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + b"x" * 800_000
    with serving(largest_body=MEGABYTE) as address, Strangers(address[1], 13) as crowd:
        crowd.send_all(begun)
        wait_for(lambda: crowd.open() <= 12)  # the limit is ten bodies of the largest size
        assert ask_for(address) == b"hello"


def test_a_body_that_is_too_long_is_refused_at_once() -> None:
    with serving() as address, socket.create_connection(address) as large:
        large.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000001\r\n\r\n")
        assert answer(large).startswith(b"HTTP/1.1 413 ")


def test_what_a_stranger_says_is_no_traceback_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with serving(patience=0.2) as address:
        for words in (
            b"\x16\x03\x01\x00\xff\xfe\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        ):
            with socket.create_connection(address) as odd:
                odd.sendall(words)
                answer(odd)
        with socket.create_connection(address) as leaving:
            leaving.sendall(b"GET /?9000000 HTTP/1.1\r\nHost: x\r\n\r\n")
            leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # closes with a reset
        assert ask_for(address) == b"hello"
    assert not [record for record in caplog.records if record.exc_info]


def test_it_answers_over_ipv6() -> None:
    with serving(host="::1") as address:
        assert ask_for(address) == b"hello"


def test_the_whole_site_answers_among_strangers(site: Product) -> None:
    with contextlib.ExitStack() as stack:
        crowds = [stack.enter_context(Strangers(site.port, 32, *KINDS[kind])) for kind in KINDS]
        taken = sorted(ask(site) for _ in range(5))
        assert sum(crowd.open() for crowd in crowds) == 32 * len(KINDS)
    assert taken[2] < 5


def test_a_process_that_is_killed_is_replaced(site: Product) -> None:
    master = web_master(site)
    children = {one.pid for one in master.children()}
    os.kill(min(children), signal.SIGKILL)
    wait_for(lambda: len({one.pid for one in master.children()} - children) == 1)
    assert ask(site) < GIVEN_UP_SECONDS


def test_what_is_under_way_is_finished_when_the_server_stops() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(environ: dict[str, Any], start_response: Callable[[str, Headers], object]) -> list[bytes]:
        begun.set()
        go_on.wait(30)
        return echo(environ, start_response)

    listener = socket.create_server(("127.0.0.1", 0))
    site = Site(slow, [listener], threads=1, largest_body=MEGABYTE)
    with socket.create_connection(listener.getsockname()) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello")
        while not begun.is_set():
            site.run_once()
        site.stop_accepting()
        assert site.is_busy
        go_on.set()
        while site.is_busy:
            site.run_once()
        site.close()
        assert answer(client).endswith(b"hello")


def _asked(site: Product) -> float:
    """Return how many answers of a page of its own the site says it has counted."""
    request = urllib.request.Request(f"{site.address}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    with urllib.request.urlopen(request) as answer:
        lines = answer.read().decode().splitlines()
    name = 'understudy_request_seconds_count{route="account_deleted",status="200"} '
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


def test_the_web_processes_count_their_requests_together(site: Product) -> None:
    """Each scrape gives the sum, whichever process answers it. Other tests may have asked for the page before."""

    def told() -> set[float]:
        return {_asked(site) for _ in range(8)}

    wait_for(lambda: len(told()) == 1)
    before = _asked(site)
    for _ in range(10):
        urllib.request.urlopen(f"{site.address}/accounts/deleted/").close()
    wait_for(lambda: told() == {before + 10})
