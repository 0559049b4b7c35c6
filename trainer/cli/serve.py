"""Answering requests with models kept loaded: JSON lines in, JSON lines out. Ends when standard input ends.

Requests have an `id`, which every line of their answer carries, and say what to `do`:

    {"id": 1, "do": "ping"}                                          → {"id": 1, "event": "done"}
    {"id": 2, "do": "sample", "model": DIR, "prompt": "", "length": 500, "words": 0, "ending": "",
     "paragraph": false, "temperature": 0.8, "top_k": 0, "top_p": 1.0, "penalty": 0.0, "seed": 1, "passages": 1,
     "first": 0, "trace": false}                                     → "unknown" where the prompt has characters
                                                                       that the model leaves out:
                                                                       {"id", "event": "unknown", "characters": [...]},
                                                                       then {"id", "event": "text", "passage": 0,
                                                                       "text": "…"} …, then "done"
    {"id": 3, "do": "score", "model": DIR, "files": [PATH, …],
     "frozen": false}                                                → {"id", "event": "done", "score": {…}}
    {"id": 4, "do": "inspect", "model": DIR, "text": "…"}            → {"id", "event": "done", "layers": […], …}
    {"id": 2, "do": "cancel"}                                        → the running or waiting request 2 ends with
                                                                       {"id": 2, "event": "done", "cancelled": true}

A passage ends at whichever comes first: at `length` code points, where a word is cut, and a character of several code
points that does not fit is left out; with its last one of `words`, counted as `text.describe` counts them (0: no
limit); before the string `ending` ("": none) or, with `paragraph`, before a blank line instead, which are looked for
after the blanks that the passage begins with. A line of nothing but blanks is blank. Of a prompt, the last 5,000
symbols are read, and no more than 20,000 characters. `penalty` (0 to 2) works against loops, see
`SamplingOptions`. Prompt, ending and the text to inspect are spelled as the model's own text was: cleaned, and in
lower case where that was.

With `trace`, every "text" carries "trace", one entry for each symbol of its text: [code points, nats, [[text, p], …]].
Nats are -log p of what was written, by the model's own probability, at temperature 1 and without filters and penalty,
to 3 places; then at most 4 others that were likely there, likeliest first, p to 3 places and none that would be 0. The
code points add up to the length of "text". Of a symbol that the passage's end cuts, these are the ones left; what ends
a word that the prompt broke off in has its probability among all the known ends of it, without the beginning.

What `inspect` shows is in time steps, one for each of "symbols": the text's characters, or its words.

A request that can't be answered ends with {"id", "event": "failed", "reason": "…", "advice": "…"}. Of a sample,
only "id", "do" and "model" have to be given. Passages are numbered from `first`; a passage is the same whichever
others are written with it. Requests are answered one after the other; `cancel` and `ping` at once. A request
that is no longer known is cancelled in vain, without an answer.
"""

import json
import os
import queue
import sys
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

from trainer.cli.reporters import JsonLines
from trainer.contract import file_errors
from trainer.contract.answers import Cancelled, Done, Inspected, Scored, Text, Unknown
from trainer.contract.events import Event, Failed
from trainer.contract.exit_codes import ExitCode
from trainer.contract.writing_settings import WritingRequest, check

Request = dict[str, Any]

_ENVELOPE = ("id", "do", "model")  # of a sample: all else is a setting


class BadRequest(ValueError):
    """A request that is not as this module's docstring says."""


class _Cancelled(Exception):
    pass


class Lines:
    """Answers, written whole by whichever thread has one."""

    def __init__(self, lines: JsonLines) -> None:
        self._lines = lines
        self._lock = threading.Lock()

    def tell(self, request: Any, answer: Event) -> None:
        with self._lock:
            try:
                self._lines.write({"id": request, **answer.to_json()})
            except BrokenPipeError:
                os._exit(ExitCode.UNHEARD)


class Models:
    """The models used last, as long as their weights fit into `limit` bytes together (one always does).

    A model is known by its directory and the SHA-256 of its weights, so one that went on learning is loaded anew.
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
    """Answer until standard input ends, then leave at once."""
    answers = Lines(lines)
    inbox = Inbox(answers)
    threading.Thread(target=inbox.read, args=(sys.stdin.buffer,), daemon=True).start()
    from trainer.engine import setup

    setup.prepare(threads, deterministic=False)
    server = Server(answers, inbox, Models(cache_bytes))
    while True:
        server.answer(inbox.next())


class Inbox:
    """Requests that wait, and the ids of those that were cancelled. Reads in a thread of its own."""

    def __init__(self, answers: Lines) -> None:
        self._answers = answers
        self._waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._open: dict[Any, bool] = {}  # id → whether it was cancelled

    def read(self, source: BinaryIO) -> None:
        for line in source:
            if line.strip():
                self._take(line)
        os._exit(0)  # nobody is there to read an answer

    def _take(self, line: bytes) -> None:
        try:
            request = json.loads(line)
            number, what = request["id"], request["do"]
            hash(number)
        except (ValueError, KeyError, TypeError):
            self._answers.tell(None, Failed(reason="A request is a JSON object with id and do."))
            return
        if what == "ping":
            self._answers.tell(number, Done())
        elif what == "cancel":
            self._cancel(number)
        else:
            with self._lock:
                self._open[number] = False
            self._waiting.put(request)

    def _cancel(self, number: Any) -> None:
        with self._lock:
            if number in self._open:
                self._open[number] = True

    def next(self) -> Request:
        return self._waiting.get()

    def check(self, number: Any) -> None:
        """Raise _Cancelled where the request was."""
        with self._lock:
            if self._open.get(number):
                raise _Cancelled

    def close(self, number: Any) -> None:
        with self._lock:
            self._open.pop(number, None)


class Server:
    """Does what a request says."""

    def __init__(self, answers: Lines, inbox: Inbox, models: Models) -> None:
        self._answers, self._inbox, self._models = answers, inbox, models
        self._does = {"sample": self._sample, "score": self._score, "inspect": self._inspect}

    def answer(self, request: Request) -> None:
        """Answer one request; whatever goes wrong is part of the answer."""
        number = request["id"]
        try:
            self._inbox.check(number)
            do = self._does.get(request["do"])
            if do is None:
                raise BadRequest(f"There is nothing called {request['do']!r} to do.")
            end = do(request)
        except _Cancelled:
            end = Cancelled()
        except Exception as error:
            self._fail(number, error)
            return
        finally:
            self._inbox.close(number)
        self._answers.tell(number, end)

    def _fail(self, number: Any, error: Exception) -> None:
        if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
            reason, advice = "The machine ran out of memory.", "Write fewer passages at once."
        elif isinstance(error, ValueError):
            reason, advice = str(error), getattr(error, "advice", "")
        elif isinstance(error, OSError) and error.filename:
            reason, advice = file_errors.explain(error)
        else:
            sys.excepthook(type(error), error, error.__traceback__)
            reason, advice = "Something went wrong that was not foreseen. It was logged.", ""
        self._answers.tell(number, Failed(reason=reason, advice=advice))

    def _sample(self, request: Request) -> Event:
        from trainer.generation import passages

        wanted = _writing_request(request)
        model = self._models.get(_text(request, "model"))
        unknown = passages.unknown(model, wanted.prompt)
        if unknown:
            self._answers.tell(request["id"], Unknown(characters=unknown))
        for passage, text, trace in passages.passages(model, wanted):
            self._answers.tell(request["id"], Text(passage=passage, text=text, trace=trace if wanted.trace else None))
            self._inbox.check(request["id"])
        return Done()

    def _score(self, request: Request) -> Event:
        from trainer.data import corpus
        from trainer.evaluation import evaluator as evaluators

        model = self._models.get(_text(request, "model"))
        paths = request.get("files")
        if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
            raise BadRequest("files has to be a list of paths.")
        is_frozen = request.get("frozen", False)
        if not isinstance(is_frozen, bool):
            raise BadRequest("frozen has to be true or false.")
        files = [Path(path) for path in paths]
        texts = corpus.read_for(model.vocabulary, files, model.recipe.lowercase, is_frozen)
        evaluator = evaluators.build(model.network, model.vocabulary.escape_floor)
        return Scored(score=evaluators.score(evaluator, texts))

    def _inspect(self, request: Request) -> Event:
        from trainer.generation import inspection

        model = self._models.get(_text(request, "model"))
        return Inspected(**inspection.inspect(model, _text(request, "text")))


def _writing_request(request: Request) -> WritingRequest:
    """Return what a request wants written."""
    return check({name: value for name, value in request.items() if name not in _ENVELOPE})


def _text(request: Request, name: str) -> str:
    value = request.get(name)
    if value is None:
        raise BadRequest(f"{name} is missing.")
    if not isinstance(value, str):
        raise BadRequest(f"{name} has to be text.")
    return value
