"""Deleting a document or a corpus: what depends on it is said first, and can go with it."""

from typing import Any

import pytest
from django.test import Client

from tests.support.factory import TEXT, a_corpus, a_model, a_request, a_study
from tests.support.pages import html_of
from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.corpora.models import Corpus, Document
from webapp.passages.models import Passage
from webapp.studies import services
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db
OTHER = "Is this a dagger which I see before me? " * 40


@pytest.fixture
def mine(client: Client, alice: User) -> Client:
    for kind in ("documents", "texts"):
        files.delete_tree(kind)
    client.force_login(alice)
    return client


@pytest.fixture
def document(alice: User) -> Document:
    return a_corpus(alice).documents.get()


def names(studies: list[Study]) -> set[str]:
    return {study.name for study in studies}


def learns_on(study: Study, corpus: Corpus, name: str) -> Study:
    """Let a model learn another corpus too, as a finished model."""
    files.add(study.model_key, "weights", b"learned")
    return services.submit(study.owner, corpus, {"recipe": "quick"}, name, base=study)


def test_the_page_says_which_corpora_models_and_passages_depend_on_it(
    mine: Client, alice: User, document: Document
) -> None:
    other = a_corpus(alice, OTHER, "Mixed")
    corpora.take(other, [document])
    study = a_model(alice, corpus=other)
    a_request(alice, study, passages=2)
    Passage.objects.filter(pk=Passage.objects.first().pk).update(share_key="k" * 43)  # type: ignore[union-attr]
    page = html_of(mine.get(f"/corpora/documents/{document.pk}/delete/"))
    wanted = ("Macbeth", "Mixed", "Banquo", "The 2 passages", "The link by which one is shared will show nothing.")
    assert [words for words in wanted if words not in page] == []
    assert f"/corpora/documents/{document.pk}/delete/" in html_of(mine.get(f"/corpora/documents/{document.pk}/"))


def test_it_goes_out_of_all_corpora_and_the_models_stay(
    mine: Client, alice: User, document: Document, django_capture_on_commit_callbacks: Any
) -> None:
    other = a_corpus(alice, OTHER, "Mixed")
    corpora.take(other, [document])
    study = a_study(alice, other)
    with django_capture_on_commit_callbacks(execute=True):
        mine.post(f"/corpora/documents/{document.pk}/delete/")
    assert not Document.objects.filter(pk=document.pk).exists() and document.key not in files.keys("documents")
    assert sorted(Corpus.objects.values_list("name", "version", "characters")) == [
        ("Macbeth", 2, 0),
        ("Mixed", 3, len(OTHER)),
    ]
    study.refresh_from_db()
    assert files.read_whole_text(study.documents[1]["key"]) == TEXT
    assert study.jobs.get().state == "queued"


def test_all_that_learned_from_it_can_go_too(
    mine: Client, alice: User, bob: User, document: Document, django_capture_on_commit_callbacks: Any
) -> None:
    twin, rest = a_corpus(alice, TEXT, "The same text again"), a_corpus(alice, OTHER, "Another text")
    theirs, kept = a_study(bob, name="Theirs"), a_study(alice, rest, name="Kept")
    first = a_study(alice, document.corpora.get(), name="First")
    Study.objects.filter(pk=first.pk).update(model_key=f"{first.prefix}/models/1")
    first.refresh_from_db()
    fine = learns_on(first, rest, "On top of it")
    a_study(alice, twin, name="Twin")
    assert names(services.learned_document(document)) == {"First", "On top of it", "Twin"}
    with django_capture_on_commit_callbacks(execute=True):
        mine.post(f"/corpora/documents/{document.pk}/delete/", {"with_models": "on"})
    assert set(Study.objects.all()) == {theirs, kept}
    texts = [files.read(key) for kind in ("documents", "texts") for key in files.keys(kind)]
    left_of = {key.split("/")[1] for key in files.keys("studies")}
    assert str(fine.pk) not in left_of and str(first.pk) not in left_of
    assert texts.count(TEXT.encode()) == 1 + 2  # in the other document with the same text; bob's corpus and study


def test_an_edited_text_is_still_the_document_that_was_learned(mine: Client, alice: User, document: Document) -> None:
    a_study(alice, document.corpora.get(), name="First")
    corpora.edit(document, OTHER)
    assert names(services.learned_document(Document.objects.get())) == {"First"}


def test_a_corpus_says_what_stays_in_others_and_goes_with_its_models(
    mine: Client, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    corpus, rest = a_corpus(alice), a_corpus(alice, OTHER, "Another text")
    shared = rest.documents.get()
    corpora.take(corpus, [shared])
    own, other = a_study(alice, corpus, name="Own"), a_study(alice, rest, name="Other")
    Study.objects.filter(pk=own.pk).update(model_key=f"{own.prefix}/models/1")
    own.refresh_from_db()
    learns_on(own, rest, "On top of it")
    page = html_of(mine.get(f"/corpora/{corpus.pk}/delete/"))
    assert "One of them also stands in another corpus, and stays there." in page
    assert names(services.learned_corpus(corpus)) == {"Own", "On top of it"}
    with django_capture_on_commit_callbacks(execute=True):
        mine.post(f"/corpora/{corpus.pk}/delete/", {"with_models": "on"})
    assert list(Study.objects.all()) == [other] and list(Document.objects.all()) == [shared]
    assert corpora.read(shared) == OTHER


def test_a_model_that_learned_a_document_elsewhere_goes_with_its_only_corpus(mine: Client, alice: User) -> None:
    """The document stood in two corpora once; a model learned it from the one that is gone."""
    corpus, gone = a_corpus(alice), a_corpus(alice, OTHER, "Gone")
    corpora.take(gone, [corpus.documents.get()])
    a_study(alice, gone, name="Elsewhere")
    services.delete_corpus(gone, with_models=False)
    assert names(services.learned_corpus(corpus)) == {"Elsewhere"}
