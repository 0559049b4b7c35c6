"""The reader of a corpus's texts in the storage."""

from collections.abc import Iterable

from trainer.contract.documents import clean
from webapp import files
from webapp.corpora.models import Corpus, Document, Place
from webapp.doctor import graphemes
from webapp.doctor.treatments import Choices, treated

_TREATED = 50  # times the characters of a beginning are read where treatments cut some
_LONGEST_CLUSTER = 64
Named = tuple[str, str]  # a document's name and its text as a training reads it


def texts(corpus: Corpus, lowercase: bool | None = None) -> list[Named]:
    """Return the name and the cleaned text of each document in order, as a training reads them.

    `lowercase` replaces the corpus's own choice.
    """
    documents = (place.document for place in corpus.in_order())
    return texts_of(documents, corpus.lowercase if lowercase is None else lowercase, corpus.switched_on)


def texts_of(documents: Iterable[Document], lowercase: bool, choices: Choices) -> list[Named]:
    """Return the name and the cleaned text of documents. `choices` are the treatments of their corpus."""
    return [
        (document.name, prepared(read(document), lowercase, document.switched_on | choices)) for document in documents
    ]


def as_trained(document: Document, corpus: Corpus) -> str:
    """Return the text of a document as a training of this corpus reads it."""
    return texts_of([document], corpus.lowercase, corpus.switched_on)[0][1]


def prepared(text: str, lowercase: bool, choices: Choices) -> str:
    """Return a stored text as a training reads it: treated, cleaned again, and perhaps lower-cased."""
    return clean(treated(text, choices), lowercase)


def as_it_stands(corpus: Corpus) -> list[tuple[Place, str]]:
    """Return the places of a corpus, each with its text as a training reads it, and refresh the corpus.

    All of it is of one version, which is that of `corpus` afterwards. Raises Corpus.DoesNotExist.
    """
    while True:
        corpus.refresh_from_db()
        places = list(corpus.in_order())
        documents = (place.document for place in places)
        found = [text for _name, text in texts_of(documents, corpus.lowercase, corpus.switched_on)]
        if Corpus.objects.filter(pk=corpus.pk, version=corpus.version).exists():
            return list(zip(places, found, strict=True))


def read(document: Document) -> str:
    """Return the document's whole text, not lower-cased."""
    return files.read_whole_text(document.key)


def beginning(place: Place, characters: int) -> str:
    """Return a document's first characters as a training of its corpus reads them. The rest is not read.

    What treatments need of the rest is not known then: so the beginning may differ a little from what is trained on.
    """
    choices = place.document.switched_on | place.corpus.switched_on
    read = characters * _TREATED if choices.switches else characters + _LONGEST_CLUSTER
    text = prepared(files.read_text(place.document.key, 0, read), place.corpus.lowercase, choices)
    return text[: graphemes.cut(text, characters)]
