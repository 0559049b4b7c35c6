"""Changes to a corpus: texts that are added later, and documents that are removed."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from tests.support.factory import PDF, TEXT, a_corpus, a_storage_that_fails_at_the_second_file, a_study
from tests.support.pages import html_of
from tests.support.uploads import sent
from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services
from webapp.corpora.models import Corpus
from webapp.corpora.services import adding, decoding, figures

pytestmark = pytest.mark.django_db
MORE = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. " * 30


@pytest.fixture
def corpus(client: Client, alice: User) -> Corpus:
    files.delete_tree("documents")
    client.force_login(alice)
    return a_corpus(alice)


def add(client: Client, corpus: Corpus, *contents: bytes, **fields: object) -> object:
    several = [SimpleUploadedFile(f"act-{n}.txt", content) for n, content in enumerate(contents)]
    return sent(client, f"/corpora/{corpus.pk}/add/", {"documents": several, "pasted": "", **fields})


def names(corpus: Corpus) -> list[str]:
    return [document.name for document in corpus.documents.all()]


def test_files_and_a_pasted_text_are_added_and_the_figures_are_of_all_of_it(client: Client, corpus: Corpus) -> None:
    response = add(client, corpus, MORE.encode(), pasted="ΩΩΩ one more")
    assert names(corpus) == ["macbeth.txt", "act-0.txt", "Pasted text"]
    corpus.refresh_from_db()
    texts = [one.text for one in services.texts(corpus)]
    assert texts == [TEXT, MORE, "ΩΩΩ one more"]
    assert corpus.characters == sum(map(len, texts)) and corpus.alphabet == len(set("".join(texts)))
    assert "Ω" in corpus.cast
    assert f"{corpus.characters:,}" in html_of(response) and "Added to “<bdi>Macbeth</bdi>”." in html_of(response)


def test_what_is_added_is_lower_cased_as_the_rest(client: Client, alice: User, corpus: Corpus) -> None:
    services.change(corpus, corpus.name, lowercase=True)
    add(client, corpus, MORE.encode())
    corpus.refresh_from_db()
    assert "Z" not in corpus.cast and services.texts(corpus)[1][1] == MORE.lower()


def test_the_corpus_has_the_form_on_its_page(client: Client, corpus: Corpus) -> None:
    assert f'action="/corpora/{corpus.pk}/add/"' in html_of(client.get(f"/corpora/{corpus.pk}/"))


def test_bad_files_are_named_and_the_good_one_is_added(client: Client, corpus: Corpus) -> None:
    response = add(client, corpus, b"", MORE.encode(), PDF)
    assert names(corpus) == ["macbeth.txt", "act-1.txt"]
    assert (
        "2 texts were left out" in html_of(response)
        and "act-0.txt" in html_of(response)
        and "The PDF is damaged" in html_of(response)
    )
    assert "left out" not in html_of(add(client, corpus, MORE.encode()))


def test_where_all_are_bad_the_page_says_so_and_nothing_changes(client: Client, corpus: Corpus) -> None:
    response = add(client, corpus, b"", b"\x00\x01\x02\xff" * 2000)
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert "act-0.txt" in html_of(response) and "act-1.txt" in html_of(response)
    assert "Nothing was added" in html_of(add(client, corpus, b"", PDF))
    assert names(corpus) == ["macbeth.txt"]


def test_a_training_that_is_queued_keeps_its_text(client: Client, alice: User, corpus: Corpus) -> None:
    study = a_study(alice, corpus)
    add(client, corpus, MORE.encode())
    client.post(f"/corpora/places/{corpus.places.all()[0].pk}/remove/")
    study.refresh_from_db()
    assert [files.read(document["key"]).decode() for document in study.documents] == [TEXT]


def test_a_form_that_is_sent_twice_adds_once(client: Client, corpus: Corpus) -> None:
    number = str(uuid4())
    for _ in range(2):
        assert add(client, corpus, MORE.encode(), submission=number).status_code == 200  # type: ignore[attr-defined]
    assert names(corpus) == ["macbeth.txt", "act-0.txt"]


def test_a_corpus_that_is_too_short_becomes_one_to_train_on(client: Client, alice: User, corpus: Corpus) -> None:
    short = a_corpus(alice, "Too short.", "Short")
    assert "It cannot be trained on yet." in html_of(client.get(f"/corpora/{short.pk}/"))
    assert "It cannot be trained on yet." not in html_of(add(client, short, MORE.encode()))


def test_a_corpus_has_an_end(client: Client, corpus: Corpus, settings: object) -> None:
    settings.UPLOAD_LIMIT_BYTES = 10_000  # type: ignore[attr-defined]
    response = add(client, corpus, b"x" * 4000 + b"\n", b"y" * 4000 + b"\n")
    assert names(corpus) == ["macbeth.txt", "act-0.txt"]
    assert "A corpus holds at most 0 MB" in html_of(response) and "act-1.txt" in html_of(response)


def test_a_form_that_filled_the_corpus_and_is_sent_twice_is_not_refused(
    client: Client, corpus: Corpus, settings: object
) -> None:
    settings.UPLOAD_LIMIT_BYTES = 10_000  # type: ignore[attr-defined]
    number = str(uuid4())
    for _ in range(2):
        assert "act-0.txt" in html_of(add(client, corpus, b"x" * 4000 + b"\n", submission=number))
        assert Corpus.objects.get().left_out == [] and len(names(corpus)) == 2


def test_a_corpus_that_is_deleted_meanwhile_is_not_there(
    client: Client, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    understand = decoding.understand

    def meanwhile(*arguments: object) -> object:
        Corpus.objects.all().delete()
        return understand(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(adding, "understand", meanwhile)
    assert add(client, corpus, MORE.encode()).status_code == 404  # type: ignore[attr-defined]


def test_a_storage_that_fails_half_way_leaves_the_corpus_as_it_was(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files.keys("documents")
    added = a_storage_that_fails_at_the_second_file(monkeypatch)
    with pytest.raises(OSError, match="No space"):
        services.add_documents(corpus, [("one.txt", MORE.encode()), ("two.txt", MORE.encode())])
    assert added and files.keys("documents") == before and names(corpus) == ["macbeth.txt"]
    assert Corpus.objects.get().characters == len(TEXT)


def test_who_has_no_room_left_adds_nothing(client: Client, alice: User, corpus: Corpus) -> None:
    alice.stored_limit_mb = 1
    alice.save()
    response = add(client, corpus, MORE.encode() * 600)
    assert response.status_code == 422 and "There is no room for it" in html_of(response)  # type: ignore[attr-defined]
    assert names(corpus) == ["macbeth.txt"]


def test_a_document_is_removed_with_its_file_and_the_figures_follow(
    client: Client, corpus: Corpus, django_capture_on_commit_callbacks: object
) -> None:
    add(client, corpus, MORE.encode())
    first, second = corpus.documents.all()
    page = f"/corpora/places/{first.places.get().pk}/remove/"
    assert "Remove “<bdi>macbeth.txt</bdi>”?" in html_of(client.get(page)) and names(corpus)[0] == "macbeth.txt"
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        client.post(page)
    corpus.refresh_from_db()
    assert names(corpus) == ["act-0.txt"] and corpus.characters == len(MORE)
    assert first.key not in files.keys("documents") and second.key in files.keys("documents")


def test_a_corpus_without_documents_says_what_to_do(client: Client, corpus: Corpus) -> None:
    response = client.post(f"/corpora/places/{corpus.places.get().pk}/remove/", follow=True)
    assert "There is no text: add one before you train." in html_of(response)


def test_what_another_window_adds_meanwhile_is_counted_too(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    count, counted = figures.figures_of, []

    def meanwhile(texts: list[str]) -> dict[str, object]:
        counted.append(texts)
        if len(counted) == 1:
            services.add_documents(corpus, [("theirs.txt", MORE.encode())])
        return count(texts)

    monkeypatch.setattr(figures, "figures_of", meanwhile)
    services.add_documents(corpus, [("mine.txt", b"One more line.\n")])
    assert names(corpus) == ["macbeth.txt", "theirs.txt", "mine.txt"]
    assert Corpus.objects.get().characters == len(TEXT) + len(MORE) + len("One more line.\n")


def test_counting_a_long_text_does_not_hold_up_others(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    count = figures.figures_of
    before = len(connection.savepoint_ids)

    def watched(texts: list[str]) -> dict[str, object]:
        assert len(connection.savepoint_ids) == before, "counted within the transaction"
        return count(texts)

    monkeypatch.setattr(figures, "figures_of", watched)
    services.add_documents(corpus, [("mine.txt", MORE.encode())])
    services.remove(corpus.places.all()[0])
    assert names(corpus) == ["mine.txt"]
