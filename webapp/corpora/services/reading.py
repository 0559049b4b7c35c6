"""The reader of a corpus's texts in the storage."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from trainer.contract.controls import plain
from trainer.contract.documents import spelled
from webapp import files
from webapp.corpora.models import Corpus, Document, Place
from webapp.doctor import graphemes, twice
from webapp.doctor.treatments import Choices, Name, treated

_TREATED = 50  # times the characters of a beginning are read where treatments cut some
_LONGEST_CLUSTER = 64


class Named(NamedTuple):
    """A document's name, its text as a training reads it, and the SHA-256 of its stored text."""

    name: str
    text: str
    content: str


def texts(corpus: Corpus, lowercase: bool | None = None) -> list[Named]:
    """Return the name and the cleaned text of each document in order, as a training reads them.

    `lowercase` replaces the corpus's own choice. Those that a training leaves out are here too: see `once`.
    """
    documents = (place.document for place in corpus.in_order())
    return texts_of(documents, corpus.lowercase if lowercase is None else lowercase, corpus.switched_on)


def texts_of(documents: Iterable[Document], lowercase: bool, choices: Choices) -> list[Named]:
    """Return the name and the cleaned text of documents. `choices` are the treatments of their corpus."""
    return [
        Named(document.name, prepared(read(document), lowercase, document.switched_on | choices), document.sha256)
        for document in documents
    ]


def once(documents: Sequence[Named], choices: Choices) -> list[Named]:
    """Return those documents that a training reads: all but those that are left out since they stand twice."""
    are_read = twice.are_read([document.content for document in documents], choices.twice)
    return [document for document, is_read in zip(documents, are_read, strict=True) if is_read]


def as_trained(document: Document, corpus: Corpus) -> str:
    """Return the text of a document as a training of this corpus reads it."""
    return texts_of([document], corpus.lowercase, corpus.switched_on)[0].text


def prepared(text: str, lowercase: bool, choices: Choices) -> str:
    """Return a stored text as a training reads it: treated, normalised again, and perhaps lower-cased."""
    text = treated(text, choices)
    if Name.CONTROLS in choices.on:
        text = plain(text)  # a treatment may have brought some
    return spelled(text, lowercase, "NFD" if Name.DECOMPOSITION in choices.on else "NFC")


def as_it_stands(corpus: Corpus) -> list[tuple[Place, str]]:
    """Return the places of a corpus that a training reads, each with its text as it is read, and refresh the corpus.

    All of it is of one version, which is that of `corpus` afterwards. Raises Corpus.DoesNotExist.
    """
    while True:
        corpus.refresh_from_db()
        places = corpus.read_in_order()
        documents = (place.document for place in places)
        found = [one.text for one in texts_of(documents, corpus.lowercase, corpus.switched_on)]
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
