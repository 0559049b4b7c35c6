"""The start of the process that extracts, its supervision, and the reading of its answers.

A file that breaks the process, takes too long or too much memory is refused with a sentence, and another process goes
on with the next file.
"""

import json
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from webapp.extraction import limits
from webapp.extraction.extracted import ORIGINAL, Format, Refused

log = logging.getLogger(__name__)

_ROOT = Path(__file__).parents[2]
_ENVIRONMENT = ("PATH", "LANG", "LC_", "TZ", "PYTHON", "COVERAGE_", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
_CHUNK = 65_536
_LONGEST_ANSWER = 4 * limits.MEGABYTE
_SLOW = (
    f"Reading the file took longer than {limits.SECONDS} seconds, so it was given up: split it, or save its text as "
    ".txt, and use that."
)
_BROKEN = (
    "The file broke the program that reads it, or needs too much memory: open it in the program that made it, save its "
    "text as .docx or .txt, and use that file."
)
_AT_ONCE = threading.BoundedSemaphore(2)  # processes that this one has at a time: each may take MEMORY_BYTES
_PATIENCE_SECONDS = 10  # for other files to be read: a thread of the site that waits serves nobody
_BUSY = "The site is reading the files of others now: add it again in a minute."
_TICK_SECONDS = 0.5
_NO_TIME = "There was no time left to read it, since the files before took so long: add it afterwards, by itself."


@dataclass(frozen=True)
class Source:
    """A file to extract, under the name that it was uploaded with; and of a table, the column to read."""

    name: str
    path: Path
    column: int | None = None


@dataclass(frozen=True)
class Document:
    """A document that was extracted. `text` and `original` are files in the folder of the extraction, or the source."""

    name: str
    text: Path  # cleaned, in UTF-8
    original: Path
    format: Format
    encoding: str = ""
    replaced: int = 0
    nuls: int = 0
    surplus_marks: int = 0
    notes: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    column: int | None = None

    def delete(self) -> None:
        """Delete the files that the extraction has made, but not the source."""
        self.text.unlink()
        if self.original.parent == self.text.parent and self.original.suffix == ORIGINAL:
            self.original.unlink()


def extract(
    sources: Sequence[Source], folder: Path, tick: Callable[[int], None] = lambda done: None
) -> Iterator[tuple[int, Document | Refused]]:
    """Yield each document and each refusal, after the number of its source. Files are written into the folder.

    Args:
        tick: called at least twice a second, with the number of sources that are done. When it raises an error, the
            process is killed.
    """
    waiting = list(range(len(sources)))
    end_at = time.monotonic() + limits.ALL_SECONDS
    while waiting:
        if not _AT_ONCE.acquire(timeout=_PATIENCE_SECONDS):
            yield from ((number, Refused(sources[number].name, _BUSY)) for number in waiting)
            return
        try:
            with _Process(sources, waiting, folder) as process:
                for answer in process.answers(end_at, lambda: tick(len(sources) - len(waiting))):
                    if "done" in answer:
                        waiting.pop(0)
                    else:
                        yield waiting[0], _read(answer)
        finally:
            _AT_ONCE.release()
        if waiting and time.monotonic() >= end_at:
            yield from ((number, Refused(sources[number].name, _NO_TIME)) for number in waiting)
            return
        if waiting:
            yield waiting[0], Refused(sources[waiting.pop(0)].name, process.problem)


def _read(answer: dict[str, Any]) -> Document | Refused:
    if "why" in answer:
        if answer["trace"]:
            log.error("extraction of %r: %s", answer["name"], answer["trace"])
        return Refused(answer["name"], answer["why"])
    extracted = answer["extracted"]
    decoded = extracted.pop("decoded")
    kind = Format(extracted.pop("format"))
    return Document(answer["name"], Path(answer["text"]), Path(answer["original"]), kind, **decoded, **extracted)


class _Process:
    """A running process, the leader of a group of its own, which is killed as a whole at the end of the block."""

    def __init__(self, sources: Sequence[Source], numbers: Sequence[int], folder: Path) -> None:
        self.problem = _BROKEN  # the sentence for the file at which it ended too early
        request = {
            "folder": str(folder),
            "sources": [
                {"number": n, "name": sources[n].name, "path": str(sources[n].path), "column": sources[n].column}
                for n in numbers
            ],
        }
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "webapp.extraction"],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        try:
            with self._process.stdin as stdin:
                stdin.write(json.dumps(request).encode())
        except BrokenPipeError:
            log.error("the process that extracts did not start")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.returncode == -signal.SIGXCPU:
            self.problem = _SLOW
        assert self._process.stdout is not None
        self._process.stdout.close()

    def answers(self, end_at: float, tick: Callable[[], None]) -> Iterator[dict[str, Any]]:
        """Yield the answers until the process ends, takes too long over a file, or the time is over."""
        unread = b""
        give_up_at = time.monotonic() + limits.SECONDS
        while chunk := self._more(min(give_up_at, end_at), tick):
            *lines, unread = (unread + chunk).split(b"\n")
            for line in lines:
                answer = json.loads(line)
                if "done" in answer:
                    give_up_at = time.monotonic() + limits.SECONDS
                yield answer
            if len(unread) > _LONGEST_ANSWER:
                return

    def _more(self, give_up_at: float, tick: Callable[[], None]) -> bytes:
        """Return the next bytes of the output; nothing when it has ended, or the time is over."""
        assert self._process.stdout is not None
        left = 1.0
        while left > 0:
            tick()
            left = max(0.0, give_up_at - time.monotonic())
            readable, _, _ = select.select([self._process.stdout], [], [], min(left, _TICK_SECONDS))
            if readable:
                return os.read(self._process.stdout.fileno(), _CHUNK)
        self.problem = _SLOW
        return b""


def _environment() -> dict[str, str]:
    """Return what the process needs of the environment. Keys and passwords are not among it."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(_ENVIRONMENT)}
    return {**kept, "PYTHONPATH": str(_ROOT)}
