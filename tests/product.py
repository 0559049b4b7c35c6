"""The real product for tests: a broker alone, or everything as `make run` starts it."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parent.parent
FAST = {"RECONCILE_SECONDS": "1", "RATE_LIMITS": "false", "SHARE_CHECKPOINT_SECONDS": "5", "LOG_LEVEL": "INFO"}


def start_broker(folder: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """Start the broker that the product brings. Return its process and its REDIS_URL."""
    from webapp.launch import parts

    part, url = parts.broker(folder)
    with (folder / "broker.log").open("wb") as log:
        process = subprocess.Popen(part.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    return process, url


class Product:
    """Understudy, started as a user starts it, with a data folder and a port of its own."""

    def __init__(self, folder: Path, port: int = 0, **environment: str) -> None:
        from webapp.launch.parts import free_port

        self.folder = folder
        self.data = folder / "data"
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        environment_of_tests = {k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "DATABASE_URL")}
        own = {"UNDERSTUDY_DATA": str(self.data), "PORT": str(self.port), "HOST": "127.0.0.1"}
        self.environment = {**environment_of_tests, **FAST, **own, **environment}
        self.log = folder / "launcher.log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.set_up()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def set_up(self) -> None:
        for command in (["migrate"], ["collectstatic", "--no-input"]):
            self.manage(*command, "--verbosity", "0")

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
            )
        if wait:
            self.wait_until_it_answers()

    def wait_until_it_answers(self, seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process and self.process.poll() is None, self.said()
            try:
                urllib.request.urlopen(self.address, timeout=5).close()
                return
            except OSError:
                time.sleep(0.2)
        raise AssertionError(f"the site did not answer: {self.said()}")

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self, how: int = signal.SIGINT) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=90)

    def processes(self) -> list[str]:
        """Return the command lines of all processes that have this data folder in their environment."""
        found = []
        mark = f"UNDERSTUDY_DATA={self.data}".encode()
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (path / "environ").read_bytes().split(b"\0"):
                    words = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    found.append(f"{path.name} {words}")
            except OSError:
                continue
        return found
