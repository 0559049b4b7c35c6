"""The real product for tests: a broker alone, or everything as `make run` starts it."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Self

import psutil

from tests.support.waiting import GENEROUS, wait_for
from webapp.launch.process_guard import end_with_parent

ROOT = Path(__file__).parents[2]
FAST = {
    "RECONCILE_SECONDS": "1",
    "RATE_LIMITS": "false",
    "CHECKPOINT_SECONDS": "1",
    "SHARE_CHECKPOINT_SECONDS": "5",
    "LOG_LEVEL": "INFO",
}


def start_broker(folder: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """Start the broker that the product brings. Return its process and its REDIS_URL."""
    from webapp.launch import checks, parts

    part, url = parts.broker(folder)
    process = _run_broker(part.command, folder)
    wait_for(lambda: checks.accepts(part.port), (folder / "broker.log").read_text)
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


class Product:
    """Understudy, started as a user starts it, with a data folder and a port of its own."""

    def __init__(self, folder: Path, port: int = 0, **environment: str) -> None:
        from webapp.launch.parts import free_port

        self.folder = folder
        self.data = folder / "data"
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        of_tests = ("REDIS_URL", "DATABASE_URL", "DJANGO_ALLOW_ASYNC_UNSAFE")
        environment_of_tests = {k: v for k, v in os.environ.items() if k not in of_tests}
        own = {"UNDERSTUDY_DATA": str(self.data), "PORT": str(self.port), "HOST": "127.0.0.1"}
        self.environment = {**environment_of_tests, **FAST, **own, **environment}
        self.log = folder / "launcher.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._seen: set[psutil.Process] = set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, wait: bool = True) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "webapp.launch"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,  # a test run that is killed leaves nothing behind
            )
        if wait:
            self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        wait_for(self._answers, lambda: f"the site did not answer: {self.said()}")

    def _answers(self) -> bool:
        assert self.process and self.process.poll() is None, self.said()
        try:
            urllib.request.urlopen(self.address, timeout=GENEROUS).close()
        except OSError:
            return False
        return True

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self) -> None:
        self.ask_to_stop()
        self.wait_until_stopped()

    def wait_until_stopped(self) -> None:
        if self.process:
            self.process.wait(GENEROUS)

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)

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
            return one.environ().get("UNDERSTUDY_DATA") == str(self.data)
        except psutil.Error:
            return False


@contextlib.contextmanager
def slowed(product: Product, words: str, since: Callable[[], object] = lambda: True) -> Iterator[None]:
    """Let the product's processes whose command line holds the words run for a tenth of the time only, from the moment
    when `since` is true.

    What a fast machine would have done before anybody can look or press a button then takes a while on every machine.
    """
    over = threading.Event()

    def hold_back() -> None:
        while not since() and not over.wait(0.02):
            pass
        found: set[psutil.Process] = set()
        while not over.is_set():
            _tell(found, psutil.Process.suspend)
            try:
                found.update(product.named(words))
                over.wait(0.18)
            finally:
                _tell(found, psutil.Process.resume)
            over.wait(0.02)

    thread = threading.Thread(target=hold_back)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


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
        return one.is_running() and one.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
