"""The processes of a benchmark: our command line, and the peers."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[1]
_AROUND = 900  # seconds for start-up, evaluations and a busy machine, in addition to the time of the work

Event = dict[str, Any]


class Failed(Exception):
    """The failure of a process to do its work. The message says why."""


def run(python: str | Path, module: str, *options: object, seconds: float, root: Path = ROOT) -> list[Event]:
    """Run `python -m module options` to its end, and return the JSON lines that it wrote.

    Args:
        seconds: the expected time of its work. The process is killed if it takes _AROUND seconds more.
        root: the folder that the module is in.

    Raises Failed.
    """
    command = [str(python), "-m", module, *map(str, options)]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=seconds + _AROUND)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(str(error)) from None
    if done.returncode:
        last = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
        raise Failed(f"{module}: {last}")
    return [json.loads(line) for line in done.stdout.splitlines()]


@contextmanager
def serving() -> Iterator["Server"]:
    """Start `python -m trainer serve`, and end it after the block."""
    command = [sys.executable, "-m", "trainer", "serve"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield Server(process.stdin, process.stdout)
        finally:
            process.kill()


class Server:
    """A running `python -m trainer serve`."""

    def __init__(self, requests: IO[str], answers: IO[str]) -> None:
        self._requests, self._answers = requests, answers

    def write(self, model: Path, passages: int, length: int) -> int:
        """Let it write passages, and return how many characters they have. Raises Failed."""
        request = {"id": 1, "do": "sample", "model": str(model), "passages": passages, "length": length}
        self._requests.write(json.dumps(request) + "\n")
        self._requests.flush()
        written = 0
        for line in self._answers:
            event = json.loads(line)
            if event["event"] == "failed":
                raise Failed(event["reason"])
            if event["event"] == "done":
                return written
            written += len(event.get("text", ""))
        raise Failed("trainer serve: it ended")
