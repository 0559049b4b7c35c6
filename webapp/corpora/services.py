"""Documents in, clean text out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from trainer import text as texts_of
from trainer.text import Decoded, TextProblem
from webapp import files
from webapp.accounts import limits
from webapp.accounts.models import User
from webapp.corpora import overlaps
from webapp.corpora.models import Corpus, Document

CAST_CHARACTERS = 400

Upload = tuple[str, bytes]  # a name and what was uploaded under it


def add_corpus(owner: User, name: str, uploads: Iterable[Upload], lowercase: bool, is_sample: bool = False) -> Corpus:
    """Make a corpus out of uploaded files, all or nothing.

    Raises TextProblem, with the file's name where there are several, for what can't be read or trained on, and
    LimitReached where its owner has no room for it.
    """
    documents = [(name, _understand(name, data)) for name, data in uploads]
    texts = [texts_of.clean(decoded.text, lowercase) for _name, decoded in documents]
    texts_of.check_trainable(texts)
    corpus = Corpus(owner=owner, name=name, lowercase=lowercase, is_sample=is_sample, **_figures(texts))
    corpus.overlaps = overlaps.found([name for name, _decoded in documents], texts)
    size = sum(len(decoded.text.encode()) for _name, decoded in documents)
    with transaction.atomic():
        limits.check_stored(owner, limits.lock(owner), size)
        corpus.save()
        try:
            for number, document in enumerate(documents):
                _keep(corpus, number, *document)
        except Exception:
            files.delete_tree(corpus.prefix)
            raise
    return corpus


def _understand(name: str, data: bytes) -> Decoded:
    """Return the clean text of a file, its letters as they are, and how it was read."""
    try:
        decoded = texts_of.decode(data)
    except TextProblem as problem:
        raise TextProblem(f"{name}: {problem}") from None
    return replace(decoded, text=texts_of.clean(decoded.text))


def _keep(corpus: Corpus, number: int, name: str, decoded: Decoded) -> None:
    data = decoded.text.encode()
    key = files.add(corpus.prefix, f"{number}.txt", data)
    Document.objects.create(
        corpus=corpus,
        name=name[:200],
        encoding=decoded.encoding,
        characters=len(decoded.text),
        unreadable=decoded.replaced,
        bytes=len(data),
        sha256=files.sha256(data),
        key=key,
    )


def add_sample(owner: User) -> Corpus:
    """Add the sample corpus: Python's own documentation, which is on every machine. A second click adds no second."""
    mine = Corpus.objects.filter(owner=owner, is_sample=True)
    data = texts_of.sample_text().encode()
    try:
        return mine.first() or add_corpus(
            owner, _("Python’s documentation (sample)"), [("topics.txt", data)], False, is_sample=True
        )
    except IntegrityError:  # two clicks at once: the other one was first
        return mine.get()


def texts(corpus: Corpus) -> list[tuple[str, str]]:
    """Return the name and the cleaned text of each document, as a training reads them."""
    return [
        (document.name, texts_of.clean(read(document), lowercase=corpus.lowercase))
        for document in corpus.documents.all()
    ]


def read(document: Document) -> str:
    """Return the document's text with its letters as they were."""
    return files.read(document.key).decode()


def beginning(document: Document, characters: int) -> str:
    """Return how the document begins, as a training reads it, without reading all of it."""
    return texts_of.clean(files.read_text(document.key, 0, characters), lowercase=document.corpus.lowercase)


def _figures(texts: list[str]) -> dict[str, Any]:
    """Count what is in the cleaned texts, for the figures on the corpus."""
    whole = "".join(texts)
    described = texts_of.describe(whole)
    cast = "".join(character for character, _times in Counter(whole).most_common(CAST_CHARACTERS))
    return {
        "characters": described.characters,
        "words": described.words,
        "alphabet": described.alphabet,
        "cast": cast,
    }


def change(corpus: Corpus, name: str, lowercase: bool) -> None:
    """Rename it, and change whether its letters are lower-cased. Trainings under way keep their frozen text."""
    changed: dict[str, Any] = {"name": name}
    if corpus.lowercase != lowercase:
        corpus.lowercase = lowercase
        changed |= {"lowercase": lowercase, **_figures([text for _name, text in texts(corpus)])}
    for field, value in changed.items():
        setattr(corpus, field, value)
    corpus.save(update_fields=changed)


def delete(corpus: Corpus) -> None:
    """Delete a corpus and its files. Models learned from it keep the text that they were trained on."""
    prefix = corpus.prefix
    with transaction.atomic():
        corpus.delete()
        transaction.on_commit(lambda: files.delete_tree(prefix), robust=True)
