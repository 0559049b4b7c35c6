"""The services that switch treatments on and off: for one document, or for all documents of a corpus.

The stored text stays as it was extracted. So everything is undone by switching it off.
"""

from typing import Any

from webapp.accounts.limits import Limits
from webapp.corpora.models import Corpus, Document
from webapp.corpora.services.figures import describe
from webapp.corpora.services.reading import texts_of
from webapp.corpora.services.recounting import recount
from webapp.doctor.treatments import Choices


def treat_document(document: Document, choices: Choices) -> None:
    """Keep what is switched on for a document, in all of its corpora. Trainings keep their frozen text.

    Raises Document.DoesNotExist when the document was deleted meanwhile.
    """
    kept = choices.as_json()
    if kept == document.treatment:
        return

    def count(corpus: Corpus) -> dict[str, Any]:
        documents = [place.document for place in corpus.in_order()]
        for one in documents:
            if one == document:
                one.treatment = kept
        return describe(texts_of(documents, corpus.lowercase, corpus.switched_on), corpus.switched_on)

    def write(_allowed: Limits) -> None:
        if not Document.objects.filter(pk=document.pk).update(treatment=kept):
            raise Document.DoesNotExist

    recount(document.owner, document.corpora.all(), count, write)


def treat_corpus(corpus: Corpus, choices: Choices) -> None:
    """Keep what is switched on for all documents of a corpus. Trainings keep their frozen text."""
    kept = choices.as_json()
    if kept == corpus.treatment:
        return

    def count(now: Corpus) -> dict[str, Any]:
        documents = (place.document for place in now.in_order())
        return {"treatment": kept, **describe(texts_of(documents, now.lowercase, choices), choices)}

    recount(corpus.owner, Corpus.objects.filter(pk=corpus.pk), count, lambda _allowed: None)
