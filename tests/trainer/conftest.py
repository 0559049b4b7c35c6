"""Shared fixtures: small trained models, each made once, and commands that are run or answered."""

import contextlib
import fcntl
import functools
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import compiled_names
from tests.support.waiting import GENEROUS
from tests.support.warm_trainer import WarmTrainer
from trainer.contract.documents import sample_text
from trainer.engine import setup

if TYPE_CHECKING:  # importing them takes seconds, and not all tests need them
    from trainer.evaluation.evaluator import Evaluator
    from trainer.generation.loaded_model import Model

ROOT = Path(__file__).parents[2]
TINY = ["--units", "16", "--batch", "8", "--sequence", "16", "--seed", "3", "--threads", "2"]
#: For trainings whose depth and threads play no role: they begin in half of the time.
SHALLOW = [*TINY, "--layers", "1", "--threads", "1"]
#: Of a model of another cell than the LSTM. It hides at every place, so an exact resume has all masks again.
OF_CELL = [*SHALLOW, "--dropout", 0.2, "--input-dropout", 0.1, "--weight-drop", 0.2, "--steps", 40]
#: Of a model of two networks.
OF_PAIR = [*SHALLOW, "--networks", 2, "--steps", 24, "--checkpoint-seconds", 0]
Event = dict[str, Any]


@pytest.fixture(scope="session", autouse=True)
def _tensorflow() -> None:
    setup.prepare(2, deterministic=True)
    compiled_names.make_steady()


@dataclass
class Run:
    """The result of a command that has ended."""

    code: int
    output: str
    errors: str

    @property
    def events(self) -> list[Event]:
        return [json.loads(line) for line in self.output.splitlines()]

    def named(self, name: str) -> list[Event]:
        return [event for event in self.events if event["event"] == name]


def trainer(
    *arguments: object, input: str = "", closed: Sequence[int] = (), limits: Mapping[int, int] | None = None
) -> Run:
    """Run `python -m trainer …` to its end.

    `closed` are the standard streams that are closed at its start, `limits` those of its resources (`RLIMIT_…`).
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = WarmTrainer(arguments, output.fileno(), errors.fileno(), closed)
        for kind, most in (limits or {}).items():
            resource.prlimit(process.pid, kind, (most, most))
        with contextlib.suppress(BrokenPipeError), process.stdin:  # it may have ended without a look at it
            process.stdin.write(input)
        code = process.wait(GENEROUS)
        output.seek(0)
        errors.seek(0)
        return Run(code, *(stream.read().decode(errors="backslashreplace") for stream in (output, errors)))


def cold_trainer(*arguments: object, **options: Any) -> Run:
    """Run `python -m trainer …` to its end, with options of `subprocess.run` that are about its start.

    It compiles by itself: the tests' store of compiled programs would meet the limits that a test sets on files.
    """
    options.setdefault("env", {name: value for name, value in os.environ.items() if name != "TF_XLA_FLAGS"})
    command = [sys.executable, "-m", "trainer", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=GENEROUS, **options)
    return Run(done.returncode, done.stdout, done.stderr)


class Running:
    """A command whose events are read while it runs. It waits for its reader: it is never more than a few events ahead,
    so what is done to it after an event finds it there, on a fast machine and on a busy one."""

    def __init__(self, *arguments: object) -> None:
        ours, its = socket.socketpair()
        with ours, its:
            its.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)  # as small as there is
            self.process = WarmTrainer(arguments, its.fileno())
            self._lines = ours.makefile(encoding="utf-8")
        self.events: list[Event] = []

    def until(self, name: str, count: int = 1) -> Event:
        """Read until the event of that name has come so often."""
        for line in self._lines:
            self.events.append(json.loads(line))
            count -= self.events[-1]["event"] == name
            if not count:
                return self.events[-1]
        raise AssertionError(f"no more {name}; the last was {self.events[-1:]}")

    def end(self, number: int) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        return self.code()

    def code(self) -> int:
        """Read on to its end, and return the exit code."""
        with self._lines, contextlib.suppress(ConnectionResetError):
            self.events += map(json.loads, self._lines)
        return self.process.wait(GENEROUS)

    def kill(self) -> None:
        self.process.kill()
        self._lines.close()
        self.process.wait(GENEROUS)


def checkpoint_steps(model: Path) -> list[int]:
    """Return the steps of the checkpoints that a training has left, the newest last."""
    return sorted(int(path.name.removeprefix("step-")) for path in (model / "checkpoints").glob("step-*"))


@pytest.fixture(scope="session")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text of 24,000 characters that every machine has."""
    path = tmp_path_factory.mktemp("text") / "topics.txt"
    path.write_text(sample_text()[:24_000], encoding="utf-8")
    return path


@dataclass
class Trained:
    path: Path
    run: Run


Make = Callable[..., Trained]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, text: Path) -> Make:
    """Return a function that trains a model once, by its name, for all test processes. The first one trains it."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if hasattr(request.config, "workerinput") else folder

    def make(name: str, *options: object) -> Trained:
        model, saved_run = folder / name / "model", folder / name / "run.json"
        model.parent.mkdir(exist_ok=True)
        with (folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not saved_run.exists():
                shutil.rmtree(model, ignore_errors=True)  # the rest of a process that was killed
                run = trainer("train", text, "--out", model, *options, "--json")
                assert run.code == 0, run.errors
                saved_run.write_text(json.dumps(asdict(run)))
        return Trained(model, Run(**json.loads(saved_run.read_text())))

    return make


@pytest.fixture(scope="session")
def trained(made_once: Make) -> Trained:
    """A tiny model, trained for sixty steps without interruption."""
    return made_once("trained", *TINY, "--steps", 60, "--mogrifier-rounds", 4)  # also where the loops are not native


@pytest.fixture(scope="session")
def shallow(made_once: Make) -> Trained:
    """A model of one layer that has hardly learned anything, where that is enough."""
    return made_once("shallow", *SHALLOW, "--steps", 5)


@pytest.fixture(scope="session")
def trained_tutorial(made_once: Make) -> Trained:
    options = ["--recipe", "tutorial", "--units", "12", "--steps", "40", "--seed", "3", "--threads", "2"]
    return made_once("tutorial", *options)


@pytest.fixture(scope="session")
def trained_words(made_once: Make) -> Trained:
    """A tiny model of words."""
    return made_once("words", "--level", "word", *TINY, "--rate", 0.02, "--steps", 60)


@pytest.fixture(scope="session")
def pair(made_once: Make) -> Trained:
    """A model of two networks."""
    return made_once("pair", *OF_PAIR)


def trained_cell(made_once: Make, cell: str) -> Trained:
    """Return a tiny model of another cell than the LSTM."""
    return made_once(cell, "--cell", cell, *OF_CELL)


def assert_same_training(found: Path, expected: Path) -> None:
    """Two trainings ended with the same bytes, but for times."""
    for name in ("weights.safetensors", "samples.jsonl", "score.json"):
        assert (found / name).read_bytes() == (expected / name).read_bytes()
    assert without_times(found / "history.jsonl") == without_times(expected / "history.jsonl")


class Serving:
    """`python -m trainer serve`, asked and answering."""

    def __init__(self) -> None:
        read, write = os.pipe()
        self.process = WarmTrainer(["serve"], write)
        os.close(write)
        self.answers = os.fdopen(read, encoding="utf-8")
        self._count = 0

    def tell(self, **request: Any) -> int:
        """Send a request and return its id."""
        self._count += 1
        self.process.stdin.write(json.dumps({"id": self._count, **request}) + "\n")
        self.process.stdin.flush()
        return self._count

    def hear(self) -> Event:
        return dict(json.loads(self.answers.readline()))

    def ask(self, **request: Any) -> list[Event]:
        """Send a request and return its whole answer."""
        number = self.tell(**request)
        answer = [self.hear()]
        while answer[-1]["event"] not in ("done", "failed"):
            answer.append(self.hear())
        assert all(event["id"] == number for event in answer)
        return answer

    def texts(self, **request: Any) -> dict[int, str]:
        """Ask for passages and return them by their numbers."""
        return {number: text for number, (text, _) in self.traced(**request).items()}

    def traced(self, **request: Any) -> dict[int, tuple[str, list[Any]]]:
        """Ask for passages and return them by their numbers, with their traces."""
        written: dict[int, tuple[str, list[Any]]] = {}
        for event in self.ask(do="sample", **request):
            if event["event"] == "text":
                text, trace = written.get(event["passage"], ("", []))
                written[event["passage"]] = text + event["text"], trace + event.get("trace", [])
        return written


@pytest.fixture(params=["characters", "words", "tutorial"])
def any_model(request: pytest.FixtureRequest) -> Path:
    """Each of the three in turn."""
    fixture = {"characters": "trained", "words": "trained_words", "tutorial": "trained_tutorial"}[request.param]
    return Path(request.getfixturevalue(fixture).path)


@functools.cache
def loaded(path: Path) -> "Model":
    """Load a model once for all tests of a process, since what it writes with is compiled for each that is loaded."""
    from trainer.generation import loaded_model

    return loaded_model.load(path)


@functools.cache
def evaluator_of(path: Path) -> "Evaluator":
    return loaded(path).evaluator()


@pytest.fixture(scope="session")
def serving() -> Iterator[Serving]:
    server = Serving()
    yield server
    server.process.stdin.close()
    assert server.process.wait(GENEROUS) == 0
    server.answers.close()


def without_times(lines: Path) -> list[Event]:
    """Return a history without what depends on the clock."""
    times = {"chars_per_s", "seconds", "seconds_left"}
    return [
        {name: value for name, value in json.loads(line).items() if name not in times}
        for line in lines.read_text().splitlines()
    ]
