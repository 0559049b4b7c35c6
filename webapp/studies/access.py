"""The access rules of studies: what the visitor has no right to is a 404, like what does not exist."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from webapp.accounts.rights import Right
from webapp.studies.models import Study


def studies(request: HttpRequest, right: Right = Right.OWN) -> QuerySet[Study]:
    """Return the studies to which the visitor has a right: so far all rights are the owner's."""
    return Study.objects.filter(owner=request.user.pk, deleting=False)


def study_or_404(request: HttpRequest, pk: int, right: Right = Right.OWN) -> Study:
    return get_object_or_404(studies(request, right).select_related("corpus"), pk=pk)
