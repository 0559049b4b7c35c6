"""The services of passages: all functions that pages call. Each subject has a module."""

from webapp.passages.services.keeping import delete, rename, share, star, stop_sharing
from webapp.passages.services.requests import Wanted, compare, stop, write, write_again

__all__ = [
    "Wanted",
    "compare",
    "delete",
    "rename",
    "share",
    "star",
    "stop",
    "stop_sharing",
    "write",
    "write_again",
]
