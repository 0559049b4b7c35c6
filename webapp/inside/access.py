"""The access rules of looks and courses: what the visitor has no right to is a 404, like what does not exist.

Who may read a model may look inside it. A look, and a course, is that of the person who has asked for it.
"""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from webapp.accounts.rights import Right
from webapp.inside.models import Course, Look
from webapp.studies.access import studies


def look_or_404(request: HttpRequest, pk: int) -> Look:
    looks = Look.objects.select_related("study", "job")
    return get_object_or_404(looks, pk=pk, owner=request.user.pk, study__in=studies(request, Right.READ))


def shared_or_404(key: str) -> Course:
    """Return the course that a link shows to anybody. After the link was taken back, it is a 404 too."""
    courses = Course.objects.select_related("study", "gates", "memory")
    return get_object_or_404(courses, share_key=key, study__deleting=False)
