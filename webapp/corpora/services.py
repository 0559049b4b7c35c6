"""Documents in, clean text out."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from trainer import text as texts_of
from trainer.text import TextProblem
from webapp import files
from webapp.accounts.models import User
from webapp.corpora.models import Corpus, Document

Upload = tuple[str, bytes]  # a name and what was uploaded under it


def add_corpus(owner: User, name: str, uploads: Iterable[Upload], lowercase: bool, is_sample: bool = False) -> Corpus:
    """Make a corpus out of uploaded files, all or nothing.

    Raises TextProblem, with the file's name where there are several, for what can't be read or trained on.
    """
    documents = [(name, *_understand(name, data)) for name, data in uploads]
    texts_of.check_trainable([text for _name, text, _encoding in documents])
    with transaction.atomic():
        corpus = Corpus.objects.create(owner=owner, name=name, lowercase=lowercase, is_sample=is_sample)
        try:
            for number, document in enumerate(documents):
                _keep(corpus, number, *document)
        except Exception:
            files.delete_tree(corpus.prefix)
            raise
        describe(corpus)
    return corpus


def _understand(name: str, data: bytes) -> tuple[str, str]:
    """Return the clean text of a file, its letters as they are, and the encoding that it was in."""
    try:
        decoded = texts_of.decode(data)
    except TextProblem as problem:
        raise TextProblem(f"{name}: {problem}") from None
    return texts_of.clean(decoded.text), decoded.encoding


def _keep(corpus: Corpus, number: int, name: str, text: str, encoding: str) -> None:
    data = text.encode()
    key = files.add(corpus.prefix, f"{number}.txt", data)
    Document.objects.create(
        corpus=corpus,
        name=name[:200],
        encoding=encoding,
        characters=len(text),
        bytes=len(data),
        sha256=files.sha256(data),
        key=key,
    )


def add_sample(owner: User) -> Corpus:
    """Add the sample corpus: Python's own documentation, which is on every machine. A second click adds no second."""
    existing = Corpus.objects.filter(owner=owner, is_sample=True).first()
    if existing is not None:
        return existing
    data = texts_of.sample_text().encode()
    return add_corpus(owner, _("Python’s documentation (sample)"), [("topics.txt", data)], False, is_sample=True)


def texts(corpus: Corpus) -> list[tuple[str, str]]:
    """Return the name and the cleaned text of each document, as a training reads them."""
    return [
        (document.name, texts_of.clean(read(document), lowercase=corpus.lowercase))
        for document in corpus.documents.all()
    ]


def read(document: Document) -> str:
    """Return the document's text with its letters as they were."""
    return files.read(document.key).decode()


def describe(corpus: Corpus) -> None:
    """Count what is in the cleaned text, and keep the figures on the corpus."""
    described = texts_of.describe("".join(text for _name, text in texts(corpus)))
    corpus.characters = described.characters
    corpus.words = described.words
    corpus.alphabet = described.alphabet
    corpus.save(update_fields=["characters", "words", "alphabet"])


def change(corpus: Corpus, name: str, lowercase: bool) -> None:
    """Rename it, and change whether its letters are lower-cased. Trainings under way keep their frozen text."""
    recount = corpus.lowercase != lowercase
    corpus.name, corpus.lowercase = name, lowercase
    corpus.save(update_fields=["name", "lowercase"])
    if recount:
        describe(corpus)


def delete(corpus: Corpus) -> None:
    """Delete a corpus and its files. Models learned from it keep the text that they were trained on."""
    prefix = corpus.prefix
    with transaction.atomic():
        corpus.delete()
        transaction.on_commit(lambda: files.delete_tree(prefix))
