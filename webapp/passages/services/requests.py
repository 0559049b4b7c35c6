"""The services for requests: queueing one, writing a passage again, comparing models, stopping."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from trainer.contract.documents import OPENING_CHARACTERS
from trainer.contract.writing_settings import SamplingOptions
from webapp.accounts import limits
from webapp.accounts.models import User
from webapp.passages.models import BYTES_A_CHARACTER, Opening, Passage, Unit
from webapp.passages.voices import Shares
from webapp.queue import transitions, wake_up
from webapp.queue.models import Job, Kind
from webapp.studies.models import Study

_WORD_WITHIN = 100  # characters of a cut opening in which its first whole word is searched

#: what each passage of a request stores beside the sampling options; `Wanted` and `Passage` have the same names
KEPT = ("length", "unit", "voices", "seed", "held", "goes_on_from", "again_of")


@dataclass(frozen=True)
class Wanted:
    """The content of one request: the number of passages, and the settings with which they are written."""

    prompt: str
    length: int  # in its unit; for a paragraph it is the largest number of characters
    seed: int
    sampling: SamplingOptions
    passages: int = 1
    unit: str = Unit.CHARACTERS
    voices: Shares = field(default_factory=dict)
    first: int = 0  # the number of the first passage, on which its random stream depends
    goes_on_from: Passage | None = None
    again_of: Passage | None = None
    held: list[dict[str, Any]] = field(default_factory=list)  # units of the model: see `Passage.held`


def write(owner: User, study: Study, wanted: Wanted, submission: UUID | None = None) -> Job:
    """Queue a request. Its passages exist at once, with empty texts that grow while they are written.

    When a form is sent twice, the second call returns the job of the first. Raises LimitReached when the owner has no
    room for the passages, or has too many waiting requests.
    """
    try:
        return _write(owner, study, wanted, submission)
    except IntegrityError:
        if submission is None:
            raise
    first = _sent(owner, study, submission).select_related("job").first()
    return first.job if first and first.job else _write(owner, study, wanted, None)


def _sent(owner: User, study: Study, submission: UUID) -> QuerySet[Passage]:
    return Passage.objects.filter(owner=owner, study=study, submission=submission)


def _most_bytes(wanted: Wanted) -> int:
    most = Passage(length=wanted.length, unit=wanted.unit).most_characters
    return most * BYTES_A_CHARACTER * wanted.passages


def _opening(study: Study, wanted: Wanted) -> tuple[Opening | None, bool]:
    """Return the opening of the passages, and whether it is new and must be saved."""
    if wanted.again_of:
        return wanted.again_of.opening, False
    if not wanted.prompt:
        return None, False
    text = _end_of(wanted.prompt)
    return Opening(study=study, text=text, left_out=len(wanted.prompt) - len(text), bytes=len(text.encode())), True


def _end_of(prompt: str) -> str:
    """Return the end of a long opening, as much as a model reads at most, beginning with a whole word."""
    if len(prompt) <= OPENING_CHARACTERS:
        return prompt
    end = prompt[-OPENING_CHARACTERS:]
    blank = next((place for place, character in enumerate(end[:_WORD_WITHIN]) if character.isspace()), 0)
    return end[blank:].lstrip() if blank and not end[blank:].isspace() else end


def _write(owner: User, study: Study, wanted: Wanted, submission: UUID | None) -> Job:
    with transaction.atomic():
        allowed = limits.lock(owner)
        if submission and _sent(owner, study, submission).exists():
            raise IntegrityError  # checked here, so that no limit refuses a request that was accepted before
        limits.check_waiting(owner, allowed, Kind.WRITE)
        opening, is_new = _opening(study, wanted)
        limits.check_stored(owner, allowed, _most_bytes(wanted) + (opening.bytes if opening and is_new else 0))
        if opening and is_new:
            opening.save()
        job = Job.objects.create(owner=owner, kind=Kind.WRITE, study=study)
        Passage.objects.bulk_create(
            Passage(
                owner=owner,
                study=study,
                job=job,
                opening=opening,
                submission=submission,
                index=index,
                model_sha256=study.model_sha256,
                recipe=(study.started or {}).get("recipe"),
                **{name: getattr(wanted, name) for name in KEPT},
                **asdict(wanted.sampling),
            )
            for index in range(wanted.first, wanted.first + wanted.passages)
        )
        wake_up.send_on_commit(Kind.WRITE)
    return job


def write_again(passage: Passage, submission: UUID | None = None) -> Job:
    """Queue the same passage again, with the same random stream even when it was one of many."""
    settings = {name: getattr(passage, name) for name in KEPT}
    changed = {"goes_on_from": None, "again_of": passage}
    wanted = Wanted(prompt=passage.prompt, sampling=passage.sampling, **settings | changed, first=passage.index)
    return write(passage.owner, passage.study, wanted, submission)


def compare(owner: User, sides: Iterable[tuple[Study, Wanted]], submission: UUID | None = None) -> list[Job]:
    """Queue a request for each of several models: for all of them, or for none.

    Each request gets an id that is derived from the form's, so that a form that is sent twice counts only once.
    """
    with transaction.atomic():
        return [
            write(owner, study, wanted, uuid5(submission, f"{number} {study.pk}") if submission else None)
            for number, (study, wanted) in enumerate(sides)
        ]


def stop(job: Job) -> None:
    """Stop a request. The text that was written until then is kept."""
    transitions.cancel(job)
