"""The access rules of looks and courses: somebody else's is a 404, like one that does not exist."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from webapp.inside.models import Course, Look
from webapp.studies.access import study_or_404
from webapp.studies.models import Study


def look_or_404(request: HttpRequest, pk: int) -> Look:
    looks = Look.objects.select_related("study", "job")
    return get_object_or_404(looks, pk=pk, owner=request.user.pk, study__deleting=False)


def readable_or_404(request: HttpRequest, pk: int) -> Study:
    """Return a study of the visitor that has a model to look into."""
    study = study_or_404(request, pk)
    if not study.is_readable:
        raise Http404
    return study


def shared_or_404(key: str) -> Course:
    """Return the course that a link shows to anybody. After the link was taken back, it is a 404 too."""
    courses = Course.objects.select_related("study", "gates", "memory")
    return get_object_or_404(courses, share_key=key, study__deleting=False)
