"""A corpus that is downloaded, and uploaded again: it is the same corpus. Archives that strangers made do no harm."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client

from tests.support.documents import a_word_document
from tests.support.factory import TEXT
from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services
from webapp.corpora.models import Corpus
from webapp.corpora.services import packing
from webapp.doctor.treatments import Choices

pytestmark = pytest.mark.django_db
PROSE = "The river was quiet that morning, and nobody spoke of it. " * 40
WORD = a_word_document("The River", [PROSE])
TABLE = b"id,title,text\n1,One,A long text\n2,Two,Another text\n"


@pytest.fixture
def corpus(client: Client, alice: User) -> Corpus:
    """Return a corpus of a text, a document, a table and an edited text, in another order and with weights."""
    files.delete_tree("documents")
    client.force_login(alice)
    uploads = [
        ("a.txt", TEXT.encode()),
        ("b.docx", WORD),
        ("c.csv", TABLE),
        ("d.txt", "Ä second text.".encode("utf-16")),
    ]
    corpus = services.add_corpus(alice, "Mixed / styles", uploads, lowercase=True)
    first, second, _third, last = corpus.places.all()
    services.arrange(corpus, {last.pk: services.Wanted(1, 2.5), second.pk: services.Wanted(3, 0.5)})
    services.edit(first.document, TEXT + "One more line.\n")
    services.treat_document(second.document, Choices(frozenset({"quotes"}), {"…": "..."}))
    services.treat_corpus(Corpus.objects.get(), Choices(frozenset({"blanks"})))
    return Corpus.objects.get()


def download(client: Client, corpus: Corpus, query: str = "") -> bytes:
    response: Any = client.get(f"/corpora/{corpus.pk}/download/{query}")
    assert response["Content-Disposition"].startswith("attachment")
    return b"".join(response.streaming_content)


def bring(owner: User, data: bytes, tmp_path: Any, name: str = "") -> Corpus:
    path = tmp_path / "taken.zip"
    path.write_bytes(data)
    return services.add_corpus(owner, name, [("taken.zip", path)], lowercase=False)


def everything(corpus: Corpus) -> list[Any]:
    """Return all that a corpus consists of, but for its keys."""
    left_out = {"id", "owner_id", "key", "original_key", "submission"}
    documents = []
    for place in corpus.in_order():
        fields = {name: value for name, value in vars(place.document).items() if name not in {"_state", *left_out}}
        text, original = services.read(place.document), files.read(place.document.file_key)
        documents.append((place.weight, fields, text, original))
    names = ("name", "lowercase", "treatment", "characters", "words", "alphabet", "cast", "problem", "overlaps")
    return [{name: getattr(corpus, name) for name in names}, documents]


def test_it_is_the_same_corpus_elsewhere(client: Client, bob: User, corpus: Corpus, tmp_path: Any) -> None:
    brought = bring(bob, download(client, corpus), tmp_path)
    assert everything(Corpus.objects.get(pk=brought.pk)) == everything(corpus)
    assert brought.owner == bob and brought.version == 1 and brought.left_out == []


def test_people_find_their_texts_in_the_archive(client: Client, corpus: Corpus) -> None:
    with zipfile.ZipFile(io.BytesIO(download(client, corpus))) as archive:
        texts = [archive.read(name).decode() for name in sorted(archive.namelist()) if name.startswith("texts/")]
        originals = [archive.read(name) for name in archive.namelist() if name.startswith("originals/")]
        listed = json.loads(archive.read(packing.MANIFEST))
    assert texts == [services.read(place.document) for place in corpus.in_order()]
    assert WORD in originals and TABLE in originals and TEXT.encode() in originals
    assert [(one["name"], one["weight"]) for one in listed["documents"]] == [
        ("d.txt", 2.5), ("a.txt", 1.0), ("b.docx", 0.5), ("c.csv", 1.0)
    ]  # fmt: skip


def test_without_its_originals_it_is_the_same_to_a_training_and_fits_into_an_upload(
    client: Client, bob: User, corpus: Corpus, tmp_path: Any, settings: Any
) -> None:
    assert "?originals=no" in client.get(corpus.get_absolute_url()).content.decode()
    brought = bring(bob, download(client, corpus, "?originals=no"), tmp_path)
    documents = [place.document for place in brought.in_order()]
    assert [services.read(one) for one in documents] == [services.read(place.document) for place in corpus.in_order()]
    assert services.as_it_stands(brought)[0][1] == services.as_it_stands(corpus)[0][1]
    assert not any(one.original_key or one.has_original for one in documents)
    page = client.get(documents[0].corpora.get().get_absolute_url())
    assert page.status_code == 404  # it is another person's
    client.force_login(bob)
    assert "original" not in client.get(f"/corpora/documents/{documents[0].pk}/").content.decode()


def test_its_documents_can_come_into_another_corpus(client: Client, corpus: Corpus, tmp_path: Any) -> None:
    path = tmp_path / "taken.zip"
    path.write_bytes(download(client, corpus))
    other = services.add_corpus(corpus.owner, "Other", [("e.txt", TEXT.encode())], lowercase=False)
    services.add_documents(other, [("taken.zip", path)])
    arranged = [(place.document.name, place.weight) for place in other.in_order()]
    assert arranged == [("e.txt", 1.0), ("d.txt", 2.5), ("a.txt", 1.0), ("b.docx", 0.5), ("c.csv", 1.0)]


def test_a_name_of_its_own_and_a_lower_case_win(bob: User, client: Client, corpus: Corpus, tmp_path: Any) -> None:
    assert bring(bob, download(client, corpus), tmp_path, "My name").name == "My name"


def changed(data: bytes, **fields: Any) -> bytes:
    """Return an archive with other fields in the list of the first document, or in the list itself."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == packing.MANIFEST:
                listed = json.loads(content)
                listed.update({key: value for key, value in fields.items() if key in listed})
                if "documents" not in fields:
                    listed["documents"][0].update({key: value for key, value in fields.items() if key not in listed})
                content = json.dumps(listed).encode()
            new.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    "fields",
    [
        {"weight": 1_000},
        {"weight": "1"},
        {"weight": None},
        {"text": "../../secret-key"},
        {"text": 5},
        {"original": "no such entry"},
        {"format": "exe"},
        {"notes": "a sentence"},
        {"notes": [["nested"]]},
        {"unreadable": -1},
        {"unreadable": 2**40},
        {"column": True},
        {"is_edited": "yes"},
        {"documents": {}},
        {"documents": [5]},
        {"codec": 5},
        {"treatment": ["quotes"]},
        {"treatment": {"switches": "quotes"}},
        {"treatment": {"switches": [["quotes"]]}},
        {"treatment": {"characters": {"a": 5}}},
        {"layout": 2},
        {"layout": None},
    ],
    ids=str,
)
def test_a_list_that_was_tampered_with_is_refused_with_a_sentence(
    client: Client, bob: User, corpus: Corpus, tmp_path: Any, fields: dict[str, Any]
) -> None:
    with pytest.raises(services.NothingToKeep) as refused:
        bring(bob, changed(download(client, corpus), **fields), tmp_path)
    assert refused.value.left_out[0][1].endswith(".")
    assert not bob.corpora.exists() and not bob.documents.exists()


def test_what_a_stranger_writes_into_the_list_is_shown_as_text(
    client: Client, alice: User, corpus: Corpus, tmp_path: Any
) -> None:
    fields = {"name": "<b>\u202egpj.exe", "notes": ["<script>alert(1)</script>"], "encoding": "UTF-8\n"}
    data = changed(changed(download(client, corpus), notes=fields["notes"]), encoding=fields["encoding"])
    brought = bring(alice, changed(data, name=fields["name"]), tmp_path)
    assert brought.name == "<b>gpj.exe"
    page = client.get(brought.get_absolute_url()).content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page


def test_a_bomb_is_not_unpacked(bob: User, tmp_path: Any) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(packing.MANIFEST, b"[" * 100_000_000)
    with pytest.raises(services.NothingToKeep):
        bring(bob, target.getvalue(), tmp_path)


def test_a_list_that_nests_too_deep_is_refused(bob: User, tmp_path: Any) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(packing.MANIFEST, b"[" * 1_000_000)
    with pytest.raises(services.NothingToKeep, match="damaged"):
        bring(bob, target.getvalue(), tmp_path)
