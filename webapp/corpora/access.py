"""The access rules of corpora: somebody else's corpus is a 404, like one that does not exist."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from webapp.corpora.models import Corpus, Document, Extraction, Place
from webapp.queue.models import State


def corpora(request: HttpRequest) -> QuerySet[Corpus]:
    """Return the corpora that the visitor may see."""
    return Corpus.objects.filter(owner=request.user.pk)


def corpus_or_404(request: HttpRequest, pk: int) -> Corpus:
    return get_object_or_404(corpora(request), pk=pk)


def documents(request: HttpRequest) -> QuerySet[Document]:
    """Return the documents that the visitor may see."""
    return Document.objects.filter(owner=request.user.pk)


def document_or_404(request: HttpRequest, pk: int) -> Document:
    return get_object_or_404(documents(request), pk=pk)


def place_or_404(request: HttpRequest, pk: int) -> Place:
    """Return the place of a document in a corpus of the visitor's."""
    places = Place.objects.select_related("corpus", "document")
    return get_object_or_404(places, pk=pk, corpus__owner=request.user.pk)


def extractions(request: HttpRequest) -> QuerySet[Extraction]:
    """Return the extractions that the visitor may see."""
    return Extraction.objects.filter(job__owner=request.user.pk).select_related("job", "corpus", "document")


def extractions_to_show(request: HttpRequest) -> QuerySet[Extraction]:
    """Return those that wait, are under way, or have failed and were not put away."""
    return extractions(request).exclude(job__state__in=(State.SUCCEEDED, State.CANCELLED))


def extraction_or_404(request: HttpRequest, pk: int) -> Extraction:
    return get_object_or_404(extractions(request), pk=pk)
