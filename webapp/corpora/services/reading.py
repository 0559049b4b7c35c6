"""The reader of a corpus's texts in the storage."""

from collections.abc import Iterable

from trainer.contract.documents import clean
from webapp import files
from webapp.corpora.models import Corpus, Document, Place

Named = tuple[str, str]  # a document's name and its text as a training reads it


def texts(corpus: Corpus, lowercase: bool | None = None) -> list[Named]:
    """Return the name and the cleaned text of each document in order, as a training reads them.

    `lowercase` replaces the corpus's own choice.
    """
    documents = (place.document for place in corpus.in_order())
    return texts_of(documents, corpus.lowercase if lowercase is None else lowercase)


def texts_of(documents: Iterable[Document], lowercase: bool) -> list[Named]:
    return [(document.name, clean(read(document), lowercase)) for document in documents]


def as_it_stands(corpus: Corpus) -> list[tuple[Place, str]]:
    """Return the places of a corpus, each with its text as a training reads it, and refresh the corpus.

    All of it is of one version, which is that of `corpus` afterwards. Raises Corpus.DoesNotExist.
    """
    while True:
        corpus.refresh_from_db()
        places = list(corpus.in_order())
        found = [text for _name, text in texts_of((place.document for place in places), corpus.lowercase)]
        if Corpus.objects.filter(pk=corpus.pk, version=corpus.version).exists():
            return list(zip(places, found, strict=True))


def read(document: Document) -> str:
    """Return the document's whole text, not lower-cased."""
    return files.read_whole_text(document.key)


def beginning(place: Place, characters: int) -> str:
    """Return a document's first characters as a training of its corpus reads them. The rest is not read."""
    return clean(files.read_text(place.document.key, 0, characters), lowercase=place.corpus.lowercase)
