"""What a trainer says, turned into rows. The caller holds the lease, and the transaction."""

from typing import Any

from django.db.models import Count, Min, Sum
from django.db.models.functions import Coalesce, Length

from webapp.studies.models import HistoryPoint, Sample, Study

_ROW_BYTES = 100  # of a row without its text, with what its indexes take

Event = dict[str, Any]


def record(study_id: int, events: list[Event]) -> None:
    """Write a batch of the trainer's events to its study's rows. Saying one twice changes nothing."""
    batch = _Batch(study_id)
    for event in events:
        batch.hear(event)
    batch.save()


def _told_bytes(study_id: int) -> int:
    """Return about how much room the history and the samples of a study take."""
    points = HistoryPoint.objects.filter(study_id=study_id).count()
    samples = Sample.objects.filter(study_id=study_id).aggregate(n=Count("pk"), characters=Sum(Length("text")))
    return int((points + samples["n"]) * _ROW_BYTES + 2 * (samples["characters"] or 0))


class _Batch:
    """Rows and fields that a batch of events makes, saved with a query a table."""

    def __init__(self, study_id: int) -> None:
        self._study_id = study_id
        self._fields: dict[str, Any] = {}
        self._points: dict[tuple[str, int], HistoryPoint] = {}
        self._samples: dict[int, Sample] = {}

    def hear(self, event: Event) -> None:
        handler = getattr(self, f"_{event.get('event')}", None)
        if handler is not None:
            handler(event)

    def save(self) -> None:
        HistoryPoint.objects.bulk_create(
            self._points.values(),
            update_conflicts=True,
            unique_fields=["study", "kind", "step"],
            update_fields=["characters", "train_loss", "carried", "cold"],
        )
        Sample.objects.bulk_create(
            self._samples.values(), update_conflicts=True, unique_fields=["study", "step"], update_fields=["text"]
        )
        if self._samples or "started" in self._fields or "figures" in self._fields:
            self._fields["told_bytes"] = _told_bytes(self._study_id)
        if self._fields:
            Study.objects.filter(pk=self._study_id).update(**self._fields)

    def _started(self, event: Event) -> None:
        """A training that was resumed, or that went back, goes over later steps again: what was said of them goes."""
        step = event.get("step", 0)
        self._points = {at: point for at, point in self._points.items() if point.step <= step}
        self._samples = {at: sample for at, sample in self._samples.items() if at <= step}
        HistoryPoint.objects.filter(study_id=self._study_id, step__gt=step).delete()
        Sample.objects.filter(study_id=self._study_id, step__gt=step).delete()
        self._fields |= {"started": event, "step": step, "warning": "", "best_held_out": self._best(step)}

    def _best(self, step: int) -> float | None:
        """Return the best loss that was told of up to a step."""
        stored = HistoryPoint.objects.filter(study_id=self._study_id, kind="evaluated", step__lte=step)
        found = [stored.aggregate(best=Min(Coalesce("carried", "cold")))["best"]]
        found += [p.cold if p.carried is None else p.carried for p in self._points.values() if p.kind == "evaluated"]
        return min((loss for loss in found if loss is not None), default=None)

    def _progress(self, event: Event) -> None:
        self._point(event, train_loss=event["train_loss"])
        self._fields |= {"progress": event, "step": event["step"]}

    def _evaluated(self, event: Event) -> None:
        self._point(event, carried=event.get("carried"), cold=event.get("cold"))
        self._fields["best_held_out"] = event["best"]

    def _point(self, event: Event, **losses: float | None) -> None:
        kind, step = event["event"], event["step"]
        self._points[kind, step] = HistoryPoint(
            study_id=self._study_id, kind=kind, step=step, characters=event.get("chars", 0), **losses
        )

    def _sample(self, event: Event) -> None:
        self._samples[event["step"]] = Sample(study_id=self._study_id, step=event["step"], text=event["text"])

    def _checkpoint(self, event: Event) -> None:
        self._fields["warning"] = ""

    def _stored(self, event: Event) -> None:
        self._fields["warning"] = ""

    def _warning(self, event: Event) -> None:
        self._fields["warning"] = str(event.get("reason", ""))[:300]

    def _finished(self, event: Event) -> None:
        self._fields |= {"figures": event, "warning": ""}
