"""Whose corpus is whose: someone else's is a 404."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from webapp.corpora.models import Corpus, Document


def corpus_or_404(request: HttpRequest, pk: int) -> Corpus:
    return get_object_or_404(Corpus, pk=pk, owner=request.user.pk)


def document_or_404(request: HttpRequest, pk: int) -> Document:
    return get_object_or_404(Document.objects.select_related("corpus"), pk=pk, corpus__owner=request.user.pk)
