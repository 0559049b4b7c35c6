"""The interface for programs, inside models: looks, their arrays, held units, the course; models side by side."""

import struct

import pytest
from django.test import Client

from tests.support.api import Owned, Program
from tests.support.factory import MEMORY, a_corpus, a_memory, a_model, a_study
from webapp.accounts.models import User
from webapp.inside.models import Look, LookKind
from webapp.passages.models import Passage
from webapp.queue.models import Job, Kind
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db


def test_a_look_is_queued_once_and_told_with_its_arrays(owned: Owned, program: Program) -> None:
    wanted = {"kind": "gates", "text": "Out, damned spot"}
    queued = program.ask("POST", f"/models/{owned.model}/looks", wanted).json()
    assert (queued["over"], queued["sentence"]) == (False, "Waiting for the process that looks inside.")
    assert program.ask("POST", f"/models/{owned.model}/looks", wanted).json()["id"] == queued["id"]
    assert Job.objects.filter(kind=Kind.LOOK, state="queued").count() == 1
    made = program.ask("GET", f"/looks/{owned.look}").json()
    assert made["ready"] and made["result"]["cell"] == "lstm" and "arrays" not in made["result"]
    array = made["arrays"][1]
    numbers = program.ask("GET", f"/looks/{owned.look}/arrays/1").content
    rows, units = array["shape"]
    assert array["name"] == "cell" and struct.unpack(f"<{rows * units}f", numbers)[0] == rows * units
    assert program.ask("GET", f"/looks/{owned.look}/arrays/99").status_code == 404
    listed = program.ask("GET", f"/models/{owned.model}/looks").json()["items"]
    assert [one["id"] for one in listed] == [queued["id"], owned.look]


def test_looks_have_the_limits_of_the_page(alice: User, owned: Owned, program: Program) -> None:
    for wrong in ({"kind": "soul"}, {"kind": "gates"}, {"kind": "attribution", "text": "Out"}):
        assert program.ask("POST", f"/models/{owned.model}/looks", wrong).status_code == 422, wrong
    without = a_model(alice)
    Study.objects.filter(pk=without.pk).update(documents=[], uploaded=True)
    assert program.ask("POST", f"/models/{without.pk}/looks", {"kind": "memory"}).status_code == 409
    waiting = a_study(alice)
    assert program.ask("POST", f"/models/{waiting.pk}/looks", {"kind": "units"}).status_code == 409


def test_units_are_told_in_words(alice: User, program: Program) -> None:
    look = a_memory(alice)
    example = {"symbols": ["O"], "values": [1.0]}
    unit = {"layer": 0, "unit": 36, "feature": "inside_quotes", "strength": 0.9, "positive": False, "example": example}
    Look.objects.filter(pk=look.pk).update(kind=LookKind.UNITS, result={"units": [unit]})
    (found,) = program.ask("GET", f"/looks/{look.pk}").json()["findings"]
    sentence = "unit 37 of layer 1 knows when it is inside quotation marks"
    assert found == {"layer": 1, "unit": 37, "sentence": sentence, "r": -0.9}


def test_a_unit_is_held_beside_the_untouched_model(owned: Owned, program: Program) -> None:
    address, units = f"/models/{owned.model}/touch", [{"unit": 2, "value": -1}, {"unit": 5}]
    untouched, held = program.ask("POST", address, {"held": units, "length": 40}).json()
    rows = [Passage.objects.get(pk=one["passages"][0]["id"]) for one in (untouched, held)]
    assert rows[0].seed == rows[1].seed and not rows[0].held
    assert rows[1].held == [{"layer": 0, "unit": 1, "value": -1.0}, {"layer": 0, "unit": 4, "value": 0.0}]
    for wrong, field in (([{"unit": 1000}], "unit"), ([{"unit": 2}, {"unit": 2}], "held")):
        refused = program.ask("POST", address, {"held": wrong})
        assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == field


def test_the_course_is_drawn_shared_and_taken_back(alice: User, owned: Owned, program: Program) -> None:
    address = f"/models/{owned.model}/course"
    assert program.ask("GET", address).json() == {"model": owned.model, "gates": None, "memory": None, "link": ""}
    drawn = program.ask("POST", address, {"text": "Out, out"}).json()
    assert drawn["gates"]["text"] == "Out, out" and drawn["memory"]["kind"] == "memory"
    assert program.ask("POST", address, {"text": "x" * 161}).status_code == 422
    link = program.ask("POST", f"{address}/share").json()["link"]
    assert Client().get(link.partition("testserver")[2]).status_code == 200
    assert program.ask("GET", address).json()["link"] == link
    assert program.ask("DELETE", f"{address}/share").status_code == 204
    assert program.ask("GET", address).json()["link"] == ""


def test_memory_is_told_as_the_trainer_measured_it(alice: User, program: Program) -> None:
    assert program.ask("GET", f"/looks/{a_memory(alice).pk}").json()["result"] == MEMORY


def test_models_are_laid_side_by_side(alice: User, owned: Owned, program: Program) -> None:
    Study.objects.filter(pk=owned.other_model).update(recipe={"recipe": "quick", "units": 64})
    found = program.ask("GET", f"/models/compared?model={owned.model}&model={owned.other_model}").json()
    assert [one["model"]["id"] for one in found["models"]] == [owned.model, owned.other_model]
    assert found["models"][0]["sample"] == "Out, out" and "Units in each layer" in [
        row["name"] for row in found["differences"]
    ]
    Study.objects.filter(pk=owned.model).update(started={"recipe": {"units": 128, "embedding": 64}})
    found = program.ask("GET", f"/models/compared?model={owned.model}&model={owned.other_model}").json()
    names = [row["name"] for row in found["differences"]]
    assert names == ["Units in each layer"], "what is not chosen yet is no difference"
    assert program.ask("GET", f"/models/compared?model={owned.model}&model={owned.model}").status_code == 422
    assert program.ask("GET", f"/models/compared?model={owned.model}").status_code == 422
    assert program.ask("GET", f"/models/compared?model={owned.model}&model=999999").status_code == 404
    elsewhere = a_model(alice, corpus=a_corpus(alice, text="Another text. " * 100))
    other = program.ask("GET", f"/models/compared?model={owned.model}&model={elsewhere.pk}").json()
    assert other["finding"].startswith("They learned different texts")


def test_the_sample_is_trained_once(program: Program) -> None:
    models = [program.ask("POST", "/models/sample").json() for _ in range(2)]
    assert models[0]["id"] == models[1]["id"] and models[0]["training"]["state"] == "queued"
