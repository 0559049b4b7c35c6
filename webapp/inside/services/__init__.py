"""The services that look inside models: all functions that pages call. Each subject has a module."""

from webapp.inside.services.courses import LINE, course_of, draw, sample_study, share, stop_sharing
from webapp.inside.services.looking import (
    LONGEST,
    Wanted,
    forget_what_is_shared_no_longer,
    known,
    look,
    measured,
    newest,
)
from webapp.inside.services.touching import Touch, touch

__all__ = [
    "LINE",
    "LONGEST",
    "Touch",
    "Wanted",
    "course_of",
    "draw",
    "forget_what_is_shared_no_longer",
    "known",
    "look",
    "measured",
    "newest",
    "sample_study",
    "share",
    "stop_sharing",
    "touch",
]
