"""The schema of a person's account."""

from ninja import Field, Schema


class Limits(Schema):
    """What one person may have. 0 means that there is no limit."""

    running: int = Field(description="Trainings at the same time.")
    waiting: int = Field(description="Trainings in the queue.")
    stored_bytes: int
    minutes: int = Field(description="Of one training.")


class Account(Schema):
    """The person whose token or session the request has."""

    name: str
    stored_bytes: int = Field(description="Used by texts, models and passages.")
    upload_limit_bytes: int = Field(description="Of the texts of one request.")
    model_limit_bytes: int = Field(description="Of a model that is uploaded.")
    gpu: bool = Field(description="Whether a training may ask for a GPU.")
    limits: Limits
