"""Rows as the interface sends them: dictionaries with the fields of the schemas."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from trainer.contract.writing_settings import SAMPLING
from webapp.accounts import limits
from webapp.accounts.models import User
from webapp.corpora import extraction_status, overlaps
from webapp.corpora.access import corpora_of
from webapp.corpora.models import Corpus, Document, Extraction, Place
from webapp.passages import copied, request_status
from webapp.passages.models import Passage
from webapp.queue import announced
from webapp.queue.models import Job
from webapp.queue.places import Places
from webapp.studies.losses import bits
from webapp.studies.models import HistoryPoint, Sample, Study
from webapp.studies.training_status import TrainingStatus, status_of
from webapp.studies.waits import Queue

Shown = dict[str, Any]


def account(owner: User) -> Shown:
    return {
        "name": owner.username,
        "stored_bytes": limits.stored_bytes(owner),
        "upload_limit_bytes": settings.UPLOAD_LIMIT_BYTES,
        "model_limit_bytes": settings.MODEL_LIMIT_BYTES,
        "gpu": announced.may_ask_for_gpu(),
        "limits": vars(limits.limits_of(owner)),
    }


def corpus(row: Corpus, documents: int | None = None) -> Shown:
    """Lists know the numbers of documents of all their corpora by one query."""
    names = ("id", "name", "created", "lowercase", "is_sample", "version", "characters", "words", "alphabet", "problem")
    return {
        **{name: getattr(row, name) for name in names},
        "owner": row.owner.username,
        "documents": row.documents.count() if documents is None else documents,
        "left_out": _left_out(row.left_out),
        "overlaps": overlaps.sentences(row.overlaps),
    }


def document(row: Document, request: HttpRequest, stands_in: Iterable[Corpus] | None = None) -> Shown:
    """Of the corpora in which it stands, those are named that the visitor may see: `stands_in`, if they are known."""
    names = ("id", "name", "format", "encoding", "characters", "bytes", "sha256", "unreadable", "notes", "columns")
    kept = {name: getattr(row, name) for name in (*names, "column", "has_original")}
    return {**kept, "corpora": [one.pk for one in (corpora_of(request, row) if stands_in is None else stands_in)]}


def place(row: Place, number: int, request: HttpRequest) -> Shown:
    """`row` is one of `access.places_to_show`."""
    stands_in = row.document.stands_in  # type: ignore[attr-defined]
    return {"number": number, "weight": row.weight, "document": document(row.document, request, stands_in)}


def upload(row: Extraction, places: Places | None = None) -> Shown:
    status = extraction_status.status_of(row, places)
    return {
        **_job(row.job, status.headline),
        **{name: getattr(row, name) for name in ("id", "purpose", "done")},
        "corpus": row.corpus_id,
        "document": row.document_id,
        "total": status.total,
        "left_out": _left_out(status.left_out),
    }


def _left_out(found: Iterable[Sequence[str]]) -> list[Shown]:
    return [{"name": name, "why": why} for name, why in found]


def model(row: Study, queue: Queue | None = None) -> Shown:
    names = ("id", "name", "created", "corpus_name", "characters", "uploaded", "alphabet", "step", "score", "warning")
    return {
        **{name: getattr(row, name) for name in (*names, "is_readable", "model_sha256")},
        "owner": row.owner.username,
        "corpus": row.corpus_id,
        "gpu": row.needs_gpu,
        "devices": row.devices,
        "recipe": (row.started or {}).get("recipe") or row.recipe,
        "before": [{name: text[name] for name in ("model", "corpus", "characters")} for text in row.learned_before],
        "parameters": (row.started or {}).get("parameters"),
        "bits": bits(row.held_out),
        "training": training(status_of(row, queue)),
    }


def training(status: TrainingStatus) -> Shown:
    progress = status.progress or {}
    return {
        **_job(status.job, f"{status.headline} {status.job.reason} {status.job.advice}".strip()),
        "done": status.done,
        "seconds_left": progress.get("seconds_left"),
        "place": status.place,
        "can": [name for name, is_possible in _possible(status).items() if is_possible],
    }


def _possible(status: TrainingStatus) -> dict[str, bool]:
    is_over, study = status.is_over, status.study
    return {
        "stop": status.can_stop,
        "pause": status.can_pause,
        "resume": status.can_resume,
        "further": status.can_train_further,
        "again": is_over and study.has_text,
        "another_text": is_over and study.can_learn_another_text,
    }


def _job(job: Job, sentence: str) -> Shown:
    times = {"started": job.started, "finished": job.finished}
    return {"state": job.state, "sentence": sentence, "over": job.is_over, **times}


def point(row: HistoryPoint) -> Shown:
    losses = {"train": row.train_loss, "carried": row.carried, "cold": row.cold}
    kept = {name: getattr(row, name) for name in ("kind", "step", "characters")}
    return {**kept, **{name: bits(loss) for name, loss in losses.items()}}


def passage(row: Passage, request: HttpRequest) -> Shown:
    names = ("id", "title", "created", "starred", "complete", "prompt", "text", "unknown", "index", "model_sha256")
    return {
        **{name: getattr(row, name) for name in names},
        "model": row.study_id,
        "request": row.job_id,
        "settings": {name: getattr(row, name) for name in ("length", "unit", "seed", "voices", *SAMPLING)},
        "new": row.copied["new"] if row.copied else None,
        "copied": [
            {"start": span.start, "text": span.text, "document": span.name, "at": span.at} for span in copied.spans(row)
        ],
        "again_of": row.again_of_id,
        "goes_on_from": row.goes_on_from_id,
        "link": link(row, request),
    }


def sample(row: Sample) -> Shown:
    return {"step": row.step, "text": row.text, "voice": row.voice}


def link(row: Passage, request: HttpRequest) -> str:
    """Return the address at which anybody may read a passage, or an empty text."""
    return request.build_absolute_uri(reverse("shared", args=[row.share_key])) if row.share_key else ""


def passage_in_list(row: Any) -> Shown:
    """`row` has its beginning and its length, and not its text."""
    names = ("id", "title", "created", "starred", "complete", "beginning")
    kept = {name: getattr(row, name) for name in names}
    return {**kept, "model": row.study_id, "characters": row.written}


def request_of(job: Job, request: HttpRequest) -> Shown:
    passages = job.passages.select_related("study", "job", "opening").order_by("index")
    return {
        **_job(job, request_status.sentence(job)),
        "id": job.pk,
        "model": job.study_id,
        "passages": [passage(row, request) for row in passages],
    }
