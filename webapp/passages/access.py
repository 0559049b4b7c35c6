"""Access to passages and requests: somebody else's is a 404, like one that does not exist."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from webapp.passages.models import Passage
from webapp.queue.models import Job, Kind


def passages(request: HttpRequest) -> QuerySet[Passage]:
    """Return the passages that the visitor may see."""
    return Passage.objects.filter(owner=request.user.pk)


def passage_or_404(request: HttpRequest, pk: int) -> Passage:
    return get_object_or_404(passages(request).select_related("study", "job", "opening"), pk=pk)


def shared_or_404(key: str) -> Passage:
    """Return what a link shows to whoever has it. One that was taken back is like one that never was."""
    return get_object_or_404(Passage.objects.select_related("study", "job", "opening"), share_key=key)


def writing_or_404(request: HttpRequest, pk: int) -> Job:
    """Return a job that writes for the visitor."""
    return get_object_or_404(
        Job.objects.select_related("study"), pk=pk, owner=request.user.pk, kind=Kind.WRITE, study__deleting=False
    )
