"""The supervisor of a look inside a model. The process that writes passages does it, with the same loaded models."""

import json
import logging
import threading
from typing import Any

from trainer.contract.answers import Attributed, Cancelled, InspectedInFile, MemoryMeasured, UnitsFound
from trainer.contract.events import Event, EventProblem, Failed
from webapp import files
from webapp.inside.models import Look, LookKind
from webapp.queue.models import Job
from webapp.workers import model_cache, serving
from webapp.workers.trainer_events import Line

log = logging.getLogger(__name__)

_ASK_SECONDS = 0.2  # between two looks at the owner's wish
_ARRAYS = "arrays.f32"
_ANSWERS = {
    LookKind.GATES: InspectedInFile,
    LookKind.UNITS: UnitsFound,
    LookKind.MEMORY: MemoryMeasured,
    LookKind.ATTRIBUTION: Attributed,
}


def supervise(job: Job, drain: threading.Event) -> None:
    """Work on a claimed look: its result and its arrays are stored when the process has found them."""
    serving.supervise(Looker(job, drain))


class Looker(serving.Attempt):
    """One attempt at one look."""

    died = "The process that looks inside ended unexpectedly. Try again; a shorter text may help."
    failed_too_often = "Looking inside failed again and again. It was logged for the operator."

    def __init__(self, job: Job, drain: threading.Event) -> None:
        super().__init__(job, drain)
        self.look = Look.objects.filter(job=job).first()

    def run(self) -> None:
        if self.look is None:  # it was deleted while it waited
            self.holder.lease.move("cancel")
            return
        model, self.look.model_sha256 = model_cache.local_model(self.job.study)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.serve = serving.warm_process()
        self.write_for_certain(lambda: self.holder.lease.move("run"))
        self.ask(self._request_line(self.look, str(model)), timeout=_ASK_SECONDS)
        self._conclude(self.look)

    def take(self, answer: Event) -> None:
        raise EventProblem(f"This does not answer a look: {type(answer).__name__}.")

    def _request_line(self, look: Look, model: str) -> Line:
        request: Line = {"model": model, "voices": look.voices}
        match look.kind:
            case LookKind.GATES:
                return {"do": "inspect", **request, "text": look.text, "file": str(self.folder / _ARRAYS)}
            case LookKind.ATTRIBUTION:
                return {"do": "attribute", **request, "text": look.text, "place": look.place, "actual": True}
            case _:
                return {"do": str(look.kind), **request, "files": self.texts(), "frozen": True}

    def _conclude(self, look: Look) -> None:
        lease = self.holder.lease
        match self.end:
            case None:
                self.take_back(self.died)
            case Failed(reason=reason, advice=advice):
                lease.move("fail", reason=reason[:500], advice=advice[:500])
            case Cancelled():
                lease.move("cancel" if self.holder.wish else "requeue")
            case answer if isinstance(answer, _ANSWERS[LookKind(look.kind)]):
                self._keep(look, _without_name(answer.to_json()))
            case answer:
                raise EventProblem(f"This does not answer a look at {look.kind}: {type(answer).__name__}.")

    def _keep(self, look: Look, result: dict[str, Any]) -> None:
        """Store the arrays, and point to them, unless the lease is lost: the next attempt makes them again."""
        path, key = self.folder / _ARRAYS, ""
        size = len(json.dumps(result))
        if path.exists():
            size += path.stat().st_size
            key = f"{files.fresh(f'{self.job.study.prefix}/inside')}/{_ARRAYS}"
            with self.holder.renewing():
                files.copy_out(path, key)

        kept: list[int] = []

        def change() -> None:
            fields = {"result": result, "key": key, "bytes": size, "model_sha256": look.model_sha256}
            kept.append(Look.objects.filter(pk=look.pk).update(**fields))

        try:
            self.write_for_certain(change)
        finally:
            if key and not any(kept):  # the lease is lost, or the look was deleted meanwhile
                files.delete_tree(key.rpartition("/")[0])
        self.holder.lease.move("succeed" if kept[-1] else "cancel")


def _without_name(line: Line) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "event"}
