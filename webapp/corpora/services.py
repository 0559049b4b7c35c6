"""Documents in, clean text out."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from trainer.contract import documents as texts_of
from trainer.contract.documents import Decoded, TextProblem
from webapp import files, names
from webapp.accounts import limits
from webapp.accounts.models import User
from webapp.corpora import overlaps
from webapp.corpora.models import Corpus, Document

CAST_CHARACTERS = 400
DOCUMENTS = "documents"  # where their texts lie in the storage; those of before lie below corpora
_LONGEST_REASON = 1_000

Upload = tuple[str, bytes]  # a name and what was uploaded under it
Understood = tuple[str, Decoded]  # a name and the clean text, its letters as they are
Named = tuple[str, str]  # a document's name and its text as a training reads it
LeftOut = tuple[str, str]  # a name, and the sentence that says why it is not in the corpus


class NothingToKeep(Exception):
    """Nothing of what was brought can be added; `left_out` says why."""

    def __init__(self, left_out: list[LeftOut]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in left_out))
        self.left_out = left_out


def add_corpus(
    owner: User,
    name: str,
    uploads: Iterable[Upload],
    lowercase: bool,
    is_sample: bool = False,
    left_out: Iterable[LeftOut] = (),
    submission: UUID | None = None,
) -> Corpus:
    """Make a corpus of what can be read of some uploads. What can't is named in its `left_out`, after the given ones.

    Without a name it gets that of its first document. It may be too short to train on, and then says so: more can be
    added. The second sending of a form returns the corpus of the first.
    Raises NothingToKeep where nothing can be read, LimitReached where its owner has no room for it.
    """
    documents, unreadable = _understand(uploads)
    left_out = [*left_out, *unreadable]
    if not documents:
        raise NothingToKeep(left_out)
    found = _described(_as_trained_on(documents, lowercase))
    corpus = Corpus(owner=owner, lowercase=lowercase, is_sample=is_sample, left_out=left_out, **found)
    corpus.name = name or names.title(documents[0][0])
    limits.check_stored(owner, limits.limits_of(owner), sum(map(_size, documents)))
    try:
        with _stored(documents) as keys, transaction.atomic():
            allowed = limits.lock(owner)
            if before := _sent_before(owner, submission):
                raise _SentBefore(before)
            limits.check_stored(owner, allowed, sum(map(_size, documents)))
            corpus.save()
            _insert(corpus, documents, keys, submission)
    except _SentBefore as sent:
        return sent.corpus
    return corpus


def add_documents(
    corpus: Corpus, uploads: Iterable[Upload], left_out: Iterable[LeftOut] = (), submission: UUID | None = None
) -> None:
    """Add what can be read of some uploads to a corpus. Otherwise as `add_corpus`.

    Trainings under way keep their frozen text. A corpus holds no more than can be uploaded at once, since it is read
    as a whole. Raises Corpus.DoesNotExist where it was deleted meanwhile.
    """
    read, unreadable = _understand(uploads)
    while not _sent_before(corpus.owner, submission):
        corpus.refresh_from_db()
        before = _numbers(corpus)
        documents, too_much = _fitting(corpus, read)
        refused = [*left_out, *unreadable, *too_much]
        if not documents:
            raise NothingToKeep(refused)
        found = _described([*texts(corpus), *_as_trained_on(documents, corpus.lowercase)])
        with contextlib.suppress(_Changed), _stored(documents) as keys, transaction.atomic():
            allowed = limits.lock(corpus.owner)
            if _numbers(corpus) != before:
                raise _Changed
            limits.check_stored(corpus.owner, allowed, sum(map(_size, documents)))
            _save(corpus, left_out=refused, **found)
            _insert(corpus, documents, keys, submission)
            return


def _numbers(corpus: Corpus) -> list[int]:
    """Return which documents a corpus has now.

    Its figures are counted before the owner is locked, since a long text takes seconds. Where documents came or went
    meanwhile they are counted again.
    """
    return list(Document.objects.filter(corpus=corpus).values_list("pk", flat=True))


def _understand(uploads: Iterable[Upload]) -> tuple[list[Understood], list[LeftOut]]:
    """Return what can be read, and of the rest why not."""
    read: list[Understood] = []
    unreadable: list[LeftOut] = []
    for name, data in uploads:
        try:
            read.append((name, _read(data)))
        except TextProblem as problem:
            unreadable.append((name, str(problem)[:_LONGEST_REASON]))
    return read, unreadable


def _read(data: bytes) -> Decoded:
    decoded = texts_of.decode(data)
    text = texts_of.clean(decoded.text)
    if not names.can_be_seen(text):
        raise TextProblem(_("Nothing in it can be seen: choose a file that has text in it."))
    return replace(decoded, text=text)


def _as_trained_on(documents: list[Understood], lowercase: bool) -> list[Named]:
    return [(name, texts_of.clean(decoded.text, lowercase)) for name, decoded in documents]


def _size(document: Understood) -> int:
    return len(document[1].text.encode())


def _fitting(corpus: Corpus, documents: list[Understood]) -> tuple[list[Understood], list[LeftOut]]:
    """Return the documents that the corpus has room for, and the others."""
    used = corpus.documents.aggregate(n=Sum("bytes"))["n"] or 0
    fitting: list[Understood] = []
    too_much: list[LeftOut] = []
    for document in documents:
        if used + _size(document) <= settings.UPLOAD_LIMIT_BYTES:
            used += _size(document)
            fitting.append(document)
        else:
            too_much.append((document[0], _no_room(used)))
    return fitting, too_much


def _no_room(used: int) -> str:
    figures = {"used": used / limits.MEGABYTE, "limit": settings.UPLOAD_LIMIT_BYTES // limits.MEGABYTE}
    return (
        _("A corpus holds at most %(limit)d MB, and this one has %(used).1f. Take a part, or make another corpus.")
        % figures
    )


def _sent_before(owner: User, submission: UUID | None) -> Corpus | None:
    """Return the corpus that the form's first sending went into."""
    return Corpus.objects.filter(owner=owner, documents__submission=submission).first() if submission else None


class _SentBefore(Exception):
    """The form's first sending has made its corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus


class _Changed(Exception):
    """The documents of the corpus are not those that were looked at."""


@contextlib.contextmanager
def _stored(documents: list[Understood]) -> Iterator[list[str]]:
    """Store the texts of documents, each in a folder of its own, and delete them again where that was in vain.

    This comes before the transaction that makes their rows: while one lasts, nobody else can write.
    """
    keys: list[str] = []
    try:
        for number, (_name, decoded) in enumerate(documents):
            keys.append(files.add(DOCUMENTS, f"{number}.txt", decoded.text.encode()))
        yield keys
    except Exception:
        _delete_files(keys)
        raise


def _insert(corpus: Corpus, documents: list[Understood], keys: list[str], submission: UUID | None) -> None:
    Document.objects.bulk_create(_row(corpus, *pair, submission) for pair in zip(documents, keys, strict=True))


def _row(corpus: Corpus, document: Understood, key: str, submission: UUID | None) -> Document:
    name, decoded = document
    data = decoded.text.encode()
    return Document(
        corpus=corpus,
        name=name[:200],
        encoding=decoded.encoding,
        characters=len(decoded.text),
        unreadable=decoded.replaced,
        nuls=decoded.nuls,
        bytes=len(data),
        sha256=files.sha256(data),
        key=key,
        submission=submission,
    )


def _delete_files(keys: Iterable[str]) -> None:
    for key in keys:
        files.delete_tree(_folder(key))


def _folder(key: str) -> str:
    """Return where one document's file lies, with nothing else beside it."""
    return key.rpartition("/")[0]


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


def texts(corpus: Corpus) -> list[Named]:
    """Return the name and the cleaned text of each document, as a training reads them."""
    return _texts(corpus.documents.all(), corpus.lowercase)


def _texts(documents: Iterable[Document], lowercase: bool) -> list[Named]:
    return [(document.name, texts_of.clean(read(document), lowercase)) for document in documents]


def read(document: Document) -> str:
    """Return the document's text with its letters as they were."""
    return files.read(document.key).decode()


def beginning(document: Document, characters: int) -> str:
    """Return how the document begins, as a training reads it, without reading all of it."""
    return texts_of.clean(files.read_text(document.key, 0, characters), lowercase=document.corpus.lowercase)


def _described(documents: list[Named]) -> dict[str, Any]:
    """Return all that the corpus says about its documents."""
    texts = [text for _name, text in documents]
    return {**_figures(texts), "overlaps": overlaps.found([name for name, _text in documents], texts)}


def _figures(texts: list[str]) -> dict[str, Any]:
    """Return what the corpus says about its cleaned texts."""
    whole = "".join(texts)
    described = texts_of.describe(whole)
    cast = "".join(character for character, _times in Counter(whole).most_common(CAST_CHARACTERS))
    return {
        "characters": described.characters,
        "words": described.words,
        "alphabet": described.alphabet,
        "cast": cast,
        "problem": _problem(texts),
    }


def _problem(texts: list[str]) -> str:
    try:
        texts_of.check_trainable(texts)
    except TextProblem as problem:
        return str(problem)
    return ""


def _save(corpus: Corpus, **changed: Any) -> None:
    for field, value in changed.items():
        setattr(corpus, field, value)
    corpus.save(update_fields=changed)


def change(corpus: Corpus, name: str, lowercase: bool) -> None:
    """Rename it, and change whether its letters are lower-cased. Trainings under way keep their frozen text."""
    changed: dict[str, Any] = {"name": name}
    if corpus.lowercase != lowercase:
        corpus.lowercase = lowercase
        changed |= {"lowercase": lowercase, **_figures([text for _name, text in texts(corpus)])}
    _save(corpus, **changed)


def put_away(corpus: Corpus) -> None:
    """Forget what was left out: its owner has read it."""
    _save(corpus, left_out=[])


def remove(document: Document) -> None:
    """Take a document out of its corpus. Trainings under way keep their frozen text."""
    corpus, folder = document.corpus, _folder(document.key)
    while True:
        before = _numbers(corpus)
        rest = corpus.documents.exclude(pk=document.pk)
        found = _described(_texts(rest, corpus.lowercase))
        with transaction.atomic():
            limits.lock(corpus.owner)
            if _numbers(corpus) != before:
                continue
            document.delete()
            _save(corpus, **found)
            transaction.on_commit(lambda: files.delete_tree(folder), robust=True)
            return


def delete(corpus: Corpus) -> None:
    """Delete a corpus and its files. Models learned from it keep the text that they were trained on."""
    delete_all(Corpus.objects.filter(pk=corpus.pk))


def delete_all(corpora: QuerySet[Corpus]) -> None:
    """Delete corpora at once, and their files then. `manage.py orphans` finds those that can't be deleted now."""
    with transaction.atomic():
        keys = list(Document.objects.filter(corpus__in=corpora).values_list("key", flat=True))
        corpora.delete()
        transaction.on_commit(lambda: _delete_files(keys), robust=True)
