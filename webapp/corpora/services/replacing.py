"""The replacement of a document's text, in all corpora in which the document stands."""

from typing import Any

from django.db import transaction

from webapp.accounts import limits
from webapp.accounts.limits import Limits
from webapp.corpora.models import Corpus, Document
from webapp.corpora.services import examinations
from webapp.corpora.services.decoding import as_trained_on
from webapp.corpora.services.document_files import delete_files, fields_of, stored
from webapp.corpora.services.figures import describe
from webapp.corpora.services.observing import NOBODY, Observer
from webapp.corpora.services.reading import Named, texts_of
from webapp.corpora.services.recounting import recount
from webapp.corpora.services.understood import Understood


class Replaced(Exception):
    """The text of a document has been replaced meanwhile."""


def replace(document: Document, new: Understood, observer: Observer = NOBODY, **fields: Any) -> None:
    """Replace the text and the original of a document, and set more fields of its row.

    Trainings keep their frozen text. Nothing changes when this raises LimitReached since there is no room, Replaced
    since the text is no longer that of the given row, or Document.DoesNotExist since it was deleted meanwhile.
    """
    with stored([new]) as (key,):

        def write(allowed: Limits) -> None:
            old = Document.objects.get(pk=document.pk)
            if old.key != document.key:
                raise Replaced
            more = new.text_bytes + new.original_bytes - old.bytes - old.original_bytes
            limits.check_stored(document.owner, allowed, max(0, more))
            Document.objects.filter(pk=old.pk).update(**(fields_of(new, key) | fields))
            observer.keep(None)
            transaction.on_commit(lambda: delete_files([old.key]), robust=True)
            transaction.on_commit(lambda: examinations.forget([old.sha256]), robust=True)

        def count(corpus: Corpus) -> dict[str, Any]:
            texts = [_text(place.document, document, new, corpus) for place in corpus.in_order()]
            return describe(texts, corpus.switched_on)

        recount(document.owner, document.corpora.all(), count, write)


def _text(of: Document, changed: Document, new: Understood, corpus: Corpus) -> Named:
    if of == changed:
        return as_trained_on([new], corpus.lowercase, of.switched_on | corpus.switched_on)[0]
    return texts_of([of], corpus.lowercase, corpus.switched_on)[0]
