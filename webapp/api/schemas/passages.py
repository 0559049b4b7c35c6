"""The schemas of passages, and of what a request for them asks for."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from ninja import Field, Schema
from pydantic import create_model

from trainer.contract.writing_settings import SAMPLING, SETTINGS
from webapp.api.schemas.base import Given, Job
from webapp.passages.models import Unit

_NUMBERS = ("length", "passages", "seed", *SAMPLING)
_LONGEST_PROMPT = 1_000_000


class Copied(Schema):
    """A piece of a passage that also stands in a text that its model learned. Places are code points, from 0."""

    start: int
    text: str = Field(description="With its blanks and line ends. Below 20 if another piece has the rest of it.")
    document: str
    at: int


class PassageInList(Schema):
    """A passage without its text, of which a list has the beginning."""

    id: int
    title: str
    model: int
    created: datetime
    starred: bool
    complete: bool
    beginning: str
    characters: int


class Passage(Schema):
    """A text that a model wrote, with all that is needed to write it again."""

    id: int
    title: str
    model: int
    request: int | None
    created: datetime
    starred: bool
    complete: bool
    prompt: str
    text: str
    unknown: str = Field(description="Characters of the prompt that the model does not know.")
    settings: dict[str, Any]
    index: int = Field(description="Its number in its request, which decides what it becomes.")
    model_sha256: str
    new: float | None = Field(description="Share of it that is not copied; null while it is not compared.")
    copied: list[Copied]
    again_of: int | None
    goes_on_from: int | None
    link: str = Field(description="Where anybody may read it; empty where nobody may.")


class Request(Job):
    """A request for passages. Its passages exist at once, and grow."""

    id: int
    model: int
    passages: list[Passage]


class Trace(Schema):
    """What the model thought of each symbol: code points, -ln p, and the likeliest other symbols with their p."""

    symbols: list[tuple[int, float, list[tuple[str, float]]]]


class PassageChange(Given):
    """What of a passage is to be changed. What is left out stays."""

    title: str | None = Field(None, max_length=120)
    starred: bool | None = None


class Link(Schema):
    """The address at which anybody may read a passage."""

    link: str


class Search(Schema):
    """Which passages are asked for."""

    q: str = Field("", max_length=100, description="Words that are all in title, opening or text.")
    starred: bool = False
    model: int | None = Field(None, ge=1, le=2**53)


def _number(name: str) -> tuple[Any, Any]:
    """Return a writing setting as a field of pydantic's. What is left out has the default of the page's form."""
    known = SETTINGS[name]
    most = known.site_maximum or known.maximum
    return known.kind | None, Field(None, description=known.help, ge=known.minimum, le=most)


if TYPE_CHECKING:  # the fields of these come from the trainer's table of writing settings

    class Write(Given):
        goes_on_from: int | None
        voices: dict[str, float] | None

    class Compare(Given):
        models: list[int]
else:
    _PROMPT = (str, Field("", max_length=_LONGEST_PROMPT, description="What the passages go on from."))
    _UNIT = (Literal[tuple(Unit.values)] | None, Field(None, description="What the length counts."))
    _SETTINGS = {"prompt": _PROMPT, "unit": _UNIT, **{name: _number(name) for name in _NUMBERS}}
    _BEFORE = (int | None, Field(None, ge=1, le=2**53, description="A passage of the model that was cut, and goes on."))
    _MODELS = (list[int], Field(..., min_length=2, max_length=2))
    _SHARES = "Shares of voices by their names, for a model that has learned voices. They are divided by their sum."
    _VOICES = (dict[str, float] | None, Field(None, description=_SHARES))
    Write = create_model("Write", __base__=Given, goes_on_from=_BEFORE, voices=_VOICES, **_SETTINGS)
    Compare = create_model("Compare", __base__=Given, models=_MODELS, **_SETTINGS)
