"""The services that change a corpus: its name, its lower case, removing a document, deletion."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from webapp import names
from webapp.accounts import limits
from webapp.accounts.limits import Limits
from webapp.accounts.models import User
from webapp.corpora.models import Corpus, Document, Place
from webapp.corpora.services import examinations
from webapp.corpora.services.document_files import delete_files
from webapp.corpora.services.figures import describe, figures_of
from webapp.corpora.services.reading import once, texts, texts_of
from webapp.corpora.services.recounting import recount


def change(corpus: Corpus, name: str, lowercase: bool) -> None:
    """Change the name, and whether the texts are lower-cased. Trainings keep their frozen text."""
    corpus.change(name=names.distinct(name, corpus.owner.corpora.exclude(pk=corpus.pk)))
    if corpus.lowercase != lowercase:
        recount(
            corpus.owner,
            _alone(corpus),
            lambda now: {"lowercase": lowercase, **_figures(now, lowercase)},
            lambda _allowed: None,
        )


def _figures(corpus: Corpus, lowercase: bool) -> dict[str, Any]:
    read = once(texts(corpus, lowercase), corpus.switched_on)
    return figures_of([one.text for one in read])


def put_away(corpus: Corpus) -> None:
    """Empty the list of texts that were left out, since the owner has read it."""
    corpus.change(left_out=[])


def remove(place: Place) -> None:
    """Remove a document from a corpus, and delete it if it stands in no other. Trainings keep their frozen text."""

    def write(_allowed: Limits) -> None:
        Place.objects.filter(pk=place.pk).delete()
        _delete_unplaced(place.corpus.owner)

    recount(place.corpus.owner, _alone(place.corpus), lambda corpus: _without(corpus, place.document), write)


def delete_document(document: Document, also: Callable[[], None] = lambda: None) -> None:
    """Delete a document from all its corpora, with its files. `also` is called in the same transaction."""

    def write(_allowed: Limits) -> None:
        also()
        Place.objects.filter(document=document).delete()
        _delete_unplaced(document.owner)

    recount(document.owner, document.corpora.all(), lambda corpus: _without(corpus, document), write)


def _without(corpus: Corpus, document: Document) -> dict[str, Any]:
    """Return the fields that a corpus has without one of its documents."""
    rest = corpus.in_order().exclude(document=document)
    choices = corpus.switched_on
    return describe(texts_of((place.document for place in rest), corpus.lowercase, choices), choices)


def _alone(corpus: Corpus) -> QuerySet[Corpus]:
    return Corpus.objects.filter(pk=corpus.pk)


def delete(corpus: Corpus) -> None:
    """Delete a corpus, and its documents that stand in no other. Models that were trained on it keep their frozen text.

    `manage.py orphans` finds the files that can't be deleted now.
    """
    with transaction.atomic():
        limits.lock(corpus.owner)
        Corpus.objects.filter(pk=corpus.pk).delete()
        _delete_unplaced(corpus.owner)


def delete_all(owner: User) -> None:
    """Delete the rows of all corpora and documents of a person in one transaction, then the files."""
    with transaction.atomic():
        owner.corpora.all().delete()
        _delete_unplaced(owner)


def _delete_unplaced(owner: User) -> None:
    """Delete the documents that stand in no corpus any more: their rows, and after the transaction their files."""
    gone = Document.objects.filter(owner=owner, places__isnull=True)
    keys, contents = list(gone.values_list("key", flat=True)), list(gone.values_list("sha256", flat=True))
    gone.delete()
    transaction.on_commit(lambda: delete_files(keys), robust=True)
    transaction.on_commit(lambda: examinations.forget(contents), robust=True)
