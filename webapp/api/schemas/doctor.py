"""The schemas of the doctor: what was found in a text, and what is switched on; encodings; edits and differences."""

from typing import TYPE_CHECKING, Annotated, Literal

from ninja import Field, Schema

from webapp.api.schemas.base import Given
from webapp.corpora.treatment_rows import LONGEST_REPLACEMENT
from webapp.doctor.treatments import STANDARD, TREATMENTS, Name

_LONGEST_CHARACTER = 64  # code points of a grapheme cluster
_MOST_CHARACTERS = 1_000


class Change(Schema):
    """A place of a text, with what stands there and what would stand there."""

    before: str
    old: str
    new: str
    after: str


class Treatment(Schema):
    """Something that the doctor may do to a text."""

    name: str
    title: str
    about: str
    on: bool
    otherwise: list[int] = Field(
        description="Of a corpus: documents that have it on or off otherwise, by their own choice. Of a document: "
        "corpora that have it on or off otherwise, for all of their documents."
    )
    places: int = Field(description="That it would change.")
    characters: int = Field(description="By which the text gets shorter; negative if it gets longer.")
    examples: list[Change]


class RareCharacter(Schema):
    """A character that stands in the text less than ten times. It may be of several code points."""

    character: str
    times: int
    suggested: str = Field(description="What it may be written as; empty: it may be left out.")
    written_as: str | None = Field(description="What was decided; null: it stays. Empty: it is left out.")


class Findings(Schema):
    """What the doctor found in a document, or in all documents of a corpus, and what is switched on."""

    treatments: list[Treatment]
    characters: list[RareCharacter]
    advice: list[str]
    waiting: int = Field(description="Documents that were not looked at yet. Ask again, and more of them are.")


class CodecChoice(Schema):
    """An encoding that a file may have."""

    encoding: str
    label: str
    certainty: float = Field(description="An estimate, 0 to 1, that it is the right one.")


class Line(Schema):
    """A line with letters that differ between encodings."""

    number: int
    text: str


class Turn(Schema):
    """The line from which on a file is in another encoding."""

    line: int
    before: str
    after: str


class Encoding(Schema):
    """The encoding in which a document was read, where that is a guess or was chosen."""

    now: CodecChoice
    chosen: bool = Field(description="By its owner; else it is a guess.")
    choices: list[CodecChoice] = Field(description="The likeliest first.")
    shown: str = Field(description="The encoding of the lines.")
    lines: list[Line]
    odd_lines: int = Field(description="How many such lines there are.")
    turn: Turn | None


class Piece(Schema):
    """A piece of a difference."""

    kind: Literal["same", "removed", "added", "gap"]
    text: str


class Difference(Schema):
    """What differs between two texts."""

    pieces: list[Piece]
    removed: int = Field(description="Characters.")
    added: int = Field(description="Characters.")
    is_cut: bool = Field(description="Whether not all of it is here.")


class Edit(Given):
    """A new text for a part of a document. Places are code points, from 0."""

    text: str
    sha256: str = Field(
        pattern="^[0-9a-f]{64}$", description="Of the text that was edited: another one is not touched."
    )
    start: int = Field(0, ge=0, le=2**53)
    end: int | None = Field(None, ge=0, le=2**53, description="Null: to the end of the text.")


if TYPE_CHECKING:  # the values of these come from the trainer's and the doctor's tables

    class Choices(Given):
        switches: list[str]
        characters: dict[str, str]
        off: list[str]
else:
    _NAMES = Literal[tuple(name.value for name in TREATMENTS if name != Name.CHARACTERS)]
    _STANDARD = Literal[tuple(sorted(STANDARD))]
    _CHARACTER = Annotated[str, Field(min_length=1, max_length=_LONGEST_CHARACTER)]
    _REPLACEMENT = Annotated[str, Field(max_length=LONGEST_REPLACEMENT)]

    class Choices(Given):
        """What is to be done to a text before it is trained on. What is left out is switched off."""

        switches: list[_NAMES] = Field([], max_length=len(TREATMENTS))
        characters: dict[_CHARACTER, _REPLACEMENT] = Field(
            {}, max_length=_MOST_CHARACTERS, description="What characters are written as; empty: they are left out."
        )
        off: list[_STANDARD] = Field(
            [], max_length=len(STANDARD), description="Switched off, of those that are on by themselves."
        )
