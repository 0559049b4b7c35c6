"""A new corpus: which texts the site can read, and what it says about the others."""

import random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import StopUpload
from django.http import HttpRequest
from django.test import Client

from tests.support.documents import zipped
from tests.support.factory import a_storage_that_fails_at_the_second_file
from tests.support.pages import html_of
from tests.support.uploads import sent
from trainer.contract.documents import sample_text
from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services
from webapp.corpora.models import Corpus, Document
from webapp.corpora.services.figures import CAST_CHARACTERS
from webapp.corpora.uploads import LimitedUploadHandler

pytestmark = pytest.mark.django_db
TEXT = sample_text()[:3000]
FRENCH = "Le garçon est allé à la forêt où l’été était déjà fini. Ça n’a pas été « facile », mais on espérait. " * 20


def upload(client: Client, *contents: bytes, **fields: object) -> object:
    several = [SimpleUploadedFile(f"file-{n}.txt", content) for n, content in enumerate(contents)]
    return sent(client, "/corpora/new/", {"documents": several, "pasted": "", "name": "", **fields})


@pytest.mark.sql
def test_several_files_become_one_corpus_and_the_page_says_what_was_understood(mine: Client) -> None:
    response = upload(mine, TEXT.encode(), FRENCH.encode("windows-1252"))
    corpus = Corpus.objects.get()
    assert corpus.name == "file-0"
    assert [d.name for d in corpus.documents.all()] == ["file-0.txt", "file-1.txt"]
    assert f"{corpus.characters:,}" in html_of(response)
    assert "UTF-8" in html_of(response) and "Windows-1252 (Western Europe)" in html_of(response)
    assert services.texts(corpus)[0][1] == TEXT


def test_a_pasted_text_keeps_its_spaces(mine: Client) -> None:
    upload(mine, pasted="  " + TEXT, name="Pasted")
    assert services.texts(Corpus.objects.get(name="Pasted"))[0][1] == "  " + TEXT


@pytest.mark.sql
def test_lower_case_is_a_choice_that_can_be_changed(mine: Client) -> None:
    upload(mine, TEXT.encode(), lowercase="on")
    corpus = Corpus.objects.get()
    before = corpus.alphabet
    assert services.texts(corpus)[0][1] == TEXT.lower()
    mine.post(f"/corpora/{corpus.pk}/edit/", {"name": "As written"})
    corpus.refresh_from_db()
    assert (corpus.name, services.texts(corpus)[0][1]) == ("As written", TEXT)
    assert corpus.alphabet > before


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"", "empty"), (b"\x00\x01\x02\xff" * 2000, "text")],
    ids=["empty", "binary"],
)
def test_what_cannot_be_read_gets_a_sentence_and_nothing_is_kept(mine: Client, data: bytes, sentence: str) -> None:
    response = upload(mine, data, name="What I typed")
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert 'class="errorlist' in html_of(response) and sentence in html_of(response)
    assert "What I typed" in html_of(response)
    assert not Corpus.objects.exists() and not Document.objects.exists() and not files.keys("documents")


@pytest.mark.parametrize(
    ("data", "sentence"), [(b"a" * 5000, "one character"), (b"Too short.", "1,000")], ids=["one letter", "short"]
)
def test_what_is_too_little_to_train_on_is_kept_and_says_what_it_lacks(
    mine: Client, data: bytes, sentence: str
) -> None:
    response = upload(mine, data, name="A beginning")
    assert "It cannot be trained on yet." in html_of(response) and sentence in html_of(response)
    assert "is ready to train on" not in html_of(response)
    assert services.texts(Corpus.objects.get(name="A beginning"))[0][1] == data.decode()


def test_nothing_chosen_gets_a_sentence(mine: Client) -> None:
    assert "Pick a file or paste a text" in html_of(mine.post("/corpora/new/", {"pasted": " ", "name": ""}))


@pytest.fixture
def small_limit(settings: object) -> None:
    settings.UPLOAD_LIMIT_BYTES = 100_000  # type: ignore[attr-defined]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 150_000  # type: ignore[attr-defined]


def checked(alice: User) -> tuple[Client, str]:
    """Return a client for which CSRF is checked, as for browsers, and its token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.get("/corpora/new/")
    return client, client.cookies["csrftoken"].value


def test_a_file_over_the_limit_gets_a_sentence_and_the_form_keeps_what_was_typed(
    alice: User, small_limit: None
) -> None:
    client, token = checked(alice)
    long = SimpleUploadedFile("long.txt", (TEXT * 50).encode())
    fields = {"csrfmiddlewaretoken": token, "documents": long, "pasted": "", "name": "My play", "lowercase": "on"}
    response = client.post("/corpora/new/", fields)
    assert response.status_code == 413
    assert "at most 0 MB can be added at a time" in html_of(response)
    assert 'value="My play"' in html_of(response) and "checked" in html_of(response)
    assert not Corpus.objects.exists() and not files.keys("documents")


def test_who_sends_many_times_the_limit_is_hung_up_on(small_limit: None) -> None:
    handler = LimitedUploadHandler(HttpRequest())
    assert handler.receive_data_chunk(b"x" * 90_000, 0)
    assert handler.receive_data_chunk(b"x" * 400_000, 90_000) is None
    with pytest.raises(StopUpload) as stop:
        handler.receive_data_chunk(b"x" * 90_000, 490_000)
    assert stop.value.connection_reset


def test_a_pasted_text_over_the_limit_gets_a_sentence(alice: User, small_limit: None) -> None:
    client, token = checked(alice)
    fields = {"csrfmiddlewaretoken": token, "pasted": TEXT * 60, "name": "", "documents": ""}
    response = client.post("/corpora/new/", fields)
    assert response.status_code == 413
    assert "more than fits" in html_of(response) and "word-mark" in html_of(response)
    little_over = client.post("/corpora/new/", {**fields, "pasted": TEXT * 40, "name": "My play"})
    assert little_over.status_code == 422
    assert "the limit here" in html_of(little_over) and 'value="My play"' in html_of(little_over)
    assert not Corpus.objects.exists()


def test_a_damaged_word_document_and_an_unreadable_file_get_their_own_sentences(mine: Client) -> None:
    docx = zipped(
        {"[Content_Types].xml": "<Types>wordprocessingml</Types>", "word/document.xml": "<w:document>" + TEXT}
    )
    assert "A part of the file is not as its format asks" in html_of(upload(mine, docx))
    assert "file-0.txt" in html_of(upload(mine, random.Random(1).randbytes(5000)))
    assert not Corpus.objects.exists()


@pytest.mark.sql
def test_chinese_emoji_and_right_to_left_are_texts_like_any_other(mine: Client) -> None:
    for name, text in {
        "chinese": "道可道非常道。" * 200,
        "emoji": "👩‍👩‍👧 🎭 " * 300,
        "hebrew": "בְּרֵאשִׁית בָּרָא " * 100,
    }.items():
        upload(mine, text.encode(), name=name)
        assert Corpus.objects.get(name=name).characters >= 1000


@pytest.mark.sql
def test_the_sample_is_one_click_and_a_second_click_adds_no_second(mine: Client) -> None:
    for _ in range(2):
        response = mine.post("/corpora/sample/", follow=True)
    assert Corpus.objects.get().characters > 300_000
    assert "Train" in html_of(response)


@pytest.mark.sql
def test_two_clicks_at_once_add_one_sample(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    first = services.add_sample(alice)
    nothing_there_yet = Corpus.objects.none()
    monkeypatch.setattr(type(nothing_there_yet), "first", lambda _: None)
    assert services.add_sample(alice) == first
    assert Corpus.objects.count() == 1


def test_the_cast_is_every_character_the_busiest_first(mine: Client) -> None:
    response = upload(mine, ("abbccc" * 200 + "\n").encode())
    assert Corpus.objects.get().cast == "cba\n"
    assert '<p class="cast" lang="und"><span>c</span> <span>b</span> <span>a</span> <span>↵</span> </p>' in html_of(
        response
    )


def test_an_accent_that_stands_alone_gets_something_to_stand_on(mine: Client) -> None:
    response = upload(mine, ("\u05d0\u05b8 " * 400).encode())
    assert "<span>\u05d0</span> <span>◌\u05b8</span>" in html_of(response)


def test_an_invisible_character_shows_its_number(mine: Client) -> None:
    response = upload(mine, ("a\u200d\u00a0" * 400).encode())
    assert "<span>a</span> <span>U+200D</span> <span>U+00A0</span>" in html_of(response)


@pytest.mark.sql
def test_a_storage_that_fails_half_way_leaves_nothing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    files.delete_tree("documents")
    added = a_storage_that_fails_at_the_second_file(monkeypatch)
    with pytest.raises(OSError, match="No space"):
        services.add_corpus(alice, "Two", [("one.txt", TEXT.encode()), ("two.txt", TEXT.encode())], False)
    assert added and not files.keys("documents") and not Corpus.objects.exists()


def test_a_large_alphabet_shows_the_busiest_and_says_how_many_more(mine: Client) -> None:
    response = upload(mine, "".join(map(chr, range(0x4E00, 0x4E00 + 1000))).encode())
    assert len(Corpus.objects.get().cast) == CAST_CHARACTERS
    assert "and 600 more" in html_of(response)


@pytest.mark.sql
def test_lower_casing_on_the_page_of_the_corpus_shrinks_its_cast(mine: Client) -> None:
    upload(mine, ("To be, or not to be.\n" * 60).encode(), name="Hamlet")
    corpus = Corpus.objects.get()
    page = html_of(mine.get(f"/corpora/{corpus.pk}/"))
    assert '<input type="hidden" name="lowercase" value="on">' in page
    response = mine.post(f"/corpora/{corpus.pk}/edit/", {"name": corpus.name, "lowercase": "on"}, follow=True)
    smaller = Corpus.objects.get()
    assert "T" in corpus.cast and "T" not in smaller.cast
    assert (smaller.name, smaller.alphabet) == ("Hamlet", corpus.alphabet - 1)
    assert "to be, or not to be." in html_of(response) and "Keep the capitals" in html_of(response)


def test_where_there_are_no_capitals_none_are_offered_to_be_lower_cased(mine: Client) -> None:
    assert "Lower-case everything" in html_of(upload(mine, TEXT.encode()))
    response = upload(mine, "道可道非常道。".encode() * 200)
    assert "The cast" in html_of(response) and "Lower-case everything" not in html_of(response)


def test_a_guessed_encoding_says_that_it_is_a_guess(mine: Client) -> None:
    assert "The encoding is a guess" in html_of(upload(mine, FRENCH.encode("windows-1252")))
    assert "The encoding is a guess" not in html_of(upload(mine, FRENCH.encode(), FRENCH.encode("utf-16")))


def test_characters_that_could_not_be_read_are_counted_on_the_page(mine: Client) -> None:
    response = upload(mine, FRENCH.encode() + b"\xff")
    assert Document.objects.get().unreadable == 1
    assert "1 character could not be read and stands as \ufffd" in html_of(response)


@pytest.mark.sql
def test_nul_characters_that_were_left_out_are_counted_on_the_page(mine: Client) -> None:
    response = upload(mine, b"\x00" + TEXT.encode() + b"\x00", TEXT.encode())
    assert [document.nuls for document in Document.objects.all()] == [2, 0]
    assert html_of(response).count("2 NUL characters (zero bytes, which no text has) were left out") == 1
    assert services.texts(Corpus.objects.get())[0][1] == TEXT


def test_accents_that_were_left_out_are_counted_on_the_page(mine: Client) -> None:
    response = upload(mine, ("a" + "\u0316" * 1_050 + TEXT).encode(), TEXT.encode())
    assert [document.surplus_marks for document in Document.objects.all()] == [1_020, 0]
    assert html_of(response).count("1,020 accents were left out: at most 30 of them can follow one letter") == 1
    assert services.texts(Corpus.objects.get())[0][1] == "a" + "\u0316" * 30 + TEXT


def test_the_list_counts_one_word_as_one(mine: Client) -> None:
    upload(mine, b"nospaces" * 200)
    assert "1 word<" in html_of(mine.get("/corpora/"))


def test_each_document_shows_how_it_begins_in_its_own_encoding(mine: Client) -> None:
    response = upload(mine, TEXT.encode(), FRENCH.encode("windows-1252"))
    assert "Le garçon est allé à la forêt" in html_of(response)


def test_the_page_of_a_corpus_reads_only_the_beginnings(mine: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(mine, TEXT.encode())
    monkeypatch.setattr(files, "read", lambda key: pytest.fail(f"{key} is read whole"))
    assert mine.get(f"/corpora/{Corpus.objects.get().pk}/").status_code == 200


@pytest.mark.sql
def test_a_corpus_of_many_documents_has_pages_and_few_queries(
    mine: Client, django_assert_max_num_queries: object
) -> None:
    upload(mine, *[TEXT.encode()] * 25)
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        page = html_of(mine.get(f"/corpora/{Corpus.objects.get().pk}/"))
    assert "Page 1 of 2" in page


@pytest.mark.sql
def test_deleting_says_what_depends_on_it_and_removes_the_files(
    mine: Client, django_capture_on_commit_callbacks: object
) -> None:
    upload(mine, TEXT.encode())
    corpus = Corpus.objects.get()
    key = corpus.documents.get().key
    assert key in files.keys("documents")
    assert "removed for good" in html_of(mine.get(f"/corpora/{corpus.pk}/delete/"))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        mine.post(f"/corpora/{corpus.pk}/delete/")
    assert not Corpus.objects.exists() and key not in files.keys("documents")


def test_a_long_document_is_read_page_by_page(mine: Client) -> None:
    upload(mine, (TEXT * 20).encode())
    document = Document.objects.get()
    assert "Page 1 of 3" in html_of(mine.get(f"/corpora/documents/{document.pk}/"))


@pytest.mark.sql
def test_the_list_asks_the_database_no_more_for_more_corpora(
    mine: Client, alice: User, django_assert_max_num_queries: object
) -> None:
    for n in range(8):
        Corpus.objects.create(owner=alice, name=f"Corpus {n}")
    with django_assert_max_num_queries(11):  # type: ignore[operator]  # five of them: what is stored
        mine.get("/corpora/")
