"""The supervisor of a request for passages."""

import logging
import threading
import time
from dataclasses import asdict
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Concat

from trainer.contract.answers import Cancelled, Done, Text, Unknown
from trainer.contract.events import Event, EventProblem, Failed
from trainer.data.text_index import TextIndex
from webapp.passages import copied, traces
from webapp.passages.models import Passage, Trace, Unit
from webapp.queue.models import Job
from webapp.workers import model_cache, serving, text_indexes
from webapp.workers.trainer_events import Line

log = logging.getLogger(__name__)

_WRITE_SECONDS = 0.1  # between two writes of text into the row; the page asks every 200 ms
_SLOWER_FROM = 10_000  # characters; a database writes the whole row anew each time, so long texts grow in larger pieces


def supervise(job: Job, drain: threading.Event) -> None:
    """Work on a claimed request: its passages grow in their rows while they are written."""
    serving.supervise(Writer(job, drain))


class Writer(serving.Attempt):
    """One attempt at one request for one or more passages."""

    died = "The process that writes ended unexpectedly. Try again; a shorter text may help."
    failed_too_often = "Writing failed again and again. It was logged for the operator."

    def __init__(self, job: Job, drain: threading.Event) -> None:
        super().__init__(job, drain)
        self.passages = list(job.passages.select_related("opening").order_by("index"))
        self.unwritten: dict[int, str] = {}
        self.written = 0.0  # when text was last written into the rows; 0, so that the first words are written at once
        self.characters = 0  # written until now, in all passages together
        self.traces = {passage.index: traces.Packer() for passage in self.passages}

    def run(self) -> None:
        if not self.passages:  # their owner has deleted them while the request waited
            self.holder.lease.move("cancel")
            return
        model, sha256 = model_cache.local_model(self.job.study)
        self.serve = serving.warm_process()
        self.write_for_certain(lambda: self._begin(sha256))
        self.ask(self._request_line(str(model)), timeout=_WRITE_SECONDS / 2)
        self._conclude()

    def pause(self) -> None:
        if self.holder.is_due or (self.unwritten and time.monotonic() - self.written >= self._write_seconds()):
            self.written = time.monotonic()
            self._write_text()

    def _write_seconds(self) -> float:
        return _WRITE_SECONDS * max(1.0, self.characters / _SLOWER_FROM)

    def _begin(self, sha256: str) -> None:
        """Empty the passages: a second attempt writes the same text from the start, since the seed is the same."""
        self.holder.lease.move("run")
        Passage.objects.filter(job=self.job).update(
            text="", unknown="", complete=False, copied=None, model_sha256=sha256
        )
        Trace.objects.filter(passage__job=self.job).delete()

    def _request_line(self, model: str) -> Line:
        first = self.passages[0]
        return {
            "do": "sample",
            "model": model,
            "prompt": first.prompt,
            **self._extent(first),
            **asdict(first.sampling),
            "voices": first.voices,
            "seed": first.seed,
            **({"held": first.held} if first.held else {}),
            **({"files": self.texts(), "frozen": True} if first.counting else {}),
            "passages": len(self._numbers()),
            "first": first.index,
            "trace": True,
        }

    def _extent(self, first: Passage) -> Line:
        """Return the fields of the request that say where a passage ends."""
        if first.unit == Unit.WORDS:
            return {"words": first.length, "length": first.most_characters}
        if first.unit == Unit.PARAGRAPH:
            index = self._text_index()
            is_unknown = not self.job.study.all_documents  # then a blank line ends it, as in most texts
            has_paragraphs = is_unknown if index is None else index.has_paragraphs
            return {**({"paragraph": True} if has_paragraphs else {"ending": "\n"}), "length": first.length}
        return {"length": first.length}

    def _text_index(self) -> TextIndex | None:
        """Return the index of the model's texts; None for a model without texts, and when they can't be read.

        That must not cost the passage.
        """
        if not self.job.study.all_documents:
            return None
        with self.holder.renewing():
            try:
                return text_indexes.index_of(self.job.study)
            except Exception:
                log.exception("job %s: the texts that its model learned from could not be read", self.job.pk)
                return None

    def take(self, answer: Event) -> None:
        match answer:
            case Text():
                self._take(answer)
            case Unknown(characters=characters):
                unknown = " ".join(characters)[:200]
                Passage.objects.filter(job=self.job, job__token=self.job.token).update(unknown=unknown)
            case _:
                raise EventProblem(f"This does not answer a request for passages: {type(answer).__name__}.")

    def _take(self, piece: Text) -> None:
        index = piece.passage
        if index not in self._numbers() or piece.trace is None:
            raise EventProblem(f"This piece of passage {index} is not what was asked for.")
        if index in self.traces:
            self.unwritten[index] = self.unwritten.get(index, "") + piece.text
            self.traces[index].add(piece.trace)
            self.characters += len(piece.text)

    def _numbers(self) -> range:
        """Return the numbers of the passages to write, also of those between that were deleted meanwhile."""
        return range(self.passages[0].index, self.passages[-1].index + 1)

    def _write_text(self) -> None:
        texts = self.unwritten

        def change() -> None:
            for index, text in texts.items():
                Passage.objects.filter(job=self.job, index=index).update(text=Concat(F("text"), Value(text)))

        if self.holder.write(change):
            self.unwritten = {}

    def _conclude(self) -> None:
        self._write_text()  # this also reads the wish
        while self.unwritten:
            time.sleep(1)
            self._write_text()
        lease = self.holder.lease
        match self.end:
            case None:
                self.take_back(self.died)
            case Failed(reason=reason, advice=advice):
                lease.move("fail", reason=reason[:500], advice=advice[:500])
            case Cancelled() if not self.holder.wish:
                lease.move("requeue")
            case Cancelled():
                self._keep_findings(is_whole=False)
                lease.move("cancel")
            case Done():
                self._keep_findings(is_whole=True)
                lease.move("succeed")
            case _:
                raise EventProblem(f"This does not end a request for passages: {type(self.end).__name__}.")

    def _keep_findings(self, is_whole: bool) -> None:
        """Store for each passage its trace of probabilities, and the runs that are copied from the model's texts."""
        index = self._text_index()
        for passage in self.passages:
            text = Passage.objects.filter(pk=passage.pk).values_list("text", flat=True).first()
            if text is not None:  # the passage may have been deleted meanwhile
                compared = copied.compare(index, text) if index else None
                trace = self.traces[passage.index].packed()
                self._keep(passage, is_whole, compared, trace, len(text.encode()) + len(trace))

    def _keep(self, passage: Passage, is_whole: bool, compared: dict[str, Any] | None, trace: bytes, size: int) -> None:
        def change() -> None:
            if Passage.objects.filter(pk=passage.pk).update(complete=is_whole, copied=compared, bytes=size):
                Trace.objects.create(passage=passage, data=trace)

        self.write_for_certain(change)
