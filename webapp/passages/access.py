"""The access rules of passages and requests: somebody else's is a 404, like one that does not exist."""

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
    """Return the passage that a link shows to anybody. After the link was taken back, it is a 404 too."""
    return get_object_or_404(Passage.objects.select_related("study", "job", "opening"), share_key=key)


def writing_or_404(request: HttpRequest, pk: int) -> Job:
    """Return a request for passages of the visitor."""
    return get_object_or_404(
        Job.objects.select_related("study"), pk=pk, owner=request.user.pk, kind=Kind.WRITE, study__deleting=False
    )
