"""Making a corpus: what the site understands, and what it says when it can't."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from trainer.text import sample_text
from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services
from webapp.corpora.models import Corpus, Document

pytestmark = pytest.mark.django_db
TEXT = sample_text()[:3000]
FRENCH = "Le garçon est allé à la forêt où l’été était déjà fini. Ça n’a pas été « facile », mais on espérait. " * 20


def upload(client: Client, *contents: bytes, **fields: object) -> object:
    several = [SimpleUploadedFile(f"file-{n}.txt", content) for n, content in enumerate(contents)]
    return client.post("/corpora/new/", {"documents": several, "pasted": "", "name": "", **fields}, follow=True)


def said(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def mine(client: Client, alice: User) -> Client:
    files.delete_tree("corpora")
    client.force_login(alice)
    return client


def test_several_files_become_one_corpus_and_the_page_says_what_was_understood(mine: Client) -> None:
    response = upload(mine, TEXT.encode(), FRENCH.encode("windows-1252"))
    corpus = Corpus.objects.get()
    assert corpus.name == "file-0"
    assert [d.name for d in corpus.documents.all()] == ["file-0.txt", "file-1.txt"]
    assert f"{corpus.characters:,}" in said(response)
    assert "UTF-8" in said(response) and "Windows-1252 (Western Europe)" in said(response)
    assert services.texts(corpus)[0][1] == TEXT


def test_a_pasted_text_keeps_its_spaces(mine: Client) -> None:
    upload(mine, pasted="  " + TEXT, name="Pasted")
    assert services.texts(Corpus.objects.get(name="Pasted"))[0][1] == "  " + TEXT


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
    [
        (b"", "empty"),
        (b"a" * 5000, "one"),
        (b"Too short.", "1,000"),
        (b"\x00\x01\x02\xff" * 2000, "text"),
        (b"%PDF-1.7\n" + b"x" * 5000, "PDF"),
    ],
    ids=["empty", "one letter", "short", "binary", "pdf"],
)
def test_what_cannot_be_learned_gets_a_sentence_and_nothing_is_kept(mine: Client, data: bytes, sentence: str) -> None:
    response = upload(mine, data, name="What I typed")
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert 'class="errorlist' in said(response) and sentence in said(response)
    assert "What I typed" in said(response)
    assert not Corpus.objects.exists() and not Document.objects.exists() and not files.keys("corpora")


def test_one_bad_file_among_good_ones_is_named_and_nothing_is_kept(mine: Client) -> None:
    response = upload(mine, TEXT.encode(), b"%PDF-1.7\n" + b"x" * 5000)
    assert "file-1.txt" in said(response)
    assert not Corpus.objects.exists() and not files.keys("corpora")


def test_nothing_chosen_gets_a_sentence(mine: Client) -> None:
    assert "Pick a text file or paste a text" in said(mine.post("/corpora/new/", {"pasted": " ", "name": ""}))


@pytest.mark.parametrize("how", ["file", "pasted"])
def test_more_than_the_limit_gets_a_sentence(mine: Client, settings: object, how: str) -> None:
    settings.UPLOAD_LIMIT_BYTES = 2_000_000  # type: ignore[attr-defined]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 3_000_000  # type: ignore[attr-defined]
    text = TEXT * 1200  # 3.6 MB
    response = upload(mine, text.encode()) if how == "file" else upload(mine, pasted=text)
    assert response.status_code == 413  # type: ignore[attr-defined]
    assert "more than 2 MB" in said(response)
    assert not Corpus.objects.exists()


def test_chinese_emoji_and_right_to_left_are_texts_like_any_other(mine: Client) -> None:
    for name, text in {
        "chinese": "道可道非常道。" * 200,
        "emoji": "👩‍👩‍👧 🎭 " * 300,
        "hebrew": "בְּרֵאשִׁית בָּרָא " * 100,
    }.items():
        upload(mine, text.encode(), name=name)
        assert Corpus.objects.get(name=name).characters >= 1000


def test_the_sample_is_one_click_and_a_second_click_adds_no_second(mine: Client) -> None:
    for _ in range(2):
        response = mine.post("/corpora/sample/", follow=True)
    assert Corpus.objects.get().characters > 300_000
    assert "Train" in said(response)


def test_deleting_says_what_depends_on_it_and_removes_the_files(
    mine: Client, django_capture_on_commit_callbacks: object
) -> None:
    upload(mine, TEXT.encode())
    corpus = Corpus.objects.get()
    assert files.keys(corpus.prefix)
    assert "removed for good" in said(mine.get(f"/corpora/{corpus.pk}/delete/"))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        mine.post(f"/corpora/{corpus.pk}/delete/")
    assert not Corpus.objects.exists() and not files.keys(corpus.prefix)


def test_a_long_document_is_read_page_by_page(mine: Client) -> None:
    upload(mine, (TEXT * 20).encode())
    document = Document.objects.get()
    assert "Page 1 of 3" in said(mine.get(f"/corpora/documents/{document.pk}/"))


def test_the_list_asks_the_database_no_more_for_more_corpora(
    mine: Client, alice: User, django_assert_max_num_queries: object
) -> None:
    for n in range(8):
        Corpus.objects.create(owner=alice, name=f"Corpus {n}")
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        mine.get("/corpora/")
