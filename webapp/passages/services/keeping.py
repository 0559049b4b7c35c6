"""Changes to a passage that was written: its title, its star, its link, its deletion."""

import secrets

from django.db import transaction

from webapp.passages.models import Passage
from webapp.queue import transitions

_SHARE_KEY_BYTES = 32  # 43 letters


def rename(passage: Passage, title: str) -> None:
    """Change the title and nothing else: a worker may be writing the text of the same row."""
    Passage.objects.filter(pk=passage.pk).update(title=title)


def star(passage: Passage, starred: bool) -> None:
    """Put a passage among the starred ones, or take it out."""
    passage.starred = starred
    Passage.objects.filter(pk=passage.pk).update(starred=starred)


def share(passage: Passage) -> None:
    """Make the link by which anybody may read a passage. There is one at a time: asking twice is asking once."""
    Passage.objects.filter(pk=passage.pk, share_key=None).update(share_key=secrets.token_urlsafe(_SHARE_KEY_BYTES))


def stop_sharing(passage: Passage) -> None:
    """Take the link back. A later one is another."""
    Passage.objects.filter(pk=passage.pk).update(share_key=None)


def delete(passage: Passage) -> None:
    """Delete a passage. Nobody goes on writing when it was the last of its request."""
    with transaction.atomic():
        job, opening = passage.job, passage.opening
        passage.delete()
        if opening is not None and not opening.passages.exists():
            opening.delete()
        if job is not None and not job.is_over and not job.passages.exists():
            transitions.cancel(job)
