"""The services that add texts: a new corpus, more documents for a corpus, and the sample."""

import contextlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from trainer.contract.documents import sample_text
from webapp import names
from webapp.accounts import limits
from webapp.accounts.models import User
from webapp.corpora.models import Corpus, Document
from webapp.corpora.services import packing
from webapp.corpora.services.decoding import (
    NothingToKeep,
    Upload,
    as_trained_on,
    fitting,
    scratch,
    stored_size,
    understand,
)
from webapp.corpora.services.document_files import Stored, fields_of, stored
from webapp.corpora.services.figures import describe
from webapp.corpora.services.observing import NOBODY, LeftOut, Observer
from webapp.corpora.services.places import place_at_end
from webapp.corpora.services.reading import texts
from webapp.corpora.services.recounting import Changed, lock
from webapp.corpora.services.understood import Understood
from webapp.doctor.treatments import Choices


def add_corpus(
    owner: User,
    name: str,
    uploads: Iterable[Upload],
    lowercase: bool,
    is_sample: bool = False,
    left_out: Iterable[LeftOut] = (),
    submission: UUID | None = None,
    observer: Observer = NOBODY,
) -> Corpus:
    """Make a corpus of those uploads that can be read. The others are added to the corpus's `left_out`.

    Without a name, the corpus gets the name of its first document; a name that is taken gets a number. A corpus that
    was taken along and is brought back by itself has its name and its choices. It may be too short to train on: then
    its `problem` says so, and more texts can be added. When a form is sent twice, the second call returns the corpus of
    the first.
    Raises NothingToKeep when nothing can be read, LimitReached when its owner has no room for it.
    """
    uploads = list(uploads)
    with scratch() as folder:
        read, unreadable = understand(uploads, folder, observer)
        documents, too_much = fitting(None, read)
        left_out = [*left_out, *unreadable, *too_much]
        if not documents:
            raise NothingToKeep(left_out)
        chosen = packing.choices_of(uploads[0][1]) if len(uploads) == 1 else {}
        observer.counting()
        corpus = _counted(documents, lowercase or chosen.get("lowercase", False), chosen.get("treatment", {}))
        corpus.owner, corpus.is_sample, corpus.left_out = owner, is_sample, left_out
        corpus.name = name or chosen.get("name") or names.title(documents[0].name)
        return _saved(corpus, documents, submission, observer)


def _counted(documents: list[Understood], lowercase: bool, treatment: dict[str, Any]) -> Corpus:
    """Return a corpus of documents, not saved, with its choices and with the figures of its texts."""
    choices = Choices.of(treatment)
    found = describe(as_trained_on(documents, lowercase, choices), choices)
    return Corpus(lowercase=lowercase, treatment=treatment, **found)


def _saved(corpus: Corpus, documents: list[Understood], submission: UUID | None, observer: Observer) -> Corpus:
    """Store the documents, save the corpus and return it, or the one that the form has made when it was sent before."""
    owner, size = corpus.owner, stored_size(documents)
    limits.check_stored(owner, limits.limits_of(owner), size)
    try:
        with stored(documents) as keys, transaction.atomic():
            allowed = limits.lock(owner)
            if before := _sent_before(owner, submission):
                raise _SentBefore(before)
            limits.check_stored(owner, allowed, size)
            corpus.name = names.distinct(corpus.name, owner.corpora.all())
            corpus.save()
            _insert(corpus, documents, keys, submission)
            observer.keep(corpus)
    except _SentBefore as sent:
        return sent.corpus
    return corpus


def add_documents(
    corpus: Corpus,
    uploads: Iterable[Upload],
    left_out: Iterable[LeftOut] = (),
    submission: UUID | None = None,
    observer: Observer = NOBODY,
) -> None:
    """Add those uploads that can be read to a corpus. All else is as in `add_corpus`.

    Trainings keep their frozen text. A corpus holds no more than can be uploaded at once, since it is read into memory
    as a whole. Raises Corpus.DoesNotExist when the corpus was deleted meanwhile.
    """
    this = Corpus.objects.filter(pk=corpus.pk)
    with scratch() as folder:
        read, unreadable = understand(uploads, folder, observer)
        observer.counting()
        while not _sent_before(corpus.owner, submission):
            corpus.refresh_from_db()
            before = {corpus.pk: corpus.version}
            documents, too_much = fitting(corpus, read)
            refused = [*left_out, *unreadable, *too_much]
            if not documents:
                raise NothingToKeep(refused)
            choices = corpus.switched_on
            found = describe([*texts(corpus), *as_trained_on(documents, corpus.lowercase, choices)], choices)
            with contextlib.suppress(Changed), stored(documents) as keys, transaction.atomic():
                allowed = lock(corpus.owner, this, before)
                limits.check_stored(corpus.owner, allowed, stored_size(documents))
                corpus.change_texts(left_out=refused, **found)
                _insert(corpus, documents, keys, submission)
                observer.keep(corpus)
                return


def _sent_before(owner: User, submission: UUID | None) -> Corpus | None:
    """Return the corpus into which the form's texts went when it was sent before; None when it was not."""
    return Corpus.objects.filter(owner=owner, documents__submission=submission).first() if submission else None


class _SentBefore(Exception):
    """The form was sent before, and made this corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus


def _insert(corpus: Corpus, documents: list[Understood], keys: list[Stored], submission: UUID | None) -> None:
    rows = Document.objects.bulk_create(
        Document(owner=corpus.owner, submission=submission, **_kept(document), **fields_of(document, key))
        for document, key in zip(documents, keys, strict=True)
    )
    place_at_end(corpus, rows, [document.weight for document in documents])


def _kept(document: Understood) -> dict[str, Any]:
    """Return the fields of a new row that stay when the text of the document is replaced."""
    return {"name": document.name[:200], "treatment": document.treatment, "codec": document.codec}


def add_sample(owner: User) -> Corpus:
    """Add the sample corpus, which is Python's documentation. It is added once, however often this is called."""
    mine = Corpus.objects.filter(owner=owner, is_sample=True)
    data = sample_text().encode()
    try:
        return mine.first() or add_corpus(
            owner, _("Python’s documentation (sample)"), [("topics.txt", data)], False, is_sample=True
        )
    except IntegrityError:  # a simultaneous click has added it meanwhile
        return mine.get()
