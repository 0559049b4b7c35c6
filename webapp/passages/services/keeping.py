"""The services that change a written passage: its title, its star, its link, its deletion."""

import secrets

from django.db import transaction

from webapp.passages.models import Passage
from webapp.queue import transitions

_SHARE_KEY_BYTES = 32  # 43 letters


def rename(passage: Passage, title: str) -> None:
    """Change the title only, since a worker may be writing the text of the same row."""
    Passage.objects.filter(pk=passage.pk).update(title=title)


def star(passage: Passage, starred: bool) -> None:
    """Set or remove the star of a passage."""
    passage.starred = starred
    Passage.objects.filter(pk=passage.pk).update(starred=starred)


def share(passage: Passage) -> None:
    """Make the link by which anybody may read a passage. A passage that has a link keeps it."""
    Passage.objects.filter(pk=passage.pk, share_key=None).update(share_key=secrets.token_urlsafe(_SHARE_KEY_BYTES))


def stop_sharing(passage: Passage) -> None:
    """Take the link back. A later link has another address."""
    Passage.objects.filter(pk=passage.pk).update(share_key=None)


def delete(passage: Passage) -> None:
    """Delete a passage. When it was the last one of its request, cancel the request."""
    with transaction.atomic():
        job, opening = passage.job, passage.opening
        passage.delete()
        if opening is not None and not opening.passages.exists():
            opening.delete()
        if job is not None and not job.is_over and not job.passages.exists():
            transitions.cancel(job)
