"""Editing a document in the browser: the difference is shown first, and all its corpora change."""

from typing import Any

import pytest
from django.test import Client

from tests.support.documents import a_word_document
from tests.support.factory import TEXT, a_corpus, a_study
from tests.support.pages import html_of
from webapp import files
from webapp.accounts.limits import stored_bytes
from webapp.accounts.models import User
from webapp.corpora import services
from webapp.corpora.models import Corpus, Document
from webapp.corpora.services import examinations
from webapp.doctor.treatments import Choices

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(client: Client, alice: User) -> Document:
    files.delete_tree("documents")
    client.force_login(alice)
    return a_corpus(alice).documents.get()


def send(client: Client, document: Document, text: str, page: int = 1, **fields: str) -> Any:
    form = {"text": text, "seen": document.sha256, **fields}
    return client.post(f"/corpora/documents/{document.pk}/edit/?page={page}", form, follow=True)


def test_the_difference_is_shown_before_anything_is_saved(client: Client, document: Document) -> None:
    page = client.get(f"/corpora/documents/{document.pk}/edit/")
    assert page.context["form"]["text"].value() == TEXT
    changed = TEXT.replace("statement", "Uberkerzen", 1)
    response = send(client, document, changed)
    assert "<ins>Uberkerzen" in html_of(response) and "<del" in html_of(response)
    assert services.read(document) == TEXT
    again = send(client, document, changed, again="on")
    assert again.context["form"]["text"].value() == changed and services.read(document) == TEXT


def test_what_is_saved_is_the_text_that_was_sent_and_the_figures_follow(
    client: Client, document: Document, django_capture_on_commit_callbacks: Any
) -> None:
    old = document.key
    with django_capture_on_commit_callbacks(execute=True):
        response = send(client, document, "\nΩ " + TEXT.replace("\n", "\r\n"), save="on")
    assert "The text was saved." in html_of(response)
    document.refresh_from_db()
    corpus = Corpus.objects.get()
    assert services.read(document) == "\nΩ " + TEXT
    assert (corpus.characters, corpus.version, "Ω" in corpus.cast) == (len(TEXT) + 3, 2, True)
    assert document.characters == len(TEXT) + 3 and document.is_edited
    assert old not in files.keys("documents")


def test_one_page_of_a_long_text_is_edited_by_itself(client: Client, alice: User) -> None:
    client.force_login(alice)
    document = a_corpus(alice, TEXT * 10, "Long").documents.get()
    assert "This is page 2 of 3" in html_of(client.get(f"/corpora/documents/{document.pk}/edit/?page=2"))
    send(client, document, "Only this.", page=2, save="on")
    document.refresh_from_db()
    assert services.read(document) == (TEXT * 10)[:20_000] + "Only this." + (TEXT * 10)[40_000:]


def test_all_corpora_in_which_it_stands_change_and_the_page_says_so(
    client: Client, alice: User, document: Document
) -> None:
    other = a_corpus(alice, name="Mixed")
    services.take(other, [document])
    page = html_of(client.get(f"/corpora/documents/{document.pk}/edit/"))
    assert "changes in all of them" in page and "Mixed" in page
    send(client, document, "Short.", save="on")
    assert sorted(Corpus.objects.values_list("name", "version", "characters")) == [
        ("Macbeth", 2, 6),
        ("Mixed", 3, len(TEXT) + 6),
    ]


def test_a_training_keeps_what_it_learned_and_says_what_has_changed(
    client: Client, alice: User, document: Document
) -> None:
    study = a_study(alice, Corpus.objects.get())
    page = html_of(client.get(f"/models/{study.pk}/"))
    assert "Version 1 of <bdi>Macbeth</bdi>" in page and "Nothing has changed there since." in page
    send(client, document, TEXT + "Uberkerzen", save="on")
    services.add_documents(Corpus.objects.get(), [("more.txt", TEXT.encode())])
    Corpus.objects.get().places.filter(document=document).update(weight=2)
    page = html_of(client.get(f"/models/{study.pk}/"))
    assert "The corpus is at version 3 now" in page and "“more.txt” came in." in page
    assert "“macbeth.txt” has the weight 2, and had 1." in page and "its text has changed" in page
    assert "Uberkerzen</ins>" in html_of(client.get(f"/models/{study.pk}/changes/0/"))
    assert files.read_whole_text(study.documents[0]["key"]) == TEXT
    services.change(Corpus.objects.get(), "Macbeth", lowercase=True)
    services.remove(Corpus.objects.get().places.get(document=document))
    page = html_of(client.get(f"/models/{study.pk}/"))
    assert "Its letters are lower-cased now." in page and "“macbeth.txt” went out." in page
    assert client.get(f"/models/{study.pk}/changes/0/").status_code == 404


def test_what_is_mended_is_a_change(client: Client, alice: User, document: Document) -> None:
    study = a_study(alice, Corpus.objects.get())
    services.treat_corpus(Corpus.objects.get(), Choices(frozenset({"quotes"})))
    assert "Other things are mended in all its texts now." in html_of(client.get(f"/models/{study.pk}/"))
    services.treat_corpus(Corpus.objects.get(), Choices())
    services.treat_document(document, Choices(characters={"a": "o"}))
    page = html_of(client.get(f"/models/{study.pk}/"))
    assert "Other things" not in page and "its text has changed" in page


def test_what_the_doctor_has_found_goes_with_the_text(
    document: Document, django_capture_on_commit_callbacks: Any
) -> None:
    services.examine(document, Choices())
    assert examinations.kept(document.sha256, Choices())
    with django_capture_on_commit_callbacks(execute=True):
        services.edit(document, "Nothing of it.")
    assert not examinations.kept(document.sha256, Choices())


def test_another_order_is_a_change_and_going_back_is_none(client: Client, alice: User, document: Document) -> None:
    corpus = Corpus.objects.get()
    services.add_documents(corpus, [("more.txt", TEXT.encode())])
    study = a_study(alice, corpus)
    first, second = corpus.places.all()
    services.arrange(corpus, {second.pk: services.Wanted(1, 1.0)})
    assert "The documents stand in another order." in html_of(client.get(f"/models/{study.pk}/"))
    services.arrange(corpus, {first.pk: services.Wanted(1, 1.0)})
    assert "its texts are the same again" in html_of(client.get(f"/models/{study.pk}/"))


def test_the_original_stays_and_undoes_all_edits(client: Client, alice: User) -> None:
    client.force_login(alice)
    word = a_word_document("The River", ["The river was quiet that morning. " * 40])
    document = services.add_corpus(alice, "River", [("river.docx", word)], lowercase=False).documents.get()
    before, size = services.read(document), stored_bytes(alice)
    send(client, document, "Nothing of it.", save="on")
    document.refresh_from_db()
    assert client.get(f"/corpora/documents/{document.pk}/original/").getvalue() == word
    assert stored_bytes(alice) == size - len(before.encode()) + len("Nothing of it.")
    assert "Undo all edits" in html_of(client.get(f"/corpora/documents/{document.pk}/"))
    services.extract_again(document)
    document.refresh_from_db()
    assert services.read(document) == before and not document.is_edited


def test_a_plain_text_keeps_its_original_too(client: Client, document: Document) -> None:
    send(client, document, "Nothing of it.", save="on")
    document.refresh_from_db()
    assert client.get(f"/corpora/documents/{document.pk}/original/").getvalue() == TEXT.encode()
    send(client, document, TEXT, save="on")
    document.refresh_from_db()
    assert document.original_key == "" and len(files.keys(document.key.rpartition("/")[0])) == 1


def test_what_was_edited_in_another_window_meanwhile_is_not_overwritten(client: Client, document: Document) -> None:
    send(client, document, "Their text.", save="on")
    response = send(client, document, "My text.", save="on")
    assert response.status_code == 422
    assert "changed in another window" in html_of(response) and "My text." in html_of(response)
    document.refresh_from_db()
    assert services.read(document) == "Their text."


@pytest.mark.parametrize("text", ["", " \n", "\x00\x01"])
def test_a_text_of_which_nothing_is_left_is_refused(client: Client, document: Document, text: str) -> None:
    assert send(client, document, text).status_code == 422
    assert send(client, document, text, save="on").status_code == 422
    assert services.read(document) == TEXT


def test_a_text_that_has_no_room_is_refused(client: Client, alice: User, document: Document, settings: Any) -> None:
    settings.UPLOAD_LIMIT_BYTES = 6_000
    response = send(client, document, TEXT * 2)
    assert response.status_code == 422 and "A corpus holds at most" in html_of(response)
    settings.UPLOAD_LIMIT_BYTES = 5_000_000
    alice.stored_limit_mb = 1
    alice.save()
    response = send(client, document, TEXT * 300, save="on")
    assert response.status_code == 422 and "There is no room for it" in html_of(response)
    assert services.read(document) == TEXT and len(files.keys("documents")) == 1
