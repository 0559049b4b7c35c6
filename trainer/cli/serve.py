"""The server of `serve`: it answers requests, JSON lines in and out, and keeps models loaded.

It ends when standard input ends. docs/trainer.md has the protocol.
"""

import os
import queue
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from trainer.cli.reporters import JsonLines
from trainer.cli.requests import BadRequest, Request, parse
from trainer.contract import file_errors, voices
from trainer.contract.answers import Cancelled, Done, Scored, Text, Unknown
from trainer.contract.events import Event, Failed
from trainer.contract.exit_codes import ExitCode


class _Cancelled(Exception):
    pass


class Answers:
    """The output of the server. Several threads may write answers; each line is written as a whole."""

    def __init__(self, lines: JsonLines) -> None:
        self._lines = lines
        self._lock = threading.Lock()

    def send(self, request: Any, answer: Event) -> None:
        with self._lock:
            try:
                self._lines.write({"id": request, **answer.to_json()})
            except BrokenPipeError:
                os._exit(ExitCode.OUTPUT_CLOSED)


class Models:
    """A cache of the most recently used models. Their weights together take at most `limit` bytes.

    At least one model is always kept. The key of a model is its directory and the SHA-256 of its weights, so a model
    that was trained further is loaded again.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._loaded: OrderedDict[tuple[str, str], Any] = OrderedDict()

    def get(self, directory: str) -> Any:
        """Return a loaded model. Raises ModelProblem."""
        from trainer.generation import loaded_model
        from trainer.storage.model_directory import ModelDirectory

        key = (directory, ModelDirectory(Path(directory)).check())
        if key not in self._loaded:
            self._loaded[key] = loaded_model.load(Path(directory))
        self._loaded.move_to_end(key)
        while len(self._loaded) > 1 and sum(model.bytes for model in self._loaded.values()) > self._limit:
            self._loaded.popitem(last=False)
        return self._loaded[key]


def serve(lines: JsonLines, threads: int, cache_bytes: int) -> int:
    """Answer requests until standard input ends. Then the process ends at once."""
    answers = Answers(lines)
    inbox = Inbox(answers)
    threading.Thread(target=inbox.read, args=(sys.stdin.buffer,), daemon=True).start()
    from trainer.engine import setup

    setup.prepare(threads, deterministic=False)
    server = Server(answers, inbox, Models(cache_bytes))
    while True:
        server.answer(inbox.next())


class Inbox:
    """The waiting requests, and the ids of those that were cancelled. `read` runs in its own thread."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._open: dict[Any, bool] = {}  # id → whether it was cancelled

    def read(self, lines: BinaryIO) -> None:
        """Read lines until they end. Then end the process."""
        for line in lines:
            if line.strip():
                self._take(line)
        os._exit(0)  # nobody reads the answers any more

    def _take(self, line: bytes) -> None:
        try:
            request = parse(line)
        except BadRequest as problem:
            self._answers.send(None, Failed(reason=str(problem)))
            return
        if request.what == "ping":
            self._answers.send(request.number, Done())
        elif request.what == "cancel":
            self._cancel(request.number)
        else:
            with self._lock:
                self._open[request.number] = False
            self._waiting.put(request)

    def _cancel(self, number: Any) -> None:
        with self._lock:
            if number in self._open:
                self._open[number] = True

    def next(self) -> Request:
        """Wait for the next request."""
        return self._waiting.get()

    def check(self, number: Any) -> None:
        """Raise _Cancelled if the request was cancelled."""
        with self._lock:
            if self._open.get(number):
                raise _Cancelled

    def close(self, number: Any) -> None:
        """Forget a request, because it has its answer."""
        with self._lock:
            self._open.pop(number, None)


class Server:
    """Executes requests."""

    def __init__(self, answers: Answers, inbox: Inbox, models: Models) -> None:
        self._answers, self._inbox, self._models = answers, inbox, models
        self._actions: dict[str, Callable[[Request], Event]] = {
            "sample": self._sample,
            "score": self._score,
            "inspect": self._inspect,
            "units": self._units,
            "memory": self._memory,
            "attribute": self._attribute,
        }

    def answer(self, request: Request) -> None:
        """Answer one request. Any error becomes part of the answer."""
        try:
            self._inbox.check(request.number)
            action = self._actions.get(request.what)
            if action is None:
                raise BadRequest(f"There is nothing called {request.what!r} to do.")
            end = action(request)
        except _Cancelled:
            end = Cancelled()
        except Exception as error:
            end = _failure(error)
        finally:
            self._inbox.close(request.number)
        self._answers.send(request.number, end)

    def _sample(self, request: Request) -> Event:
        from trainer.generation import passages

        wanted = request.writing()
        files = request.paths("files") if wanted.sampling.counting else []
        model = self._models.get(request.text("model"))
        model = model.counting(wanted.sampling.counting, files, request.flag("frozen")).holding(request.held())
        unknown = passages.unknown(model, wanted.prompt)
        if unknown:
            self._answers.send(request.number, Unknown(characters=unknown))
        for passage, text, trace in passages.passages(model, wanted):
            piece = Text(passage=passage, text=text, trace=trace if wanted.trace else None)
            self._answers.send(request.number, piece)
            self._inbox.check(request.number)
        return Done()

    def _score(self, request: Request) -> Event:
        from trainer.data import corpus
        from trainer.evaluation import evaluator

        model = self._models.get(request.text("model"))
        files, is_frozen = request.paths("files"), request.flag("frozen")
        texts = corpus.read_for(model.vocabulary, files, model.recipe.lowercase, is_frozen)
        texts = texts.voiced(tuple(map(model.recipe.voice_number, voices.named([file.name for file in files]))))
        return Scored(score=evaluator.score(model.evaluator(), texts, model.recipe.voice_names))

    def _inspect(self, request: Request) -> Event:
        from trainer.inspection import gates

        model = self._models.get(request.text("model"))
        found = gates.inspect(model, request.text("text"), request.voices())
        file = request.path("file")
        return gates.answer_in_file(model, found, file) if file else gates.answer(model, found)

    def _units(self, request: Request) -> Event:
        from trainer.inspection import units

        return units.find(*self._with_held_out(request), request.voices())

    def _memory(self, request: Request) -> Event:
        from trainer.inspection import memory

        return memory.measure(*self._with_held_out(request), request.voices())

    def _with_held_out(self, request: Request) -> tuple[Any, Any]:
        """Return the model of a request, and the held-out parts of its files."""
        from trainer.inspection import held_out

        model = self._models.get(request.text("model"))
        return model, held_out.read(model, request.paths("files"), request.flag("frozen"))

    def _attribute(self, request: Request) -> Event:
        from trainer.inspection import attribution

        model, text = self._models.get(request.text("model")), request.text("text")
        place, symbol = request.whole("place") or 0, request.whole("symbol")
        return attribution.attribute(model, text, place, symbol, request.flag("actual"), request.voices())


def _failure(error: Exception) -> Failed:
    """Return the answer for an error. An unexpected error is also logged."""
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return Failed(reason="The machine ran out of memory.", advice="Write fewer passages at once.")
    if isinstance(error, ValueError):
        return Failed(reason=str(error), advice=getattr(error, "advice", ""))
    if isinstance(error, OSError) and error.filename:
        reason, advice = file_errors.explain(error)
        return Failed(reason=reason, advice=advice)
    sys.excepthook(type(error), error, error.__traceback__)
    return Failed(reason="Something went wrong that was not foreseen. It was logged.")
