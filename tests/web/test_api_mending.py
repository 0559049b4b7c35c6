"""The interface for programs, on texts: a corpus as a file, the doctor, encodings, edits, and deleting documents."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.api import Owned, Program
from tests.support.factory import TEXT, a_corpus
from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services
from webapp.corpora.models import Corpus, Document
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db
QUOTED = "“Out, out,” said he — “brief candle!” And so it went on, from line to line, until the end.\n" * 20


def test_a_corpus_is_taken_along_and_brought_back(owned: Owned, program: Program) -> None:
    response = program.ask("GET", f"/corpora/{owned.corpus}/download")
    data = response.getvalue()
    assert "understudy-corpus.json" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert response["Content-Disposition"] == 'attachment; filename="Macbeth.zip"'
    sent = {"documents": SimpleUploadedFile("Macbeth.zip", data)}
    assert program.send("/corpora", sent).status_code == 202, "a worker reads it"


def test_a_corpus_is_taken_along_without_its_original_files(alice: User, program: Program) -> None:
    corpus = services.add_corpus(alice, "Marked", [("a.txt", TEXT.encode("utf-16"))], False)
    for query, expected in (("", 1), ("?originals=false", 0)):
        data = program.ask("GET", f"/corpora/{corpus.pk}/download{query}").getvalue()
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
        assert len([name for name in names if name.startswith("originals/")]) == expected


def test_the_doctor_tells_what_it_found_and_does_what_it_is_told(alice: User, program: Program) -> None:
    corpus = a_corpus(alice, text=QUOTED + '"Ærø"')
    found = program.ask("GET", f"/corpora/{corpus.pk}/doctor").json()
    quotes = next(one for one in found["treatments"] if one["name"] == "quotes")
    assert (quotes["on"], quotes["places"], quotes["examples"][0]["new"]) == (False, 80, '"')
    assert {"character": "Æ", "times": 1, "suggested": "Ae", "written_as": None} in found["characters"]
    assert found["waiting"] == 0 and any("very little text" in sentence for sentence in found["advice"])
    wanted = {"switches": ["quotes"], "characters": {"Æ": "AE", "ø": ""}}
    told = program.ask("PUT", f"/corpora/{corpus.pk}/doctor", wanted).json()
    assert [one["name"] for one in told["treatments"] if one["on"]] == ["controls", "quotes"]
    assert {one["character"]: one["written_as"] for one in told["characters"]} == {"Æ": "AE", "ø": ""}
    program.ask("POST", "/models", {"corpus": corpus.pk})
    text = files.read_whole_text(Study.objects.latest("pk").documents[0]["key"])
    assert '"Out, out,"' in text and text.endswith('"AEr"')
    program.ask("PUT", f"/corpora/{corpus.pk}/doctor", {})
    assert Corpus.objects.get(pk=corpus.pk).treatment == {}
    refused = {"switches": ["leeches"]}, {"switches": ["characters"]}, {"off": ["quotes"]}, {"characters": {"": "x"}}
    for wrong in refused:
        assert program.ask("PUT", f"/corpora/{corpus.pk}/doctor", wrong).status_code == 422, wrong


def test_one_document_is_treated_alone(alice: User, program: Program) -> None:
    document = a_corpus(alice, text=QUOTED).documents.get()
    told = program.ask("PUT", f"/documents/{document.pk}/doctor", {"switches": ["dashes"], "off": ["controls"]}).json()
    assert [one["name"] for one in told["treatments"] if one["on"]] == ["dashes"]
    assert Document.objects.get(pk=document.pk).switched_on.switches == {"dashes"}
    corpus = document.corpora.get()
    of_corpus = program.ask("GET", f"/corpora/{corpus.pk}/doctor").json()["treatments"]
    assert {one["name"]: (one["on"], one["otherwise"]) for one in of_corpus if one["on"] or one["otherwise"]} == {
        "controls": (True, [document.pk]), "dashes": (False, [document.pk]),
    }  # fmt: skip
    program.ask("PUT", f"/corpora/{corpus.pk}/doctor", {"switches": ["quotes"]})
    of_document = program.ask("GET", f"/documents/{document.pk}/doctor").json()["treatments"]
    assert {one["name"]: one["otherwise"] for one in of_document if one["otherwise"]} == {"quotes": [corpus.pk]}


def test_the_encoding_is_told_and_chosen(owned: Owned, program: Program) -> None:
    address = f"/documents/{owned.guessed}/encoding"
    found = program.ask("GET", address).json()
    assert (found["now"]["encoding"], found["chosen"], found["lines"][0]["number"]) == ("cp1252", False, 1)
    assert "Ça n’a" in found["lines"][0]["text"] and 0.5 < found["now"]["certainty"] < 1
    other = program.ask("GET", f"{address}?encoding=cp850").json()
    assert other["shown"] == "cp850" and "Ça" not in other["lines"][0]["text"]
    extract = f"/documents/{owned.guessed}/extract"
    assert program.ask("POST", extract, {"encoding": "cp850"}).status_code == 202
    assert program.ask("POST", extract, {"encoding": "klingon"}).status_code == 422
    assert program.ask("GET", f"/documents/{owned.document}/encoding").status_code == 409


def test_a_text_is_edited_if_it_is_still_the_one_that_was_read(owned: Owned, program: Program) -> None:
    address = f"/documents/{owned.document}"
    edit = {"text": "Duncan", "sha256": owned.sha256, "start": 0, "end": 10}
    shown = program.ask("POST", f"{address}/difference", edit).json()
    assert shown["added"] and "added" in {piece["kind"] for piece in shown["pieces"]}
    assert program.ask("GET", address).json()["sha256"] == owned.sha256, "nothing is saved"
    edited = program.ask("POST", f"{address}/edit", edit).json()
    assert edited["sha256"] != owned.sha256 and edited["characters"] == len(TEXT) - 10 + 6
    assert program.ask("GET", f"{address}/text?length=12").json()["text"] == "Duncan" + TEXT[10:16]
    refused = program.ask("POST", f"{address}/edit", edit)
    assert refused.status_code == 409 and "changed in another window" in refused.json()["detail"]
    whole = {"text": " ", "sha256": edited["sha256"]}
    assert program.ask("POST", f"{address}/edit", whole).status_code == 409, "nothing would be left"
    assert program.ask("POST", f"{address}/edit", {**edit, "start": 11}).status_code == 422


def test_a_document_is_deleted_from_all_corpora_and_its_models_with_it_if_that_is_wanted(
    owned: Owned, program: Program
) -> None:
    assert program.ask("DELETE", f"/documents/{owned.document}").status_code == 204
    assert program.ask("GET", f"/corpora/{owned.corpus}").json()["documents"] == 0
    assert program.ask("GET", f"/models/{owned.model}").status_code == 200
    other = program.ask("GET", "/models").json()["items"][0]["id"]
    assert program.ask("GET", f"/models/{other}/changes/0").status_code == 404


def test_what_has_changed_since_the_training_is_told(owned: Owned, program: Program) -> None:
    assert program.ask("GET", f"/models/{owned.model}/changes").json() == {"sentences": [], "edited": []}
    edit = {"text": "Duncan", "sha256": owned.sha256, "end": 10}
    program.ask("POST", f"/documents/{owned.document}/edit", edit)
    program.ask("PATCH", f"/corpora/{owned.corpus}", {"lowercase": True})
    changes = program.ask("GET", f"/models/{owned.model}/changes").json()
    assert changes == {
        "sentences": ["Its letters are lower-cased now."],
        "edited": [{"number": 0, "name": "macbeth.txt"}],
    }
    shown = program.ask("GET", f"/models/{owned.model}/changes/0").json()
    assert shown["added"] >= 6 and {"added", "removed"} <= {piece["kind"] for piece in shown["pieces"]}
    assert program.ask("GET", f"/models/{owned.model}/changes/7").status_code == 404
