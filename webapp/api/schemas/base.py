"""What several schemas are made of."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Field, Schema
from ninja.params.functions import Header
from pydantic import BeforeValidator, ConfigDict

from webapp.names import can_be_seen, visible_name

LONGEST_NAME = 120
_KEY = (
    "Any UUID. A second request with the same one and the same content makes nothing, and gets the first one's result."
)
#: the default of a parameter for the header by which a request that is sent twice counts once
ONCE: Any = Header(None, alias="Idempotency-Key", description=_KEY)


class Given(Schema):
    """What a program sends. A field that there is not is an error, since it is a typing error."""

    model_config = ConfigDict(extra="forbid")


class Problem(Schema):
    """Problem details (RFC 9457): the form of every error."""

    type: str
    title: str
    status: int
    detail: str = Field(description="What happened, and what to do, in a sentence for people.")
    instance: str = ""
    errors: list[dict[str, str]] = Field([], description="For each wrong field: its name and what is wrong with it.")


class Job(Schema):
    """Queued work, and where it stands."""

    state: str = Field(description="queued, starting, running, and at the end succeeded, failed or cancelled.")
    sentence: str = Field(description="The state in a sentence for people.")
    over: bool
    started: datetime | None
    finished: datetime | None


def _one_line(value: object) -> object:
    """Return a name as it is shown: one line, without characters that can't be seen."""
    if not isinstance(value, str):
        return value
    if not can_be_seen(value):
        raise ValueError("A name has to have something that can be seen.")
    return visible_name(value, "", LONGEST_NAME)


Name = Annotated[str, BeforeValidator(_one_line), Field(min_length=1, max_length=LONGEST_NAME)]


class Renamed(Given):
    """A new name."""

    name: Name
