"""The schemas of looks inside a model, of units that are held, and of the course."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from trainer.contract.held_units import MOST
from trainer.contract.writing_settings import SETTINGS
from webapp.api.schemas.base import Given
from webapp.inside.services import LINE, LONGEST

_LONGEST_TOUCHED = 5_000


class LookAt(Given):
    """What is to be looked at. Looks at units and at the memory read the model's own text."""

    kind: Literal["gates", "units", "memory", "attribution"]
    text: str = Field("", max_length=LONGEST, description="What the model reads: for gates and attribution.")
    voices: dict[str, float] = Field({}, description="Shares of voices, in which the model reads.")
    place: int | None = Field(None, ge=1, le=LONGEST, description="Of attribution: the number of the predicted symbol.")


class Array(Schema):
    """An array of a look: little-endian float32, a row for each symbol, a column for each unit."""

    number: int
    name: str
    layer: int = Field(description="From 0; −1 for what belongs to none.")
    shape: list[int]


class Finding(Schema):
    """A unit and what it follows. Layer and unit are counted from 1."""

    layer: int
    unit: int
    sentence: str
    r: float


class Look(Schema):
    """A look inside a model. Ask for it until it is over."""

    id: int
    model: int
    kind: str
    text: str
    place: int | None
    voices: dict[str, float] = Field(description="Shares of voices, in which the model read; empty for none.")
    created: datetime
    over: bool
    ready: bool
    sentence: str = Field(description="What it waits for, or why it was not made; empty when it is ready.")
    result: dict[str, Any] | None = Field(description="As the trainer found it, in nats.")
    arrays: list[Array]
    findings: list[Finding] = Field(description="Of a look at units, in words.")


class Held(Given):
    """A unit that is held. Layer and unit are counted from 1."""

    layer: int = Field(1, ge=1, le=1_000)
    unit: int = Field(ge=1, le=100_000)
    value: float = Field(0.0, ge=-1, le=1, description="Of the hidden state; 0 silences the unit.")


class Touch(Given):
    """The units that are held, and what the model writes on from."""

    held: list[Held] = Field(min_length=1, max_length=MOST)
    voices: dict[str, float] = {}
    prompt: str = Field("", max_length=LONGEST)
    length: int = Field(400, ge=1, le=_LONGEST_TOUCHED)
    temperature: float = Field(
        SETTINGS["temperature"].default, ge=SETTINGS["temperature"].minimum, le=SETTINGS["temperature"].maximum
    )
    seed: int | None = Field(None, ge=0, le=2**32 - 1, description="Both write with the same one.")


class CourseLine(Given):
    """The line that the pictures of the course show."""

    text: str = Field(min_length=1, max_length=LINE)
    voices: dict[str, float] = Field({}, description="Shares of voices, in which the model reads.")


class Course(Schema):
    """The course of a model: the looks that it shows, and the link by which anybody may read it."""

    model: int
    gates: Look | None
    memory: Look | None
    link: str = Field(description="Empty where nobody else may read it.")
