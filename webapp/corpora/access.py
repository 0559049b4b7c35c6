"""The access rules of corpora: what the visitor has no right to is a 404, like what does not exist."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from webapp.accounts.rights import Right
from webapp.corpora.models import Corpus, Document, Extraction, Place
from webapp.queue.models import State


def corpora(request: HttpRequest, right: Right = Right.OWN) -> QuerySet[Corpus]:
    """Return the corpora to which the visitor has a right: so far all rights are the owner's."""
    return Corpus.objects.filter(owner=request.user.pk)


def corpus_or_404(request: HttpRequest, pk: int, right: Right = Right.OWN) -> Corpus:
    return get_object_or_404(corpora(request, right), pk=pk)


def documents(request: HttpRequest, right: Right = Right.OWN) -> QuerySet[Document]:
    """Return the documents to which the visitor has a right."""
    return Document.objects.filter(owner=request.user.pk)


def document_or_404(request: HttpRequest, pk: int, right: Right = Right.OWN) -> Document:
    return get_object_or_404(documents(request, right), pk=pk)


def place_or_404(request: HttpRequest, pk: int, right: Right = Right.OWN) -> Place:
    """Return the place of a document in a corpus to which the visitor has a right."""
    places = Place.objects.select_related("corpus", "document")
    return get_object_or_404(places, pk=pk, corpus__in=corpora(request, right))


def extractions(request: HttpRequest) -> QuerySet[Extraction]:
    """Return the extractions that the visitor may see."""
    return Extraction.objects.filter(job__owner=request.user.pk).select_related("job", "corpus", "document")


def extractions_to_show(request: HttpRequest) -> QuerySet[Extraction]:
    """Return those that wait, are under way, or have failed and were not put away."""
    return extractions(request).exclude(job__state__in=(State.SUCCEEDED, State.CANCELLED))


def extraction_or_404(request: HttpRequest, pk: int) -> Extraction:
    return get_object_or_404(extractions(request), pk=pk)
