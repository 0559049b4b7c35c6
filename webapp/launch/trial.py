"""The whole product for a while, with a data folder and a port of its own: for tests and measurements."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from webapp.launch.parts import free_port
from webapp.launch.process_guard import end_with_parent

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 600.0  # seconds: on any machine, what goes well needs a small part of it
FAST = {
    "RECONCILE_SECONDS": "1",
    "RATE_LIMITS": "false",
    "CHECKPOINT_SECONDS": "1",
    "SHARE_CHECKPOINT_SECONDS": "5",
    "LOG_LEVEL": "INFO",
    "MEASURE_SPEED": "false",
}
_OF_ANOTHER = ("REDIS_URL", "DATABASE_URL", "DJANGO_ALLOW_ASYNC_UNSAFE")  # what tests have set for themselves


def wait_for(what: Callable[[], Any], why: str | Callable[[], str] = "it did not happen") -> Any:
    """Return the first true answer of `what`, however long it takes here. PATIENCE only ends what has gone wrong.

    Of a page too: the browser's own `wait_for_function` asks a second time by `eval`, which the pages' content security
    policy forbids. It works only as long as the first answer is the right one.
    """
    end = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < end, why if isinstance(why, str) else why()
        time.sleep(0.05)
    return found


class Product:
    """Understudy, started as a user starts it. `environment` are settings that differ from `FAST`."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        others = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER}
        own = {"UNDERSTUDY_DATA": str(self.data), "PORT": str(self.port), "HOST": "127.0.0.1"}
        self.environment = {**others, **FAST, **own, **environment}
        self.log = folder / "launcher.log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def manage(self, *arguments: str) -> str:
        """Run a command of `manage.py` in its environment, and return what it said."""
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
                preexec_fn=end_with_parent,  # whoever started it may be killed, and leaves nothing behind
            )
        if wait:
            self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        wait_for(self._answers, lambda: f"the site did not answer: {self.said()}")

    def _answers(self) -> bool:
        assert self.process and self.process.poll() is None, self.said()
        try:
            urllib.request.urlopen(self.address, timeout=PATIENCE).close()
        except OSError:
            return False
        return True

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self) -> None:
        self.ask_to_stop()
        self.wait_until_stopped()

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)

    def wait_until_stopped(self) -> None:
        if self.process:
            self.process.wait(PATIENCE)
