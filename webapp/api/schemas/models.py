"""The schemas of models, and of what a training is asked for."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import create_model

from trainer.contract.recipe import FIELDS, PRESETS
from webapp.api.schemas.base import Given, Job, Name
from webapp.studies.recipe_labels import ADVANCED
from webapp.studies.side_by_side import MOST


class Training(Job):
    """The newest training of a model."""

    done: float = Field(description="Share of the training, 0 to 1.")
    seconds_left: float | None
    place: int | None = Field(description="In the queue, from 1; null while it does not wait.")
    can: list[str] = Field(description="What may be asked for now: stop, pause, resume, further, again, another_text.")


class Before(Schema):
    """A text that a model learned before its last one."""

    model: str
    corpus: str
    characters: int


class Model(Schema):
    """A recipe that was applied to a text: its training, and what it has learned."""

    id: int
    name: str
    owner: str = Field(description="Whose it is: others may share it with you in a group.")
    created: datetime
    corpus: int | None = Field(description="Null if the corpus is deleted, or never was here.")
    corpus_name: str
    characters: int
    gpu: bool = Field(description="Whether only a worker with a GPU trains it.")
    devices: list[str] = Field(description="On what it was trained, in order; after a change it is not the same bytes.")
    uploaded: bool = Field(description="Whether it was trained elsewhere, and came as a file.")
    recipe: dict[str, Any] = Field(description="As asked for; all values of a training that has begun.")
    before: list[Before]
    parameters: int | None
    alphabet: int
    step: int
    bits: float | None = Field(description="Bits per character of held-out text; fewer are better.")
    score: dict[str, Any] | None = Field(description="In nats per character, as the trainer measured it.")
    warning: str
    is_readable: bool = Field(description="Whether it can write.")
    model_sha256: str = Field(description="Of the weights; empty before it can write.")
    training: Training


class Preset(Schema):
    """A recipe with its name, its purpose and its usual time on this machine."""

    recipe: str
    label: str
    purpose: str
    seconds: float


class Point(Schema):
    """A point of the chart. Losses are in bits per character."""

    kind: Literal["progress", "evaluated"]
    step: int
    characters: int
    train: float | None
    carried: float | None = Field(description="Held out, reading on.")
    cold: float | None = Field(description="Held out, from nothing.")


class Sample(Schema):
    """What a model wrote by itself at a step of its training."""

    step: int
    text: str
    voice: str = Field(description="The document in whose voice it is; empty if the model learns no voices.")


class Source(Schema):
    """A place in a text that a model learned."""

    document: str
    before: str
    marked: str
    after: str
    start: int
    end: int
    characters: int


class EditedDocument(Schema):
    """A document whose text is another one now. Its number is that of the model's copy, from 0."""

    number: int
    name: str


class Changes(Schema):
    """What has changed in a corpus since a model's texts were frozen."""

    sentences: list[str]
    edited: list[EditedDocument]


class ToCompare(Schema):
    """Which models are compared: two to four."""

    model: list[Annotated[int, Field(ge=1, le=2**53)]] = Field(min_length=2, max_length=MOST)


class ComparedModel(Schema):
    """One of the models that are compared, with the newest text that it wrote by itself."""

    model: Model
    sample: str


class RecipeDifference(Schema):
    """What differs between recipes, with the value of each model."""

    name: str
    values: list[str]


class Counting(Schema):
    """What counting letters writes after the same text, and how well it predicts it."""

    passage: str
    before: int = Field(description="Characters that it looks at.")
    bits: float | None


class Compared(Schema):
    """Models side by side."""

    models: list[ComparedModel]
    differences: list[RecipeDifference]
    finding: str = Field(description="In a sentence; empty as long as one of them has no score.")
    counting: Counting | None


class Opening(Schema):
    """An opening from the text of a model; empty for a model that was uploaded without its text."""

    text: str


def _choice(name: str) -> tuple[Any, Any]:
    """Return a choice of a recipe as a field of pydantic's. What is left out is the recipe's own choice."""
    known = FIELDS[name]
    if known.options:
        return Literal[known.options] | None, Field(None, description=known.help)
    limits: dict[str, Any] = {"ge": known.minimum, "le": known.maximum, "multiple_of": known.step}
    return known.kind | None, Field(None, description=known.help, **limits)


def _choices(names: Iterable[str]) -> dict[str, Any]:
    return {name: _choice(name) for name in names}


if TYPE_CHECKING:  # the fields of these come from the trainer's table of choices

    class Again(Given):
        name: str | None
        gpu: bool

    class Train(Again):
        corpus: int
        base: int | None

    class Further(Given):
        pass
else:
    _NAME = (Name | None, Field(None, description="Of the model."))
    _RECIPE = (Literal[tuple(PRESETS)], "quick")
    _GPU = (bool, Field(False, description="Only a worker with a GPU takes it. See `gpu` of the account."))
    _ALL = {"name": _NAME, "recipe": _RECIPE, "gpu": _GPU, **_choices((*ADVANCED, "voices"))}
    Again = create_model("Again", __base__=Given, **_ALL)
    Train = create_model(
        "Train",
        __base__=Again,
        corpus=(int, Field(..., ge=1, le=2**53)),
        base=(int | None, Field(None, ge=1, le=2**53, description="A model that learns the corpus too.")),
    )
    Further = create_model("Further", __base__=Given, **_choices(("minutes", "epochs")))
