"""The real product for tests: a broker alone, or everything as `make run` starts it."""

import contextlib
import os
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import psutil

from tests.support.inside_product import InsideProduct
from tests.support.waiting import wait_for
from webapp.launch import trial
from webapp.launch.process_guard import end_with_parent


def files_below(folder: Path) -> list[Path]:
    """Return the files below a folder in which others work: folders may go meanwhile, which `rglob` does not bear."""
    return [Path(place, name) for place, _, names in os.walk(folder) for name in names]


def start_broker(folder: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """Start the broker that the product brings. Return its process and its REDIS_URL."""
    from webapp.launch import checks, parts

    part, url = parts.broker(folder)
    process = _run_broker(part.command, folder)
    port = part.port
    assert port
    wait_for(lambda: checks.accepts(port), (folder / "broker.log").read_text)
    return process, url


def start_broker_again(folder: Path) -> "subprocess.Popen[bytes]":
    """Start a broker as the last one in this folder was, and wait until it takes connections."""
    from webapp.launch import checks, parts

    command = [parts.broker_program(), str(folder / "broker.conf")]
    process = _run_broker(command, folder)
    configured = dict(line.split(maxsplit=1) for line in (folder / "broker.conf").read_text().splitlines())
    wait_for(lambda: checks.accepts(int(configured["port"])), (folder / "broker.log").read_text)
    return process


def _run_broker(command: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "broker.log").open("wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=end_with_parent)


METRICS_TOKEN = "a token that reads figures alone"


class Product(trial.Product):
    """Understudy, started as a user starts it, and what can be seen of its processes from outside."""

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(folder, **environment)
        self._seen: set[psutil.Process] = set()
        self._inside: InsideProduct | None = None

    def call(self, function: str, **arguments: Any) -> Any:
        """Call a function of `tests.support.inside_product` in a process with its settings and database."""
        if self._inside is None:
            self._inside = InsideProduct(self.environment)
        return self._inside.call(function, **arguments)

    def wait_until_stopped(self) -> None:
        if self._inside is not None:
            self._inside.close()
            self._inside = None
        super().wait_until_stopped()

    def processes(self) -> set[psutil.Process]:
        """Return what runs of it, whoever its parent is by now: all that was ever seen below the launcher or here,
        and all that has this data folder in its environment (the broker's title overwrites that)."""
        found = set(psutil.process_iter())
        self._seen |= {one for one in found if self._is_marked(one)}
        with contextlib.suppress(psutil.NoSuchProcess):
            if self.process:
                self._seen |= set(psutil.Process(self.process.pid).children(recursive=True))
        return {one for one in self._seen & found if _is_alive(one)}

    def named(self, words: str) -> list[psutil.Process]:
        """Return its processes whose command line holds the words, as far as they have its data folder."""
        return [one for one in psutil.process_iter() if words in command_line(one) and self._is_marked(one)]

    def _is_marked(self, one: psutil.Process) -> bool:
        try:
            return bool(one.environ().get("UNDERSTUDY_DATA") == str(self.data))
        except psutil.Error:
            return False


class WithProcesses(Protocol):
    """A product, or a lab of several hosts."""

    def named(self, words: str) -> list[psutil.Process]: ...


@contextlib.contextmanager
def slowed(product: WithProcesses, words: str, since: Callable[[], object] = lambda: True) -> Iterator[None]:
    """Let the product's processes whose command line holds the words run for a tenth of the time only. Each is slowed
    once `since` is true: a process that takes the place of one that died may start at full speed first.

    What a fast machine would have done before anybody can look or press a button then takes a while on every machine.
    """
    over = threading.Event()

    def hold_back() -> None:
        held: set[psutil.Process] = set()
        while not over.wait(0.02):
            held = set(filter(_is_alive, held))
            if not held and since():
                held = set(product.named(words))
            if held:
                _hold(held, over)

    thread = threading.Thread(target=hold_back)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _hold(processes: Iterable[psutil.Process], over: threading.Event) -> None:
    _tell(processes, psutil.Process.suspend)
    try:
        over.wait(0.18)
    finally:
        _tell(processes, psutil.Process.resume)


@contextlib.contextmanager
def frozen(product: Product, words: str) -> Iterator[None]:
    """Let the product's processes whose command line holds the words stand still."""
    found = product.named(words)
    assert found, f"there is no {words}"
    _tell(found, psutil.Process.suspend)
    try:
        yield
    finally:
        _tell(found, psutil.Process.resume)


def _tell(processes: Iterable[psutil.Process], what: Callable[[psutil.Process], None]) -> None:
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            what(one)


def command_line(one: psutil.Process) -> str:
    try:
        return " ".join(one.cmdline())
    except psutil.Error:
        return ""


def _is_alive(one: psutil.Process) -> bool:
    try:
        return bool(one.is_running() and one.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
