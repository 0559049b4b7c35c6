"""The names of files and corpora: a shown name is visible, can be clicked, and stays on its line."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.support.factory import TEXT, a_corpus, a_model, a_request, a_study
from webapp.accounts.models import User
from webapp.corpora.models import Corpus, Document
from webapp.names import can_be_seen, file_name, visible_name
from webapp.studies import services as studies
from webapp.studies.models import Study

INVISIBLE = [
    "",
    " ",
    "\u3000",
    "\u200b",
    "\u200d\ufeff",
    "\u2060",
    "\u00ad",
    "\u2800",
    "\u3164",
    "\ufe0f",
    "\U000e0041",
]
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


@pytest.mark.parametrize("stem", INVISIBLE, ids=ascii)
@pytest.mark.parametrize("ending", ["", ".txt"])
def test_a_file_name_that_cannot_be_seen_is_a_number(stem: str, ending: str) -> None:
    assert file_name(stem + ending, 3) == "file 3" + ending


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("hamlet.txt", "hamlet.txt"),
        ("two\nlines\r.txt", "two lines .txt"),
        ("invoice\u202etxt.exe", "invoicetxt.exe"),
        ("  in\u200b the  middle.txt", "in the middle.txt"),
        ("no ending", "no ending"),
        ("👩‍👩‍👧.txt", "👩‍👩‍👧.txt"),
        ("می‌خواهم.txt", "می‌خواهم.txt"),
        ("x\ud800.txt", "x.txt"),
        ("nul\0nul.txt", "nul nul.txt"),
        ("x" * 500, "x" * 200),
        ("x" * 500 + ".csv", "x" * 196 + ".csv"),
        ("x" * 194 + "👩‍👩‍👧.txt", "x" * 194 + ".txt"),
        ("x. " + "y" * 500, "x. " + "y" * 197),
    ],
    ids=ascii,
)
def test_what_of_a_name_is_shown(name: str, shown: str) -> None:
    assert file_name(name, 1) == shown


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("می\u200cخواهم.txt", "می\u200cخواهم.txt"),
        ("👩\u200d👧.txt", "👩\u200d👧.txt"),
        ("%22No%22%0d%0A100%25.txt", '"No" 100%25.txt'),
        ("C:\\texts\\..\\one\u202e.txt", "one.txt"),
        ("..", "file 1"),
    ],
    ids=ascii,
)
@pytest.mark.django_db
def test_a_name_is_read_as_browsers_send_it(client: Client, alice: User, sent: str, kept: str) -> None:
    client.force_login(alice)
    file = SimpleUploadedFile("name.txt", b"A line of it. " * 100)
    file._name = sent  # type: ignore[attr-defined]  # Django's setter would take its path away
    client.post("/corpora/new/", {"documents": [file], "pasted": "", "name": ""})
    assert Document.objects.get().name == kept


@given(st.text(max_size=300), st.integers(1, 100))
def test_every_name_is_one_line_that_can_be_seen_and_turns_nothing(name: str, number: int) -> None:
    for shown in (file_name(name, number), visible_name(name, "untitled", 120)):
        assert can_be_seen(shown) and 0 < len(shown) <= 200
        assert len(shown.splitlines()) == 1 and shown.strip() == shown
        assert not set(shown) & set(TURNING)
        shown.encode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["   .txt", "\u200b\u200b", "\u202e\u200f.txt", "\u2800.txt", "   "], ids=ascii)
def test_a_file_with_such_a_name_has_a_link_that_can_be_seen(client: Client, alice: User, name: str) -> None:
    client.force_login(alice)
    documents = [SimpleUploadedFile(name, TEXT.encode())]
    page = client.post("/corpora/new/", {"documents": documents}, follow=True).content.decode()
    document = Document.objects.get()
    assert document.name.startswith("file 1") and document.corpora.get().name == "file 1"
    assert f'<a class="plain" href="/corpora/documents/{document.pk}/" dir="auto">{document.name}</a>' in page


@pytest.mark.django_db
def test_a_bad_file_with_such_a_name_is_named_as_well(client: Client, alice: User) -> None:
    client.force_login(alice)
    documents = [SimpleUploadedFile("good.txt", TEXT.encode()), SimpleUploadedFile(" .txt", b"")]
    client.post("/corpora/new/", {"documents": documents})
    assert Corpus.objects.get().left_out[0][0] == "file 2.txt"


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*INVISIBLE, "\0", "\n"], ids=ascii)
def test_a_corpus_name_that_cannot_be_seen_is_none(client: Client, alice: User, name: str) -> None:
    client.force_login(alice)
    client.post("/corpora/new/", {"documents": [SimpleUploadedFile("hamlet.txt", TEXT.encode())], "name": name})
    corpus = Corpus.objects.get()
    assert corpus.name == "hamlet"
    response = client.post(f"/corpora/{corpus.pk}/edit/", {"name": name})
    assert "This field is required." in response.content.decode()
    assert Corpus.objects.get().name == "hamlet"


@pytest.mark.django_db
def test_a_name_that_is_too_long_or_holds_a_nul_costs_no_files(client: Client, alice: User) -> None:
    client.force_login(alice)
    documents = [SimpleUploadedFile("hamlet.txt", TEXT.encode())]
    client.post("/corpora/new/", {"documents": documents, "name": "A\0B" * 100})
    assert Corpus.objects.get().name == ("A B" * 100)[:120]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["\u200b", "\u202e", "\0"], ids=ascii)
def test_a_model_and_a_passage_are_not_named_so_either(client: Client, alice: User, name: str) -> None:
    client.force_login(alice)
    study = a_model(alice)
    passage = a_request(alice, study).passages.get()
    client.post(f"/models/new/{study.corpus_id}/", {"recipe": "quick", "name": name})
    assert Study.objects.first().name == "Macbeth, Quick"  # type: ignore[union-attr]
    assert client.post(f"/models/{study.pk}/edit/", {"name": name}).status_code == 200
    client.post(f"/passages/{passage.pk}/edit/", {"title": name})
    study.refresh_from_db()
    passage.refresh_from_db()
    assert (study.name, passage.title) == ("Banquo", "")


@pytest.mark.django_db
def test_things_of_one_person_have_names_that_tell_them_apart(client: Client, alice: User, bob: User) -> None:
    first, second = a_corpus(alice), a_corpus(alice)
    assert [one.name for one in (first, second, a_corpus(alice), a_corpus(bob))] == [
        "Macbeth", "Macbeth (2)", "Macbeth (3)", "Macbeth",
    ]  # fmt: skip
    client.force_login(alice)
    for name, becomes in ("Macbeth", "Macbeth (2)"), ("Macbeth (3)", "Macbeth (2)"), ("m" * 120, "m" * 120):
        client.post(f"/corpora/{second.pk}/edit/", {"name": name})
        second.refresh_from_db()
        assert second.name == becomes
    client.post(f"/corpora/{first.pk}/edit/", {"name": "m" * 120})
    assert Corpus.objects.get(pk=first.pk).name == "m" * 116 + " (2)"
    models = [a_study(alice, first) for _ in range(2)]
    assert [model.name for model in models] == ["Banquo", "Banquo (2)"]
    studies.rename(models[1], "Banquo")
    assert Study.objects.get(pk=models[1].pk).name == "Banquo (2)"
