"""The access rules of corpora: what the visitor has no right to is a 404, like what does not exist."""

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from webapp.accounts.rights import Right
from webapp.corpora.models import Corpus, Document, Extraction, Place
from webapp.groups.access import granted, rights, shares
from webapp.queue.models import State


def corpora(request: HttpRequest, right: Right = Right.OWN) -> QuerySet[Corpus]:
    """Return the corpora to which the visitor has a right."""
    return Corpus.objects.filter(granted(request.user.pk, right, "corpus"))


def corpus_or_404(request: HttpRequest, pk: int, right: Right = Right.OWN) -> Corpus:
    return get_object_or_404(corpora(request, right).select_related("owner"), pk=pk)


def documents(request: HttpRequest, right: Right = Right.OWN) -> QuerySet[Document]:
    """Return the documents to which the visitor has a right."""
    if right == Right.OWN:
        return Document.objects.filter(owner=request.user.pk)
    return Document.objects.filter(Q(owner=request.user.pk) | _in_shared_corpora(request, right))


def _in_shared_corpora(request: HttpRequest, right: Right) -> Q:
    """Return the condition for documents of others. Who changes one changes all corpora in which it stands, and so
    needs the right to each of them."""
    places = Place.objects.filter(
        corpus__in=shares(request.user.pk, right).filter(corpus__isnull=False).values("corpus")
    )
    found = Q(pk__in=places.values("document"))
    if right == Right.EDIT:
        found &= ~Q(pk__in=Place.objects.exclude(corpus__in=corpora(request, right)).values("document"))
    return found


def corpora_of(request: HttpRequest, document: Document) -> QuerySet[Corpus]:
    """Return those corpora with a document that the visitor may see."""
    return corpora(request, Right.READ).filter(documents=document)


def places_to_show(request: HttpRequest, corpus: Corpus) -> QuerySet[Place]:
    """Return a corpus's places in order, each document with `stands_in`: the corpora of `corpora_of`, by one query."""
    stands_in = Prefetch("document__corpora", corpora(request, Right.READ).only("pk"), to_attr="stands_in")
    return corpus.in_order().prefetch_related(stands_in)


def rights_to(request: HttpRequest, corpus: Corpus) -> dict[str, object]:
    """Return what the page of a corpus offers to the visitor."""
    return rights(request.user.pk, corpus.owner_id, "corpus", corpus)


def document_or_404(request: HttpRequest, pk: int, right: Right = Right.OWN) -> Document:
    return get_object_or_404(documents(request, right), pk=pk)


def place_or_404(request: HttpRequest, pk: int, right: Right = Right.OWN) -> Place:
    """Return the place of a document in a corpus to which the visitor has a right."""
    places = Place.objects.select_related("corpus", "document")
    return get_object_or_404(places, pk=pk, corpus__in=corpora(request, right))


def extractions(request: HttpRequest) -> QuerySet[Extraction]:
    """Return the extractions that the visitor may see."""
    person = request.user.pk
    seen = Q(job__owner=person) | Q(corpus__owner=person) | Q(document__owner=person)
    if shares(person, Right.EDIT).exists():  # few have any, and the rest of the condition triples the time of the query
        seen |= Q(corpus__in=corpora(request, Right.EDIT)) | Q(document__in=documents(request, Right.EDIT))
    return Extraction.objects.filter(seen).select_related("job", "corpus", "document")


def extractions_to_show(request: HttpRequest) -> QuerySet[Extraction]:
    """Return those that wait, are under way, or have failed and were not put away."""
    return extractions(request).exclude(job__state__in=(State.SUCCEEDED, State.CANCELLED))


def extraction_or_404(request: HttpRequest, pk: int) -> Extraction:
    return get_object_or_404(extractions(request), pk=pk)
