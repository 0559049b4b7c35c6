"""The reader of a corpus's texts in the storage."""

from collections.abc import Iterable

from trainer.contract.documents import clean
from webapp import files
from webapp.corpora.models import Corpus, Document

Named = tuple[str, str]  # a document's name and its text as a training reads it


def texts(corpus: Corpus) -> list[Named]:
    """Return the name and the cleaned text of each document, as a training reads them."""
    return texts_of(corpus.documents.all(), corpus.lowercase)


def texts_of(documents: Iterable[Document], lowercase: bool) -> list[Named]:
    return [(document.name, clean(read(document), lowercase)) for document in documents]


def read(document: Document) -> str:
    """Return the document's whole text, not lower-cased."""
    return files.read_whole_text(document.key)


def beginning(document: Document, characters: int) -> str:
    """Return the document's first characters as a training reads them. The rest is not read."""
    return clean(files.read_text(document.key, 0, characters), lowercase=document.corpus.lowercase)
