"""The schemas of corpora, of documents, and of uploads that a worker reads."""

from datetime import datetime
from typing import Literal

from ninja import Field, Schema

from trainer.contract.recipe import LEAST_WEIGHT, MOST_WEIGHT
from webapp.api.schemas.base import Given, Job, Name


class LeftOut(Schema):
    """A text that could not be added, and why."""

    name: str
    why: str


class Corpus(Schema):
    """One or more texts."""

    id: int
    name: str
    owner: str = Field(description="Whose it is: others may share it with you in a group.")
    created: datetime
    lowercase: bool
    is_sample: bool
    version: int = Field(description="Counts the changes of what a training reads.")
    documents: int
    characters: int = Field(description="Code points, of all documents.")
    words: int
    alphabet: int = Field(description="Different characters.")
    problem: str = Field(description="Why it can't be trained on; empty where it can.")
    left_out: list[LeftOut] = Field(description="Of what was sent last.")
    overlaps: list[str] = Field(description="Sentences about texts that are the same, or share text.")


class Upload(Job):
    """Files whose texts a worker extracts, since that takes a while. Ask for it until it is over."""

    id: int
    purpose: Literal["new", "add", "again", "look"]
    corpus: int | None = Field(description="The corpus, once it is there.")
    document: int | None = Field(description="Of a text that is extracted again.")
    done: int = Field(description="Files that were read.")
    total: int
    left_out: list[LeftOut]


class Document(Schema):
    """One text. It may stand in several corpora."""

    id: int
    corpora: list[int] = Field(description="In which it stands, of those that you may see.")
    name: str
    format: str
    encoding: str
    characters: int
    bytes: int = Field(description="Of the text in UTF-8.")
    sha256: str = Field(description="Of the text in UTF-8.")
    unreadable: int = Field(description="Characters that could not be read.")
    notes: list[str]
    columns: list[str] = Field(description="Names of a table's columns; empty for what is no table.")
    column: int | None = Field(description="Place, from 0, of the column that is the text.")
    has_original: bool


class Place(Schema):
    """The place of a document in a corpus."""

    number: int = Field(description="From 1.")
    weight: float = Field(description="How often the document is read in an epoch.")
    document: Document


class Arrangement(Given):
    """The number and the weight of a document in its corpus. What is left out stays."""

    number: int | None = Field(None, ge=1, le=2**31 - 1, description="From 1.")
    weight: float | None = Field(None, ge=LEAST_WEIGHT, le=MOST_WEIGHT)


class Taken(Given):
    """Documents of other corpora."""

    documents: list[int] = Field(min_length=1, max_length=1_000)


class Excerpt(Schema):
    """A part of a text. Places are code points, from 0."""

    text: str
    at: int
    characters: int = Field(description="Of the whole text.")


class Part(Schema):
    """Which part of a text is asked for."""

    at: int = Field(0, ge=0, le=2**53, description="The first code point, from 0.")
    length: int = Field(20_000, ge=1, le=100_000, description="Code points.")


class CorpusChange(Given):
    """What of a corpus is to be changed. What is left out stays."""

    name: Name | None = None
    lowercase: bool | None = None


class Column(Given):
    """The column of a table that is to be its text, and the encoding of the file; null keeps what was read before."""

    column: int | None = Field(None, ge=0, le=10_000)
    encoding: str | None = Field(None, description="Python’s name of an encoding, such as cp1252 or koi8_r.")
