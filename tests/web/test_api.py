"""The interface for programs: every operation for its owner, somebody else and nobody; the one form of its errors."""

import functools
import io
import json
import zipfile
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support import model_files
from tests.support.api import LINK_KEY, Owned, Program
from tests.support.factory import TEXT, a_corpus, a_study, begin
from webapp.accounts import tokens
from webapp.accounts.models import User
from webapp.api import events
from webapp.api.interface import api
from webapp.corpora.models import Corpus
from webapp.files import OutOfReach
from webapp.passages.models import Passage
from webapp.queue.models import Job, Kind
from webapp.studies import services

pytestmark = pytest.mark.django_db

#: what is sent to an operation that needs a body
BODIES: dict[str, Any] = {
    "change_corpus": {"name": "Hamlet", "lowercase": True},
    "rename_model": {"name": "Fleance"},
    "extract": {},
    "arrange_document": {"weight": 2.0},
    "take_documents": {"documents": ["document"]},
    "train": {"corpus": "corpus", "recipe": "quick", "minutes": 1},
    "train_further": {"epochs": 1},
    "train_again": {"recipe": "quick", "units": 32},
    "write": {"prompt": "Out, ", "length": 50, "temperature": 0.5, "passages": 2},
    "compare": {"models": ["model", "other_model"], "length": 50},
    "change_passage": {"title": "Candle", "starred": True},
    "treat_corpus": {"switches": ["quotes"], "characters": {"é": "e"}},
    "treat_document": {"switches": ["dashes"]},
    "preview_edit": {"text": "Duncan", "sha256": "sha256", "start": 0, "end": 3},
    "edit_document": {"text": "Duncan", "sha256": "sha256", "start": 0, "end": 3},
    "look": {"kind": "gates", "text": "Out, out"},
    "touch": {"held": [{"unit": 2, "value": -1}], "prompt": "Out, ", "length": 50},
    "draw_course": {"text": "Out, out, brief candle"},
    "make_group": {"name": "4b"},
    "join_group": {"key": LINK_KEY},
    "share": {"kind": "corpus", "thing": "corpus", "may_edit": True},
    "make_link": {"places": 3, "days": 2},
}
FORMS: dict[str, Any] = {"add_corpus": {"pasted": TEXT}, "add_documents": {"pasted": "Another text. " * 20}}
#: the rest of an address
QUERIES = {
    "list_recipes": "?corpus={corpus}&base={model}",
    "compare_models": "?model={model}&model={other_model}",
    "get_encoding": "?encoding=cp850",
}
#: operations that name nothing that somebody else could have
OWN = {
    *("get_account", "list_corpora", "add_corpus", "add_sample", "list_models", "list_passages", "upload_model"),
    *("list_uploads", "train_sample", "list_groups", "make_group", "join_group"),
}


def operations() -> dict[str, tuple[str, str]]:
    """Return the method and the path of every operation, by the name of its function."""
    found = {}
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                found[operation.view_func.__name__] = (operation.methods[0], prefix + path.replace("{int:", "{"))
    return found


OPERATIONS = operations()


def filled(body: Any, owned: Owned) -> Any:
    """Return a body in which the names of things are their numbers."""
    if isinstance(body, dict):
        return {name: filled(value, owned) if name != "kind" else value for name, value in body.items()}
    if isinstance(body, list):
        return [filled(value, owned) for value in body]
    return getattr(owned, body) if body in ("corpus", "document", "model", "other_model", "sha256") else body


def go(name: str, owned: Owned, program: Program) -> Any:
    """Ask for an operation, with what its owner would send."""
    method, path = OPERATIONS[name]
    numbers = {"end_share": owned.share, "withdraw_link": owned.link}
    named = {"number": numbers.get(name, 0), "member": owned.member, "document": owned.document}
    place = path.format(pk=owned.of(f"/api/v1{path}"), **named)
    address = place + QUERIES.get(name, "").format(**vars(owned))
    if name == "upload_model":
        data = model_files.archive(model_files.files())
        return program.send(address, {"archive": SimpleUploadedFile("banquo.zip", data)})
    if name in FORMS:
        return program.send(address, FORMS[name])
    return program.ask(method, address, filled(BODIES[name], owned) if name in BODIES else None)


@functools.cache
def _described() -> Any:
    return api.get_openapi_schema()["paths"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_its_owner_gets_what_the_description_says(name: str, owned: Owned, program: Program) -> None:
    if name == "resume_training":
        Job.objects.filter(study=owned.model, kind=Kind.TRAIN).update(state="cancelled")
    if name == "forget_upload":
        Job.objects.filter(extraction=owned.upload).update(state="failed")
    if name == "leave_group":  # its owner can't
        _token, secret = tokens.make(User.objects.get(username="macduff"), "Macduff's", False)
        program = Program(secret)
    response = go(name, owned, program)
    content = response.getvalue() if response.streaming else response.content
    assert 200 <= response.status_code < 300, content
    method, path = OPERATIONS[name]
    responses = _described()[f"/api/v1{path}"][method.lower()]["responses"]
    assert response.status_code in responses
    kinds = set(responses[response.status_code].get("content", {}))
    assert not kinds or response["Content-Type"].partition(";")[0] in kinds


def test_somebody_else_gets_a_404(owned: Owned, bob: User) -> None:
    _token, secret = tokens.make(bob, "Bob's", False)
    found = {name: go(name, owned, Program(secret)) for name in set(OPERATIONS) - OWN}
    assert {name: response.status_code for name, response in found.items() if response.status_code != 404} == {}
    assert {response["Content-Type"] for response in found.values()} == {"application/problem+json"}
    told = "".join(response.content.decode() for response in found.values())
    assert "Macbeth" not in told and "Banquo" not in told


def test_nobody_gets_anything(owned: Owned) -> None:
    found = {name: go(name, owned, Program("understudy_wrong")) for name in OPERATIONS}
    assert {name: response.status_code for name, response in found.items()} == dict.fromkeys(OPERATIONS, 401)
    assert {response["Content-Type"] for response in found.values()} == {"application/problem+json"}


def test_lists_show_nothing_of_somebody_else(owned: Owned, bob: User) -> None:
    _token, secret = tokens.make(bob, "Bob's", False)
    for path in ("/corpora", "/models", "/passages"):
        assert Program(secret).ask("GET", path).json()["items"] == []


# What operations do ----------------------------------------------------------------------------------------------


def test_a_corpus_is_made_of_files_and_says_what_it_left_out(alice: User, program: Program) -> None:
    sent = [SimpleUploadedFile("play.txt", TEXT.encode()), SimpleUploadedFile("empty.txt", b"")]
    response = program.send("/corpora", {"documents": sent, "name": "Play"})
    corpus = response.json()
    assert (response.status_code, corpus["name"], corpus["characters"]) == (201, "Play", len(TEXT))
    assert [left["name"] for left in corpus["left_out"]] == ["empty.txt"]
    (place,) = program.ask("GET", f"/corpora/{corpus['id']}/documents").json()["items"]
    document = place["document"]
    assert (place["number"], place["weight"], document["corpora"]) == (1, 1.0, [corpus["id"]])
    part = program.ask("GET", f"/documents/{document['id']}/text?at=10&length=5").json()
    assert part == {"text": TEXT[10:15], "at": 10, "characters": len(TEXT)}
    original = program.ask("GET", f"/documents/{document['id']}/original")
    assert original.getvalue() == TEXT.encode()


def test_what_takes_a_while_is_read_by_a_worker(owned: Owned, program: Program) -> None:
    book = SimpleUploadedFile("book.docx", b"PK\3\4")
    for path in ("/corpora", f"/corpora/{owned.corpus}/documents"):
        response = program.send(path, {"documents": book})
        upload = response.json()
        assert (response.status_code, upload["state"], upload["over"], upload["total"]) == (202, "queued", False, 1)
        assert program.ask("DELETE", f"/uploads/{upload['id']}").status_code == 409
        assert program.ask("POST", f"/uploads/{upload['id']}/stop").json()["state"] == "cancelled"
        assert program.ask("DELETE", f"/uploads/{upload['id']}").status_code == 204
        assert program.ask("GET", f"/uploads/{upload['id']}").status_code == 404
        book.seek(0)


def test_documents_are_arranged_taken_and_removed(alice: User, owned: Owned, program: Program) -> None:
    other = a_corpus(alice, text="Another text. " * 100, name="Other")
    document = other.documents.get()
    place = f"/corpora/{owned.corpus}/documents"
    assert program.ask("POST", f"{place}/take", {"documents": [document.pk]}).json()["documents"] == 2
    assert program.ask("POST", f"{place}/take", {"documents": [999_999]}).status_code == 404
    moved = program.ask("PATCH", f"{place}/{document.pk}", {"number": 1, "weight": 0.5}).json()["items"]
    assert [(one["number"], one["weight"], one["document"]["id"]) for one in moved] == [
        (1, 0.5, document.pk),
        (2, 1.0, owned.document),
    ]
    assert program.ask("PATCH", f"{place}/{document.pk}", {"weight": 1000}).status_code == 422
    assert program.ask("DELETE", f"{place}/{document.pk}").status_code == 204
    assert program.ask("DELETE", f"{place}/{document.pk}").status_code == 404
    assert program.ask("GET", f"/documents/{document.pk}").json()["corpora"] == [other.pk]


def test_what_cannot_be_read_is_a_problem_with_a_sentence_for_each_file(program: Program) -> None:
    response = program.send("/corpora", {"documents": SimpleUploadedFile("empty.txt", b"")})
    problem = response.json()
    assert response.status_code == 422 and problem["title"] == "Unprocessable Entity"
    assert [error["field"] for error in problem["errors"]] == ["empty.txt"]


def test_a_request_that_is_sent_twice_with_one_key_makes_one_thing(owned: Owned, program: Program) -> None:
    key = str(uuid4())
    wanted = {"corpus": owned.corpus, "recipe": "quick"}
    models = {program.ask("POST", "/models", wanted, **{"Idempotency-Key": key}).json()["id"] for _ in range(2)}
    write = f"/models/{owned.model}/passages", {"length": 30}
    requests = {program.ask("POST", *write, **{"Idempotency-Key": key}).json()["id"] for _ in range(2)}
    corpora = {program.send("/corpora", {"pasted": TEXT}, **{"Idempotency-Key": key}).json()["id"] for _ in range(2)}
    assert len(models) == len(requests) == len(corpora) == 1


def test_training_takes_the_choices_of_the_page_with_their_limits(owned: Owned, program: Program) -> None:
    model = program.ask("POST", "/models", {"corpus": owned.corpus, "recipe": "best", "units": 64}).json()
    assert model["recipe"] == {"recipe": "best", "units": 64}
    assert model["name"] == "Macbeth, Best"
    assert model["training"]["state"] == "queued" and model["training"]["can"] == ["stop"]
    for wrong in ({"units": 7}, {"units": "many"}, {"minutes": 1, "epochs": 1}, {"recipe": "other"}, {"unit": 64}):
        response = program.ask("POST", "/models", {"corpus": owned.corpus, **wrong})
        assert response.status_code == 422, wrong
        assert response.json()["detail"]


def test_a_model_learns_another_text_and_keeps_its_network(owned: Owned, program: Program) -> None:
    wanted = {"corpus": owned.corpus, "base": owned.model, "recipe": "quick"}
    assert program.ask("POST", "/models", wanted).json()["before"][0]["model"] == "Banquo"
    response = program.ask("POST", "/models", {**wanted, "units": 64})
    assert response.status_code == 422 and response.json()["errors"][0]["field"] == "units"
    assert program.ask("POST", "/models", {**wanted, "recipe": "tutorial"}).status_code == 422


def test_a_limit_is_a_conflict_with_the_pages_sentence(alice: User, owned: Owned, program: Program) -> None:
    User.objects.filter(pk=alice.pk).update(waiting_limit=1)
    assert program.ask("POST", "/models", {"corpus": owned.corpus}).status_code == 201
    response = program.ask("POST", "/models", {"corpus": owned.corpus})
    assert response.status_code == 409
    assert response.json()["detail"].startswith("You have 1 training waiting, and no more are allowed.")


def test_what_is_not_possible_now_is_a_conflict(alice: User, owned: Owned, program: Program) -> None:
    waiting = a_study(alice, Corpus.objects.get(pk=owned.corpus))
    for path, body in (("/passages", {}), ("/further", {"minutes": 1}), ("/resume", None)):
        assert program.ask("POST", f"/models/{waiting.pk}{path}", body).status_code == 409, path
    assert program.ask("GET", f"/models/{waiting.pk}/download").status_code == 409


def test_passages_have_the_pages_settings_and_its_defaults(owned: Owned, program: Program) -> None:
    request = program.ask("POST", f"/models/{owned.model}/passages", {"prompt": "Out, ", "passages": 2}).json()
    assert [passage["index"] for passage in request["passages"]] == [0, 1]
    settings = request["passages"][0]["settings"]
    assert settings.pop("seed") < 1_000_000
    sampling = {"temperature": 0.8, "top_k": 0, "top_p": 1.0, "penalty": 0.0, "counting": 0.0}
    assert settings == {"length": 600, "unit": "characters", **sampling, "voices": {}}
    for wrong in ({"temperature": 3}, {"length": 0}, {"unit": "pages"}, {"length": 100_000, "passages": 8}):
        assert program.ask("POST", f"/models/{owned.model}/passages", wrong).status_code == 422, wrong


def test_passages_are_searched_starred_shared_and_deleted(owned: Owned, program: Program) -> None:
    place = f"/passages/{owned.passage}"
    assert program.ask("PATCH", place, {"starred": True, "title": "  The\ncandle "}).json()["title"] == "The candle"
    found = program.ask("GET", f"/passages?q=candle&starred=true&model={owned.model}").json()
    assert [(one["id"], one["beginning"]) for one in found["items"]] == [(owned.passage, "brief candle! Life's but")]
    assert program.ask("GET", "/passages?q=candle&starred=true&model=999999").status_code == 404
    link = program.ask("POST", f"{place}/share").json()["link"]
    assert Client().get(link.partition("testserver")[2]).status_code == 200
    assert program.ask("DELETE", f"{place}/share").status_code == 204
    assert not Passage.objects.get(pk=owned.passage).share_key
    assert program.ask("DELETE", place).status_code == 204 and not Passage.objects.filter(pk=owned.passage).exists()


def test_a_model_travels_through_it(owned: Owned, program: Program, bob: User) -> None:
    data = program.ask("GET", f"/models/{owned.model}/download").getvalue()
    assert "banquo/weights.safetensors" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    _token, secret = tokens.make(bob, "Bob's", False)
    sent = {"archive": SimpleUploadedFile("model.zip", data), "name": "Travelled"}
    model = Program(secret).send("/models/upload", sent).json()
    assert (model["name"], model["uploaded"], model["corpus"]) == ("Travelled", True, None)
    assert model["training"]["can"] == ["another_text"]
    refused = Program(secret).send("/models/upload", {"archive": SimpleUploadedFile("model.zip", b"no")})
    assert refused.status_code == 422 and refused["Content-Type"] == "application/problem+json"


def test_lists_come_in_pages(alice: User, program: Program) -> None:
    for number in range(3):
        a_corpus(alice, name=f"Text {number}")
    page = program.ask("GET", "/corpora?page=2&size=3").json()
    assert [corpus["name"] for corpus in page["items"]] == ["Old", "Macbeth"]
    assert (page["count"], page["page"], page["pages"]) == (5, 2, 2)
    assert program.ask("GET", "/corpora?page=9").json()["items"] == []
    assert program.ask("GET", "/corpora?size=1000").status_code == 422


# The stream of events --------------------------------------------------------------------------------------------


def heard(response: Any) -> list[tuple[str, str, Any]]:
    """Return id, kind and data of each event of a stream, which is read to its end."""
    blocks = response.getvalue().decode().split("\n\n")
    found = [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks if "data: " in block]
    return [(one["id"], one["event"], json.loads(one["data"])) for one in found]


def test_a_training_is_followed_by_events_and_nothing_comes_twice(owned: Owned, program: Program) -> None:
    response = program.ask("GET", f"/models/{owned.model}/events")
    assert response["Content-Type"] == "text/event-stream"
    found = heard(response)
    assert [kind for _, kind, _ in found] == ["point", "point", "sample", "training"]
    assert found[0][2]["step"] == 20 and found[2][2] == {"step": 20, "text": "Out, out", "voice": ""}
    assert found[-1][2]["state"] == "succeeded" and found[-1][2]["over"]
    again = heard(program.ask("GET", f"/models/{owned.model}/events", **{"Last-Event-ID": found[-1][0]}))
    assert [kind for _, kind, _ in again] == ["training"]


def test_a_stream_ends_when_its_time_is_over_or_its_model_is_deleted(
    alice: User, owned: Owned, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_EACH_SECONDS", 0.0)
    monkeypatch.setattr(events, "SECONDS", 0.0)
    study = a_study(alice, Corpus.objects.get(pk=owned.corpus))
    begin(study)
    assert [data["state"] for _, _, data in heard(program.ask("GET", f"/models/{study.pk}/events"))] == ["running"]
    monkeypatch.setattr(events, "SECONDS", 3600.0)
    response = program.ask("GET", f"/models/{study.pk}/events")
    parts = iter(response.streaming_content)
    assert b"retry" in next(parts) and b"running" in next(parts)
    services.delete(study)
    assert not [part for part in parts if b"point" in part]


def test_few_streams_are_open_at_a_time(owned: Owned, program: Program) -> None:
    opened = [program.ask("GET", f"/models/{owned.model}/events") for _ in range(events.AT_ONCE)]
    refused = program.ask("GET", f"/models/{owned.model}/events")
    assert refused.status_code == 503 and "poll" in refused.json()["detail"]
    for response in opened:
        assert heard(response)
    assert heard(program.ask("GET", f"/models/{owned.model}/events"))


# Errors ----------------------------------------------------------------------------------------------------------


def test_every_error_has_one_form(owned: Owned, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [
        ("GET", "/nothing", None, 404),
        ("PUT", "/corpora", None, 405),
        ("POST", "/models", "text", 422),
        ("GET", f"/models/{10**30}", None, 404),
    ]
    for method, path, body, status in cases:
        response = program.ask(method, path, body)
        problem = response.json()
        assert (response.status_code, problem["status"], problem["type"]) == (status, status, "about:blank"), path
        assert response["Content-Type"] == "application/problem+json" and problem["detail"] and problem["title"]
    broken = program._client.generic("POST", "/api/v1/models", "{", "application/json", headers=owned.headers)
    assert broken.status_code == 400 and broken["Content-Type"] == "application/problem+json"
    assert program.ask("PUT", "/corpora")["Allow"]
    elsewhere = program._client.get("/api/v1/account", headers={**owned.headers, "host": "elsewhere.example"})
    assert elsewhere.status_code == 400 and elsewhere["Content-Type"] == "application/problem+json"

    def fail(*_: Any) -> None:
        raise OutOfReach("the storage is away")

    monkeypatch.setattr("webapp.studies.services.exporting._pack", fail)
    assert program.ask("GET", f"/models/{owned.model}/download").status_code == 503
    monkeypatch.setattr("webapp.api.shown.account", lambda owner: 1 / 0)
    failed = program.ask("GET", "/account")
    assert failed.status_code == 500 and "logged" in failed.json()["detail"]


def test_the_documentation_lists_all_operations_and_loads_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/api/v1/documentation/").content.decode()
    for method, path in OPERATIONS.values():
        assert f'<span class="method">{method}</span> <code>/api/v1{path}</code>' in page
    assert "http://" not in page and "https://" not in page and "Memory cells in each layer" in page
    described = client.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1") and "Problem" in described["components"]["schemas"]
