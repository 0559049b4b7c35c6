"""Loaded before Django's settings: a data folder of the tests' own, and a real broker in it."""

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.product import start_broker, start_broker_again

# A disk in memory: the folders and files that each test makes and removes cost a twentieth there.
_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it has a random name, and is ours alone
_LEAST_FREE = 1 << 30  # bytes; the tests' folder has some 30 MB


def _base() -> Path | None:
    has_room = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _LEAST_FREE
    return _MEMORY if has_room else None


DATA = Path(tempfile.mkdtemp(prefix="understudy-tests-", dir=_base()))
(DATA / "static").mkdir()
os.environ["UNDERSTUDY_DATA"] = str(DATA)
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser driver's loop runs in the thread of the tests
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# What XLA has compiled for one process, all others of this run load: hundreds of small trainings compile the same.
os.environ.setdefault("TF_XLA_FLAGS", f"--tf_xla_persistent_cache_directory={DATA / 'compiled'}")
_broker, os.environ["REDIS_URL"] = start_broker(DATA / "broker")


@atexit.register
def _clean_up() -> None:
    _broker.kill()
    _broker.wait()
    shutil.rmtree(DATA, ignore_errors=True)


@contextlib.contextmanager
def broker_frozen() -> Iterator[None]:
    """Let the tests' broker take connections and answer nothing."""
    _broker.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        _broker.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def broker_dead() -> Iterator[None]:
    """Kill the tests' broker; another takes its place at the end, at the same address."""
    global _broker
    _broker.kill()
    _broker.wait()
    try:
        yield
    finally:
        _broker = start_broker_again(DATA / "broker")


def run(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in the project with extra environment and return what it said."""
    root = Path(__file__).parents[2]
    return subprocess.run(
        command, cwd=root, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
