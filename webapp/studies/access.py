"""The access rules of studies: somebody else's study is a 404, like one that does not exist."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from webapp.studies.models import Study


def studies(request: HttpRequest) -> QuerySet[Study]:
    """Return the studies that the visitor may see."""
    return Study.objects.filter(owner=request.user.pk, deleting=False)


def study_or_404(request: HttpRequest, pk: int) -> Study:
    return get_object_or_404(studies(request).select_related("corpus"), pk=pk)
