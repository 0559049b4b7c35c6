"""Requests for passages: queueing one, writing a passage again, comparing models, stopping."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from trainer.contract.documents import OPENING_CHARACTERS
from webapp.accounts import limits
from webapp.accounts.models import User
from webapp.passages.models import BYTES_A_CHARACTER, Opening, Passage, Unit
from webapp.queue import transitions, wake_up
from webapp.queue.models import Job, Kind
from webapp.studies.models import Study

_WORD_WITHIN = 100  # characters in which a long opening's first whole word is looked for

#: the settings of a request that each of its passages keeps, as `Wanted` and `Passage` both call them
KEPT = ("length", "unit", "temperature", "top_k", "top_p", "penalty", "seed", "goes_on_from", "again_of")


@dataclass(frozen=True)
class Wanted:
    """One request: how many passages, and how they are to be written."""

    prompt: str
    length: int  # in its unit; of a paragraph, characters at most
    temperature: float  # 0 is greedy
    seed: int
    passages: int = 1
    top_k: int = 0  # 0: all
    top_p: float = 1.0
    unit: str = Unit.CHARACTERS
    penalty: float = 0.0  # 0: none
    first: int = 0  # the number of its first passage, which its random stream depends on
    goes_on_from: Passage | None = None
    again_of: Passage | None = None


def write(owner: User, study: Study, wanted: Wanted, submission: UUID | None = None) -> Job:
    """Queue the writing of passages; they exist at once, empty, and fill as they are written.

    A form that is sent twice writes once: its second sending returns the job of the first. Raises LimitReached where
    its owner has no room for them, or too many requests that wait.
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
    """Return what the passages go on from, and whether it is yet to be saved."""
    if wanted.again_of:
        return wanted.again_of.opening, False
    if not wanted.prompt:
        return None, False
    text = _end_of(wanted.prompt)
    return Opening(study=study, text=text, left_out=len(wanted.prompt) - len(text), bytes=len(text.encode())), True


def _end_of(prompt: str) -> str:
    """Return as much of a long opening as a model reads at most, from a whole word on."""
    if len(prompt) <= OPENING_CHARACTERS:
        return prompt
    end = prompt[-OPENING_CHARACTERS:]
    blank = next((place for place, character in enumerate(end[:_WORD_WITHIN]) if character.isspace()), 0)
    return end[blank:].lstrip() if blank and not end[blank:].isspace() else end


def _write(owner: User, study: Study, wanted: Wanted, submission: UUID | None) -> Job:
    with transaction.atomic():
        allowed = limits.lock(owner)
        if submission and _sent(owner, study, submission).exists():
            raise IntegrityError  # found before a limit refuses what was taken already
        limits.check_waiting_passages(owner)
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
            )
            for index in range(wanted.first, wanted.first + wanted.passages)
        )
        wake_up.send_on_commit(Kind.WRITE)
    return job


def write_again(passage: Passage, submission: UUID | None = None) -> Job:
    """Queue the writing of the same passage: its own random stream, also where it was one of many."""
    settings = {name: getattr(passage, name) for name in KEPT}
    changed = {"goes_on_from": None, "again_of": passage}
    wanted = Wanted(prompt=passage.prompt, **settings | changed, first=passage.index)
    return write(passage.owner, passage.study, wanted, submission)


def compare(owner: User, studies: Iterable[Study], wanted: Wanted, submission: UUID | None = None) -> list[Job]:
    """Queue the same writing with several models: all of them, or none.

    Each request gets a number of its own out of the form's, so that a form that is sent twice writes once.
    """
    with transaction.atomic():
        return [
            write(owner, study, wanted, uuid5(submission, str(study.pk)) if submission else None) for study in studies
        ]


def stop(job: Job) -> None:
    """Stop writing; what stands on the page is kept."""
    transitions.cancel(job)
