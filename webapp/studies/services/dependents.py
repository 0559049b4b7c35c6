"""The models that depend on a document or a corpus: those that learned from it, also by way of another model."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from webapp.accounts.models import User
from webapp.corpora.models import Corpus, Document
from webapp.studies.models import Study

_Marks = set[tuple[str, object]]  # keys of documents, and hashes of texts: a document has one of each


def learned_document(document: Document) -> list[Study]:
    """Return the models that learned from a document, or from another one with the very same text."""
    return _learned(document.owner, _marks_of([document]))


def learned_by_others(document: Document) -> int:
    """Return how many models of others learned from a document that is or was shared with them, or began with one.

    Those whose corpus was deleted are not found.
    """
    owner, marks = document.owner_id, _marks_of([document])
    theirs = Study.objects.exclude(owner=owner).filter(deleting=False)
    near = theirs.filter(Q(corpus__owner=owner) | Q(base__owner=owner))
    return sum(1 for study in near if _frozen_marks(study.all_documents) & marks)


def learned_corpus(corpus: Corpus) -> list[Study]:
    """Return the models that learned from a corpus.

    They learned a version of it, or one of its documents that stand in no other corpus.
    """
    own = list(corpus.studies.filter(deleting=False))
    shared = Document.objects.filter(corpora=corpus).filter(pk__in=_elsewhere(corpus))
    marks = _frozen_marks(frozen for study in own for frozen in study.documents) - _marks_of(shared)
    marks |= _marks_of(corpus.documents.exclude(pk__in=_elsewhere(corpus)))
    return _learned(corpus.owner, marks, {study.pk for study in own})


def _elsewhere(corpus: Corpus) -> Any:
    """Return the documents, as a part of a query, that stand in other corpora."""
    return corpus.owner.corpora.exclude(pk=corpus.pk).values("documents")


def _learned(owner: User, marks: _Marks, certain: Iterable[int] = ()) -> list[Study]:
    """Return the models that learned a text with one of the marks, those in `certain`, and all that began with them."""
    studies = list(owner.studies.filter(deleting=False))
    found = {study.pk for study in studies if _frozen_marks(study.all_documents) & marks} | set(certain)
    while more := {study.pk for study in studies if study.base_id in found} - found:
        found |= more
    return [study for study in studies if study.pk in found]


def _marks_of(documents: Iterable[Document]) -> _Marks:
    return {mark for one in documents for mark in (("document", one.pk), ("text", one.sha256))}


def _frozen_marks(documents: Iterable[dict[str, Any]]) -> _Marks:
    """Return the marks of frozen documents. One from before its document was noted has the hash of its own text."""
    found: _Marks = set()
    for document in documents:
        found.add(("text", document.get("source") or document["sha256"]))
        if document.get("document"):
            found.add(("document", document["document"]))
    return found
