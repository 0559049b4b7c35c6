"""The context of log records: the request and the job to which all records belong that are logged meanwhile."""

import contextlib
import logging
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

_known: ContextVar[dict[str, Any] | None] = ContextVar("what log records are about", default=None)


@contextlib.contextmanager
def about(**known: Any) -> Iterator[None]:
    """Give these fields to every record that this thread logs inside the block.

    A thread that is started inside the block has them if it runs in a copy of the block's context
    (`contextvars.copy_context`).
    """
    token = _known.set({**(_known.get() or {}), **known})
    try:
        yield
    finally:
        _known.reset(token)


def add(**known: Any) -> None:
    """Give these fields to all further records of the innermost block. Outside of a block, do nothing."""
    fields = _known.get()
    if fields is not None:
        fields.update(known)


def request_id() -> str:
    """Return the id of the request that this thread answers or works for, or an empty text."""
    return str((_known.get() or {}).get("request_id", ""))


class AddContext(logging.Filter):
    """Adds the fields to each record. A field that the record has by itself stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in (_known.get() or {}).items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True
