"""What a person may do with a thing that is theirs or another's."""

from enum import IntEnum


class Right(IntEnum):
    """A right. Each has those before it in it. What a view needs, it names; without a name it is the whole: OWN."""

    READ = 1  # see it, train on it, write with it, take it along
    EDIT = 2  # change it, and steer what is done with it
    OWN = 3  # delete it, show it to the public, share it
