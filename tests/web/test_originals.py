"""The original of a document: it is kept, downloaded by its owner, extracted again, and deleted with its document."""

import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.documents import a_word_document, zipped
from tests.support.pages import html_of
from tests.support.uploads import sent
from trainer.contract.documents import sample_text
from webapp import files
from webapp.accounts.limits import stored_bytes
from webapp.accounts.models import User
from webapp.corpora import models, services
from webapp.corpora.models import Corpus, Document
from webapp.extraction import running
from webapp.extraction.extracted import Refused

pytestmark = pytest.mark.django_db
PROSE = "The river was quiet that morning, and nobody spoke of it.\n" * 40
WORD = a_word_document("The River", [PROSE])
TABLE = b"id,title,text\n1,One,A long text\n2,Two,Another text\n"


def send(client: Client, name: str, data: bytes) -> Document:
    sent(client, "/corpora/new/", {"documents": [SimpleUploadedFile(name, data)], "pasted": "", "name": "River"})
    return Document.objects.get()


def downloaded(client: Client, document: Document) -> Any:
    return client.get(f"/corpora/documents/{document.pk}/original/")


def test_the_original_is_kept_as_it_was_and_is_only_ever_downloaded(mine: Client) -> None:
    document = send(mine, "river.docx", WORD)
    assert services.read(document) == f"The River\n\n{PROSE}"
    assert (document.format, document.original_bytes, document.original_sha256, document.media_type) == (
        "docx",
        len(WORD),
        sha256(WORD).hexdigest(),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    )
    response = downloaded(mine, document)
    assert response.getvalue() == WORD
    assert response["Content-Disposition"] == 'attachment; filename="river.docx"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Word document" in html_of(mine.get(document.corpora.get().get_absolute_url()))


@pytest.mark.parametrize("data", [PROSE.encode(), PROSE.encode("utf-16")], ids=["as its text", "in another encoding"])
def test_a_plain_text_is_stored_twice_only_if_its_bytes_are_others(mine: Client, data: bytes) -> None:
    document = send(mine, "river.txt", data)
    assert downloaded(mine, document).getvalue() == data
    assert document.original_sha256 == sha256(data).hexdigest()
    assert len(files.keys("documents")) == 1 + (data != PROSE.encode())


def test_a_plain_text_needs_no_other_process(mine: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a process was started"))
    prose = PROSE + "At 10:30 on 1.2.2020 he came; 3.14 is pi.\n# A heading\n- [a link](x.html) & more <b>\n"
    for data in (prose.encode(), prose.encode("utf-16"), sample_text()[:5000].encode()):
        mine.post(
            "/corpora/new/", {"documents": [SimpleUploadedFile("river.txt", data)], "pasted": "", "name": "River"}
        )
    assert Document.objects.count() == 3


def test_the_encoding_of_a_table_that_is_a_guess_is_said_to_be_one(mine: Client) -> None:
    document = send(
        mine, "river.csv", ("Name;Text\n" + "Jörg;Über die Brücke fährt täglich ein Zug.\n" * 40).encode("cp1252")
    )
    page = html_of(mine.get(document.corpora.get().get_absolute_url()))
    assert "Windows-1252" in page and "The encoding is a guess" in page


def test_a_web_page_is_never_shown_by_the_browser_itself(mine: Client) -> None:
    document = send(mine, "river.html", f"<!doctype html><p>{PROSE}</p><script>alert(1)</script>".encode())
    response = downloaded(mine, document)
    assert response["Content-Disposition"].startswith("attachment") and b"alert" in response.getvalue()


def test_a_file_of_an_archive_is_its_own_original(mine: Client) -> None:
    document = send(mine, "all.zip", zipped({"../poems/river.docx": WORD}))
    assert document.name == "poems/river.docx"
    response = downloaded(mine, document)
    assert response.getvalue() == WORD and 'filename="river.docx"' in response["Content-Disposition"]


def test_originals_count_as_stored(mine: Client, alice: User) -> None:
    document = send(mine, "river.docx", WORD)
    assert stored_bytes(alice) == document.bytes + len(WORD)


def test_a_document_from_before_originals_were_kept_has_none(mine: Client) -> None:
    document = send(mine, "river.txt", PROSE.encode())
    Document.objects.update(extraction=0)
    assert downloaded(mine, document).status_code == 404
    assert mine.post(f"/corpora/documents/{document.pk}/extract/").status_code == 404
    assert "original" not in html_of(mine.get(f"/corpora/documents/{document.pk}/"))


def test_when_the_extraction_has_become_better_it_is_done_again(
    mine: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    document = send(mine, "river.docx", WORD)
    page = f"/corpora/documents/{document.pk}/"
    assert "Extract the text again" not in html_of(mine.get(page))
    key = document.key
    older = tmp_path / "older"
    older.write_text("An older reader’s text.\n")
    files.copy_out(older, key)
    monkeypatch.setattr(models, "VERSION", document.extraction + 1)
    assert "Extract the text again" in html_of(mine.get(page)) and "older reader" in html_of(mine.get(page))
    with django_capture_on_commit_callbacks(execute=True):
        response = sent(mine, f"{page}extract/", {})
    document.refresh_from_db()
    assert "The text was extracted again." in html_of(response) and "The river was quiet" in html_of(response)
    assert document.key != key and not files.keys(key.rpartition("/")[0])
    assert downloaded(mine, document).getvalue() == WORD
    assert Corpus.objects.get().characters == document.characters


def test_of_a_table_another_column_is_chosen(mine: Client) -> None:
    document = send(mine, "river.csv", TABLE)
    page = f"/corpora/documents/{document.pk}/"
    assert "The text is the column “<bdi>text</bdi>”" in html_of(mine.get(document.corpora.get().get_absolute_url()))
    sent(mine, f"{page}extract/", {"column": "1"})
    document.refresh_from_db()
    assert (services.read(document), document.column, document.column_name) == ("One\nTwo\n", 1, "title")
    assert mine.post(f"{page}extract/", {"column": "7"}).status_code == 404


def test_what_can_no_longer_be_read_stays_as_it_was(mine: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    document = send(mine, "river.docx", WORD)
    before = files.keys("documents")
    monkeypatch.setattr(running, "extract", lambda *_: iter([(0, Refused("x", "It is too old."))]))
    response = sent(mine, f"/corpora/documents/{document.pk}/extract/", {})
    assert "The text stays as it was." in html_of(response) and "It is too old." in html_of(response)
    assert services.read(document) == f"The River\n\n{PROSE}" and files.keys("documents") == before


@pytest.mark.parametrize("what", ["places/{place}/remove", "{corpus}/delete"])
def test_deleting_deletes_the_original_too(mine: Client, what: str, django_capture_on_commit_callbacks: Any) -> None:
    place = send(mine, "river.docx", WORD).places.get()
    assert len(files.keys("documents")) == 2
    with django_capture_on_commit_callbacks(execute=True):
        mine.post(f"/corpora/{what.format(place=place.pk, corpus=place.corpus_id)}/")
    assert files.keys("documents") == []


def test_a_storage_that_fails_keeps_no_original(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    files.delete_tree("documents")

    def full(*_arguments: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(files, "copy_out", full)
    with pytest.raises(OSError, match="No space"):
        services.add_corpus(alice, "River", [("river.docx", WORD)], False)
    assert files.keys("documents") == [] and not Corpus.objects.exists()
