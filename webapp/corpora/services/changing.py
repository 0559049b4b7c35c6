"""The services that change a corpus: its name, its lower case, removing a document, deletion."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from webapp import files
from webapp.accounts import limits
from webapp.corpora.models import Corpus, Document
from webapp.corpora.services.document_files import delete_files, folder
from webapp.corpora.services.figures import describe, figures_of
from webapp.corpora.services.reading import texts, texts_of


def change(corpus: Corpus, name: str, lowercase: bool) -> None:
    """Change the name, and whether the texts are lower-cased. Trainings keep their frozen text."""
    changed: dict[str, Any] = {"name": name}
    if corpus.lowercase != lowercase:
        corpus.lowercase = lowercase
        changed |= {"lowercase": lowercase, **figures_of([text for _name, text in texts(corpus)])}
    corpus.change(**changed)


def put_away(corpus: Corpus) -> None:
    """Empty the list of texts that were left out, since the owner has read it."""
    corpus.change(left_out=[])


def remove(document: Document) -> None:
    """Remove a document from its corpus. Trainings keep their frozen text."""
    corpus, place = document.corpus, folder(document.key)
    while True:
        before = corpus.document_numbers()
        rest = corpus.documents.exclude(pk=document.pk)
        found = describe(texts_of(rest, corpus.lowercase))
        with transaction.atomic():
            limits.lock(corpus.owner)
            if corpus.document_numbers() != before:
                continue
            document.delete()
            corpus.change(**found)
            transaction.on_commit(lambda: files.delete_tree(place), robust=True)
            return


def delete(corpus: Corpus) -> None:
    """Delete a corpus and its files. Models that were trained on it keep their frozen text."""
    delete_all(Corpus.objects.filter(pk=corpus.pk))


def delete_all(corpora: QuerySet[Corpus]) -> None:
    """Delete the rows of corpora in one transaction, then their files.

    `manage.py orphans` finds the files that can't be deleted now.
    """
    with transaction.atomic():
        keys = list(Document.objects.filter(corpus__in=corpora).values_list("key", flat=True))
        corpora.delete()
        transaction.on_commit(lambda: delete_files(keys), robust=True)
