"""The schemas of groups: their members, what is shared in them, and the links by which people join."""

from datetime import datetime
from typing import Literal

from ninja import Field, Schema

from webapp.api.schemas.base import Given, Name


class Group(Schema):
    """People who share corpora and models with one another."""

    id: int
    name: str
    owner: str
    mine: bool = Field(description="Whether you have made it: then you may invite, remove members and delete it.")
    created: datetime
    members: int


class NewGroup(Given):
    """A group that is to be made."""

    name: Name


class Member(Schema):
    """Somebody in a group."""

    id: int = Field(description="Of the membership.")
    name: str
    joined: datetime


class Share(Schema):
    """A corpus or a model that members may read, or change too."""

    id: int
    kind: Literal["corpus", "model"]
    thing: int = Field(description="The number of the corpus or of the model.")
    name: str
    owner: str
    may_edit: bool = Field(description="Whether members may change it; else they may only read it.")
    created: datetime


class ToShare(Given):
    """A corpus or a model of one's own."""

    kind: Literal["corpus", "model"]
    thing: int = Field(ge=1, le=2**53, description="The number of the corpus or of the model.")
    may_edit: bool = Field(False, description="Whether members may change it; else they may only read it.")


class GroupLink(Schema):
    """A link by which people join."""

    id: int
    key: str = Field(description="With it, a program joins.")
    link: str = Field(description="The address for people.")
    places: int
    used: int
    expires: datetime


class NewLink(Given):
    """A link that is to be made."""

    places: int = Field(30, ge=1, le=1_000, description="How many people it lets in.")
    days: int = Field(14, ge=1, le=365, description="How long it can be used.")


class Key(Given):
    """The key of a link into a group: the last part of its address."""

    key: str = Field(min_length=1, max_length=100)
