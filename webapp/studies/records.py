"""What a trainer says, turned into rows. The caller holds the lease, and the transaction."""

from typing import Any

from webapp.studies.models import HistoryPoint, Sample, Study

Event = dict[str, Any]


def record(study_id: int, events: list[Event]) -> None:
    """Write a batch of the trainer's events to its study's rows. Saying one twice changes nothing."""
    fields: dict[str, Any] = {}
    for event in events:
        handler = _HANDLERS.get(event.get("event", ""))
        if handler:
            fields |= handler(study_id, event)
    if fields:
        Study.objects.filter(pk=study_id).update(**fields)


def _started(study_id: int, event: Event) -> dict[str, Any]:
    """A resumed training goes over the steps after its checkpoint again: what was said of them goes."""
    step = event.get("step", 0)
    HistoryPoint.objects.filter(study_id=study_id, step__gt=step).delete()
    Sample.objects.filter(study_id=study_id, step__gt=step).delete()
    return {"started": event, "step": step}


def _progress(study_id: int, event: Event) -> dict[str, Any]:
    _point(study_id, "progress", event, train_loss=event["train_loss"])
    return {"progress": event, "step": event["step"]}


def _evaluated(study_id: int, event: Event) -> dict[str, Any]:
    _point(study_id, "evaluated", event, carried=event.get("carried"), cold=event.get("cold"))
    return {"best_held_out": event["best"]}


def _point(study_id: int, kind: str, event: Event, **losses: float | None) -> None:
    HistoryPoint.objects.update_or_create(
        study_id=study_id,
        kind=kind,
        step=event["step"],
        defaults={"characters": event.get("chars", 0), **losses},
    )


def _sample(study_id: int, event: Event) -> dict[str, Any]:
    Sample.objects.update_or_create(study_id=study_id, step=event["step"], defaults={"text": event["text"]})
    return {}


def _checkpoint(study_id: int, event: Event) -> dict[str, Any]:
    return {"warning": ""}


def _warning(study_id: int, event: Event) -> dict[str, Any]:
    return {"warning": str(event.get("reason", ""))[:300]}


def _finished(study_id: int, event: Event) -> dict[str, Any]:
    return {"figures": event}


_HANDLERS = {
    "started": _started,
    "progress": _progress,
    "evaluated": _evaluated,
    "sample": _sample,
    "checkpoint": _checkpoint,
    "warning": _warning,
    "finished": _finished,
}
