"""The service that holds units of a model: it writes on with them held, and beside it the untouched model does."""

from dataclasses import dataclass, field, replace
from uuid import UUID, uuid5

from django.db import transaction

from trainer.contract.writing_settings import SamplingOptions
from webapp.accounts.models import User
from webapp.passages import services as passages
from webapp.passages.held import Held
from webapp.passages.services import Wanted
from webapp.passages.voices import Shares
from webapp.queue.models import Job
from webapp.studies.models import Study


@dataclass(frozen=True)
class Touch:
    """What is held, and with what the model writes on."""

    held: list[Held]
    prompt: str
    length: int
    temperature: float
    seed: int
    voices: Shares = field(default_factory=dict)


def touch(owner: User, study: Study, wanted: Touch, submission: UUID | None = None) -> list[Job]:
    """Queue two requests of a person with the same opening and seed: with the untouched model, and with the held units.

    Both are queued, or none. Raises LimitReached.
    """
    untouched = Wanted(
        prompt=wanted.prompt,
        length=wanted.length,
        seed=wanted.seed,
        sampling=SamplingOptions(temperature=wanted.temperature),
        voices=wanted.voices,
    )
    held = replace(untouched, held=wanted.held)
    with transaction.atomic():
        return [
            passages.write(owner, study, one, uuid5(submission, name) if submission else None)
            for name, one in (("untouched", untouched), ("held", held))
        ]
