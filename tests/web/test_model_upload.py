"""A model that was downloaded is uploaded: what is checked of it, and what pages say of a model without its text."""

import io
import json
import math
import zipfile
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support import model_files
from tests.support.factory import SCORE, a_corpus, a_request, a_study, begin
from tests.support.model_files import STUDY, VOCABULARY
from tests.support.pages import said
from trainer.contract import weights_file
from trainer.contract.recipe import Recipe
from webapp import files
from webapp.accounts.limits import stored_bytes
from webapp.accounts.models import User
from webapp.passages import copied
from webapp.studies import services
from webapp.studies.models import Study
from webapp.workers import orphans

pytestmark = pytest.mark.django_db


def upload(client: Client, data: bytes, **fields: str) -> Any:
    sent = SimpleUploadedFile("model.zip", data, "application/zip")
    return client.post("/models/upload/", {"archive": sent, **fields})


def changed(original: dict[str, Any], **fields: Any) -> bytes:
    return json.dumps({**original, **fields}).encode()


@pytest.fixture
def study(client: Client, alice: User) -> Study:
    client.force_login(alice)
    response = upload(client, model_files.archive(model_files.files(score=json.dumps(SCORE).encode())))
    study = Study.objects.get()
    assert response["Location"] == study.get_absolute_url()
    return study


def test_it_is_a_study_with_all_that_the_file_brings(study: Study, alice: User) -> None:
    assert (study.name, study.corpus_name, study.characters, study.model_step) == ("Banquo", "Macbeth", 5000, 20)
    assert study.corpus is None and study.documents == []
    assert study.alphabet == len(model_files.CHARACTERS)
    assert study.started and study.started["parameters"] == 64 * 29 + 4 * (16 * (64 + 16) + 16) + 4 * 16 * 64 + 17 * 29
    assert study.held_out == pytest.approx(1.3862944)
    assert [point.step for point in study.history.all()] == [20, 20]
    assert study.samples.get().text == "out, out"
    assert stored_bytes(alice) == study.kept_bytes + study.history_bytes > 0
    kept = {key.rpartition("/")[2] for key in files.keys(study.model_key)}
    assert kept == {"recipe.json", "vocabulary.json", "weights.safetensors", "score.json", "model.json"}


def test_its_page_offers_what_is_possible_without_the_text(client: Client, study: Study, alice: User) -> None:
    page = said(client.get(study.get_absolute_url()))
    assert "It was trained elsewhere, and came here as a file." in page
    assert "Its text stayed where it was trained." in page
    assert "as the model “Novels”" in page
    assert f"/models/{study.pk}/another-text/" in page and f"/models/{study.pk}/download/" in page
    for name in ("further", "again", "resume", "pause"):
        assert f"/models/{study.pk}/{name}/" not in page
        assert client.get(f"/models/{study.pk}/{name}/").status_code in (302, 405)
    assert ">uploaded </span>" in said(client.get("/models/")) and ">uploaded </span>" in said(client.get("/"))
    assert "data-opening=" not in said(client.get(f"/passages/write/{study.pk}/"))
    assert client.get(f"/passages/write/{study.pk}/opening/").json() == {"text": ""}
    assert "out, out" in said(client.get(f"/models/{study.pk}/timeline/"))
    for look in ("units", "memory"):
        refused = client.post(f"/models/{study.pk}/inside/{look}/")
        assert refused.status_code == 422 and "uploaded without its text" in said(refused)
    assert client.get(f"/models/{study.pk}/inside/").status_code == 200
    passage = a_request(alice, study).passages.get()
    type(passage).objects.filter(pk=passage.pk).update(complete=True, text="out")
    passage.refresh_from_db()
    assert "the model was uploaded without it" in copied.sentence(passage)


def test_it_learns_another_text(client: Client, study: Study, alice: User) -> None:
    corpus = a_corpus(alice, name="Letters")
    assert f"/models/new/{corpus.pk}/?base={study.pk}" in said(client.get(f"/models/{study.pk}/another-text/"))
    assert client.get(f"/models/new/{corpus.pk}/?base={study.pk}").status_code == 200
    client.post(f"/models/new/{corpus.pk}/?base={study.pk}", {"recipe": "quick"})
    tuned = Study.objects.exclude(pk=study.pk).get()
    assert files.read(f"{tuned.base_key}/weights.safetensors") == files.read(f"{study.model_key}/weights.safetensors")
    assert [text["corpus"] for text in tuned.learned_before] == ["Macbeth", "Shelf"]
    page = said(client.get(tuned.get_absolute_url()))
    assert "Before this text it had learned 5,000 characters of <bdi>Macbeth</bdi>, as the model “Banquo”." in page


def test_it_goes_on_to_a_third_site_and_is_the_same_there(client: Client, study: Study, bob: User) -> None:
    sent = client.get(f"/models/{study.pk}/download/")
    assert sent["Content-Disposition"] == 'attachment; filename="banquo.zip"'
    data = sent.getvalue()
    packed = zipfile.ZipFile(io.BytesIO(data))
    original = model_files.files()
    for name in ("recipe.json", "vocabulary.json", "weights.safetensors"):
        assert packed.read(f"banquo/{name}") == original[name]
    assert len(packed.read("banquo/generate.py").decode().splitlines()) < 100
    card = packed.read("banquo/" + "README.md").decode()
    assert "# Banquo" in card and "5,000 characters of “Macbeth”" in card and "| This model | 2.00 | 3.00 |" in card
    client.force_login(bob)
    assert upload(client, data).status_code == 302
    again = Study.objects.get(owner=bob)
    for field in ("name", "recipe", "started", "figures", "learned_before", "model_sha256", "model_step"):
        assert getattr(again, field) == getattr(study, field), field
    assert list(again.history.values_list("step", "carried")) == list(study.history.values_list("step", "carried"))


def test_the_name_may_be_another_and_a_second_click_changes_nothing(client: Client, alice: User) -> None:
    client.force_login(alice)
    form = {"name": "Fleance", "submission": str(uuid4())}
    data = model_files.archive(model_files.files(), folder="")
    first, second = (upload(client, data, **form) for _ in range(2))
    assert first["Location"] == second["Location"] == Study.objects.get(name="Fleance").get_absolute_url()


def test_several_people_may_send_the_same_file_with_the_same_number(client: Client, alice: User, bob: User) -> None:
    number, data = str(uuid4()), model_files.archive(model_files.files())
    for person in (alice, bob, alice, bob):
        client.force_login(person)
        assert upload(client, data, submission=number).status_code == 302
    assert sorted(Study.objects.values_list("owner__username", flat=True)) == ["alice", "bob"]


def test_it_goes_with_its_files(study: Study) -> None:
    (folder,) = study.text_folders
    assert files.keys(folder) and not [orphan for orphan in orphans.find() if orphan.key == folder]
    services.delete(study)
    services.purge_deleted()
    assert not files.keys(folder)


def test_a_model_that_has_learned_nothing_yet_is_not_sent(client: Client, alice: User) -> None:
    client.force_login(alice)
    study = a_study(alice)
    begin(study)
    assert client.get(f"/models/{study.pk}/download/")["Location"] == study.get_absolute_url()


def test_one_without_history_and_score_has_a_page_too(client: Client, alice: User) -> None:
    client.force_login(alice)
    bare = changed(STUDY, history=[], samples=[], best=None, learned_before=[])
    response = upload(client, model_files.archive(model_files.files(study=bare)))
    assert client.get(response["Location"]).status_code == 200
    assert client.get(f"{response['Location']}timeline/").status_code == 200
    assert client.get(f"{response['Location']}download/").getvalue()


def with_step(step: int) -> bytes:
    """Return the manifest of a model whose weights are of this step."""
    return json.dumps({**json.loads(model_files.files()["model.json"]), "step": step}).encode()


# What is refused --------------------------------------------------------------------------------------------------

_SHAPES = weights_file.shapes(Recipe.from_json(json.dumps(model_files.recipe())), len(model_files.CHARACTERS) + 1)
_DEEP = b"[" * 200_000
BAD_FILES: dict[str, dict[str, bytes]] = {
    "no recipe": {"recipe": b"{}"},
    "a recipe of lists": {"recipe": changed(model_files.recipe(), recipe=[], procedure={})},
    "the procedure of another recipe": {"recipe": changed(model_files.recipe(), procedure="tutorial")},
    "units without end": {"recipe": changed(model_files.recipe(), units=10**9)},
    "a level that the vocabulary has not": {"recipe": changed(model_files.recipe(), level="word")},
    "a deep recipe": {"recipe": _DEEP},
    "a deep vocabulary": {"vocabulary": _DEEP},
    "a vocabulary that is not sorted": {"vocabulary": changed(VOCABULARY, characters="ba")},
    "a symbol that no database takes": {"vocabulary": changed(VOCABULARY, characters="\0" + model_files.CHARACTERS)},
    "half of a symbol": {"vocabulary": changed(VOCABULARY, longer=["a\ud800"])},
    "no openings": {"vocabulary": changed(VOCABULARY, openings=[])},
    "weights that are no numbers": {"weights": model_files.weights(_SHAPES, math.nan)},
    "weights without end": {"weights": model_files.weights(_SHAPES, math.inf)},
    "weights of another network": {"weights": model_files.weights({**_SHAPES, "outputs/bias": (30,)})},
    "weights with another name": {"weights": model_files.weights({**_SHAPES, "other": (1,)})},
    "weights that are cut off": {"weights": model_files.weights(_SHAPES)[:-4]},
    "weights with something after them": {"weights": model_files.weights(_SHAPES) + b"\0\0\0\0"},
    "a header without end": {"weights": b"\xff" * 64},
    "a deep header": {"weights": len(_DEEP).to_bytes(8, "little") + _DEEP},
    "a score that is none": {"score": b'{"held_out": {}}'},
    "a score without n-grams": {"score": changed(SCORE, baselines={"ngram": 0, "ngram_order": 1, "xz": 1, "note": ""})},
    "a study of another format": {"study": changed(STUDY, format=2)},
    "a step before the first": {"study": changed(STUDY, samples=[[-1, "x"]])},
    "a loss without end": {"study": changed(STUDY, history=[["progress", 1, 1, math.inf, None, None]])},
    "a point of another kind": {"study": changed(STUDY, history=[["x" * 99, 1, 1, 1.0, None, None]])},
    "a text that is too short to have been learned": {"study": changed(STUDY, characters=0)},
    "a name that is none": {"study": changed(STUDY, name=None)},
    "a deep study": {"study": _DEEP},
    "more points than a training makes": {
        "study": changed(STUDY, history=[["progress", 1, 1, 1, None, None]] * 100_001)
    },
    "more samples than a training makes": {"study": changed(STUDY, samples=[[1, "x"]] * 100_001)},
    "more texts than a model learns": {
        "study": changed(STUDY, learned_before=[{"model": "x", "corpus": "y", "characters": 1}] * 1_001)
    },
    "a manifest that is none": {"model": b"[]"},
    "a step that no database holds": {"model": with_step(2**31)},
    "a step without end": {"model": with_step(10**40)},
    "odd rounds of the Mogrifier": {"recipe": changed(model_files.recipe(), mogrifier_rounds=3)},
    "more rounds of the Mogrifier than there are": {"recipe": changed(model_files.recipe(), mogrifier_rounds=10)},
    "rounds of the Mogrifier that are no number": {"recipe": changed(model_files.recipe(), mogrifier_rounds=True)},
    "rounds of the Mogrifier that have no weights": {"recipe": changed(model_files.recipe(), mogrifier_rounds=8)},
    "rounds of the Mogrifier in a GRU": {"recipe": changed(model_files.recipe(), mogrifier_rounds=4, cell="gru")},
    "rounds of the Mogrifier in another shape": {
        "weights": model_files.weights({**_SHAPES, "recurrent_0/mogrifier_1": _SHAPES["recurrent_0/mogrifier_2"]})
    },
    "a manifest of something else": {"model": model_files.files()["model.json"].replace(b'"bytes": ', b'"bytes": 1')},
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_model_with_a_file_that_is_wrong_is_refused_and_nothing_is_kept(
    client: Client, alice: User, what: str
) -> None:
    client.force_login(alice)
    before = files.keys("texts")
    response = upload(client, model_files.archive(model_files.files(**BAD_FILES[what])))
    assert response.status_code == 422
    assert "The file of this model can’t be used." in said(response)
    assert not Study.objects.exists() and files.keys("texts") == before


def _bomb() -> bytes:
    return model_files.archive({**model_files.files(), "more": bytes(30_000_000)})


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 no archive", b"text", _bomb()], ids=["empty", "cut", "text", "bomb"]
)
def test_what_is_no_archive_of_a_model_is_refused(client: Client, alice: User, data: bytes) -> None:
    client.force_login(alice)
    response = upload(client, data)
    assert response.status_code == 422 and "This is not a model that was downloaded" in said(response)


def test_an_archive_of_something_else_is_refused(client: Client, alice: User) -> None:
    client.force_login(alice)
    for found in ({"text.txt": b"x"}, {"../../model.json": b"{}"}):
        response = upload(client, model_files.archive(found))
        assert response.status_code == 422 and "The file of this model can’t be used." in said(response)


def test_one_that_is_too_large_is_refused_with_the_limit(client: Client, alice: User, settings: Any) -> None:
    client.force_login(alice)
    settings.UPLOAD_LIMIT_BYTES, settings.MODEL_LIMIT_BYTES = 1_000_000, 1_000
    response = upload(client, model_files.archive(model_files.files()))
    assert response.status_code == 413 and "the limit here" in said(response)


def test_it_may_be_larger_than_a_text(client: Client, alice: User, settings: Any) -> None:
    client.force_login(alice)
    settings.UPLOAD_LIMIT_BYTES, settings.MODEL_LIMIT_BYTES = 1_000, 1_000_000
    assert upload(client, model_files.archive(model_files.files())).status_code == 302


def test_where_there_is_no_room_nothing_is_kept(client: Client, alice: User) -> None:
    client.force_login(alice)
    User.objects.filter(pk=alice.pk).update(stored_limit_mb=1)
    a_corpus(alice, "x y z " * 166_000)
    response = upload(client, model_files.archive(model_files.files()))
    assert response.status_code == 422 and "There is no room for it" in said(response)
    assert not Study.objects.exists()
