"""The recorder of a training's events, which turns them into rows. The caller holds the lease and the transaction."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Min, Sum
from django.db.models.functions import Coalesce, Length

from trainer.contract import events
from trainer.contract.events import CheckpointWritten, Evaluated, Event, Finished, Progress, Started, Warned
from trainer.contract.held_out import carried_or_cold
from webapp.studies.models import HistoryPoint, Sample, Study

_ROW_BYTES = 100  # of a row without its text, including its entries in indexes
_LONGEST_WARNING = 300


def record(study_id: int, batch: Iterable[Event], device: str = "") -> None:
    """Write a batch of the trainer's events to the rows of its study. Recording an event twice changes nothing.

    `device` is what the worker has announced that it computes on.
    """
    rows = _Batch(study_id, device)
    for event in batch:
        rows.add(event)
    rows.save()


def warn(study_id: int, sentence: str) -> None:
    """Show a warning of the site on the study's page. An empty text removes the last warning."""
    Study.objects.filter(pk=study_id).update(warning=sentence[:_LONGEST_WARNING])


def history_bytes(study_id: int) -> int:
    """Return about how many bytes the history and the samples of a study take in the database."""
    points = HistoryPoint.objects.filter(study_id=study_id).count()
    samples = Sample.objects.filter(study_id=study_id).aggregate(n=Count("pk"), characters=Sum(Length("text")))
    return int((points + samples["n"]) * _ROW_BYTES + 2 * (samples["characters"] or 0))


class _Batch:
    """The rows and fields that a batch of events changes. They are saved with one query for each table."""

    def __init__(self, study_id: int, device: str) -> None:
        self._study_id, self._device = study_id, device
        self._fields: dict[str, Any] = {}
        self._points: dict[tuple[str, int], HistoryPoint] = {}
        self._samples: dict[int, Sample] = {}

    def add(self, event: Event) -> None:
        match event:
            case Started():
                self._start(event)
            case Progress():
                self._point(event, train_loss=event.train_loss)
                self._fields |= {"progress": event.to_json(), "step": event.step}
            case Evaluated():
                self._point(event, carried=event.carried, cold=event.cold)
                self._fields |= {"best_held_out": event.best, "rise": event.rise}
            case events.Sample():
                self._samples[event.step] = Sample(
                    study_id=self._study_id, step=event.step, text=event.text, voice=event.voice
                )
            case CheckpointWritten():
                self._fields["warning"] = ""
            case Warned():
                self._fields["warning"] = event.reason[:_LONGEST_WARNING]
            case Finished():
                self._fields |= {"figures": event.to_json(), "warning": ""}

    def save(self) -> None:
        HistoryPoint.objects.bulk_create(
            self._points.values(),
            update_conflicts=True,
            unique_fields=["study", "kind", "step"],
            update_fields=["characters", "train_loss", "carried", "cold"],
        )
        Sample.objects.bulk_create(
            self._samples.values(),
            update_conflicts=True,
            unique_fields=["study", "step"],
            update_fields=["text", "voice"],
        )
        if self._samples or "started" in self._fields or "figures" in self._fields:
            self._fields["history_bytes"] = history_bytes(self._study_id)
        if self._fields:
            Study.objects.filter(pk=self._study_id).update(**self._fields)

    def _start(self, event: Started) -> None:
        """Delete the rows of later steps, since a training that starts from a checkpoint repeats these steps."""
        step = event.step
        self._points = {at: point for at, point in self._points.items() if point.step <= step}
        self._samples = {at: sample for at, sample in self._samples.items() if at <= step}
        HistoryPoint.objects.filter(study_id=self._study_id, step__gt=step).delete()
        Sample.objects.filter(study_id=self._study_id, step__gt=step).delete()
        self._fields |= {
            "started": event.to_json(),
            "step": step,
            "warning": "",
            "rise": "",
            "best_held_out": self._best(step),
            "devices": self._devices(step),
        }

    def _devices(self, step: int) -> list[str]:
        """Return the devices on which it was trained, in order. One that goes on where it was is named once."""
        before = Study.objects.filter(pk=self._study_id).values_list("devices", flat=True).first() if step else []
        devices = list(before or [])
        return devices if not self._device or devices[-1:] == [self._device] else [*devices, self._device]

    def _best(self, step: int) -> float | None:
        """Return the best loss that was evaluated up to a step."""
        stored = HistoryPoint.objects.filter(study_id=self._study_id, kind="evaluated", step__lte=step)
        found = [stored.aggregate(best=Min(Coalesce("carried", "cold")))["best"]]
        found += [carried_or_cold(p.carried, p.cold) for p in self._points.values() if p.kind == "evaluated"]
        return min((loss for loss in found if loss is not None), default=None)

    def _point(self, event: Progress | Evaluated, **losses: float | None) -> None:
        kind, step = event.name, event.step
        self._points[kind, step] = HistoryPoint(
            study_id=self._study_id, kind=kind, step=step, characters=event.chars, **losses
        )
