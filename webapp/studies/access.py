"""The access rules of studies: what the visitor has no right to is a 404, like what does not exist."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from webapp.accounts.rights import Right
from webapp.corpora.access import corpora
from webapp.groups.access import granted, rights
from webapp.studies.models import Study


def studies(request: HttpRequest, right: Right = Right.OWN) -> QuerySet[Study]:
    """Return the studies to which the visitor has a right."""
    return Study.objects.filter(granted(request.user.pk, right, "study"), deleting=False)


def study_or_404(request: HttpRequest, pk: int, right: Right = Right.OWN) -> Study:
    """Return a study. Its corpus is left out, as if it were deleted, where the visitor may not see that one."""
    study = get_object_or_404(studies(request, right).select_related("corpus", "owner"), pk=pk)
    corpus = study.corpus
    if corpus and corpus.owner_id != request.user.pk and not corpora(request, Right.READ).filter(pk=corpus.pk).exists():
        study.corpus = None
    return study


class NothingLearned(Http404):
    """A study is there, and has no model yet. For pages it is a 404; programs are told."""


def readable_or_404(request: HttpRequest, pk: int, right: Right = Right.READ) -> Study:
    """Return a study that has a model: to look into, to write with, to take along. Raises Http404, NothingLearned."""
    study = study_or_404(request, pk, right)
    if not study.is_readable:
        raise NothingLearned
    return study


def rights_to(request: HttpRequest, study: Study) -> dict[str, object]:
    """Return what the page of a study offers to the visitor."""
    return rights(request.user.pk, study.owner_id, "study", study)
