"""make run's launcher: one address, every part kept alive, nothing left behind."""

import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.product import Product


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    product = Product(tmp_path)
    product.set_up()
    yield product
    product.stop()


def wait_for(what: Callable[[], object], seconds: float = 60) -> object:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("it did not happen in time")


def processes(product: Product, words: str) -> list[int]:
    return [int(line.split()[0]) for line in product.processes() if words in line and "leash.py" not in line]


def test_it_says_its_address_keeps_parts_alive_and_stops_them_all(product: Product) -> None:
    product.start()
    wait_for(lambda: f"Understudy is at {product.address}/" in product.said())
    for words in ("valkey", "gunicorn", "-Q train", "-Q write", "manage.py reconcile"):
        victim = wait_for(lambda words=words: processes(product, words))[0]  # type: ignore[index, misc]
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda words=words, v=victim: [p for p in processes(product, words) if p > 0 and p != v])  # type: ignore[misc]
    product.wait_until_it_answers()
    product.stop()
    assert product.processes() == []


def test_nothing_is_left_behind_when_it_is_killed(product: Product) -> None:
    product.start()
    assert product.process
    product.process.kill()
    product.process.wait()
    wait_for(lambda: not product.processes())


def test_a_port_that_is_taken_is_said_before_anything_starts(product: Product) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", product.port))
        other.listen()
        product.start(wait=False)
        assert product.process and product.process.wait(30) == 1
    assert re.search(r"Port \d+ can't be used .*make run PORT=\d+", product.said())
    assert product.processes() == []


def test_a_second_one_on_the_same_data_is_refused(product: Product, tmp_path: Path) -> None:
    product.start()
    second = Product(tmp_path)
    second.log = tmp_path / "second.log"
    second.start(wait=False)
    assert second.process and second.process.wait(30) == 1
    assert "already running" in second.said()
    product.wait_until_it_answers()
