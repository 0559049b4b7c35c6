"""The change of corpora together with their figures, which are counted before anything is locked.

To count the figures of a long text takes seconds, and others must not wait for it. So they are counted first, and again
where somebody has changed a corpus meanwhile: its version says so.
"""

import contextlib
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from webapp.accounts import limits
from webapp.accounts.limits import Limits
from webapp.accounts.models import User
from webapp.corpora.models import Corpus


class Changed(Exception):
    """A corpus was changed, made or deleted while the figures were counted."""


def versions(corpora: QuerySet[Corpus]) -> dict[int, int]:
    """Return the present version of each corpus, by its key."""
    return dict(corpora.values_list("pk", "version"))


def lock(owner: User, corpora: QuerySet[Corpus], before: dict[int, int]) -> Limits:
    """Lock the owner's row until the transaction ends. Raises Changed unless the corpora have these versions still."""
    allowed = limits.lock(owner)
    if versions(corpora) != before:
        raise Changed
    return allowed


def recount(
    owner: User,
    corpora: QuerySet[Corpus],
    count: Callable[[Corpus], dict[str, Any]],
    write: Callable[[Limits], None],
) -> None:
    """Make a change to what trainings read of corpora, and begin a new version of each.

    Args:
        count: returns the fields that a corpus has after the change.
        write: makes the change to other rows, while the owner's row is locked. What it raises undoes everything.
    """
    while True:
        found = list(corpora.all())
        counted = [count(corpus) for corpus in found]
        with contextlib.suppress(Changed), transaction.atomic():
            write(lock(owner, corpora, {corpus.pk: corpus.version for corpus in found}))
            for corpus, fields in zip(found, counted, strict=True):
                corpus.change_texts(**fields)
            return
