"""Units of a model that are held: the rows of the form, the two requests, and what is written on from there."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.support.factory import a_model
from tests.support.pages import said
from trainer.contract.held_units import MOST
from webapp.accounts.models import User
from webapp.passages import services as passages
from webapp.passages.models import Passage
from webapp.queue.models import Job, Kind
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db
ONE = {"layer": 2, "unit": 37, "value": -1}
OTHER = {"layer": 1, "unit": 5, "value": 0.25}
HELD = [{"layer": 1, "unit": 36, "value": -1.0}, {"layer": 0, "unit": 4, "value": 0.25}]


@pytest.fixture
def study(client: Client, alice: User) -> Study:
    client.force_login(alice)
    study = a_model(alice)
    study.started = {"recipe": {"layers": 2, "units": 64, "cell": "lstm"}, "parameters": 60_000}
    study.save()
    return study


def rows(*units: dict[str, Any]) -> dict[str, Any]:
    """Return what the rows of units send."""
    sent = {"held-TOTAL_FORMS": len(units), "held-INITIAL_FORMS": len(units)}
    return sent | {f"held-{n}-{name}": value for n, unit in enumerate(units) for name, value in unit.items()}


def touched(client: Client, study: Study, *units: dict[str, Any], **fields: Any) -> Any:
    choices = {"prompt": "Out, ", "length": 80, "temperature": 0.8, "seed": 7}
    return client.post(f"/models/{study.pk}/inside/touch/", choices | rows(*units) | fields)


def held_passage() -> Passage:
    return Passage.objects.exclude(held=[]).latest("pk")


def test_held_units_write_beside_the_untouched_model(client: Client, study: Study) -> None:
    response = touched(client, study, ONE, OTHER)
    untouched, held = Job.objects.filter(kind=Kind.WRITE).order_by("pk")
    assert response["Location"] == f"/passages/compare/?requests={untouched.pk},{held.pk}"
    one, other = untouched.passages.get(), held.passages.get()
    assert (one.held, other.held) == ([], HELD)
    assert (one.seed, one.prompt, one.sampling) == (other.seed, other.prompt, other.sampling)
    page = said(client.get(response["Location"]))
    assert "One model, untouched and held" in page
    assert "Unit 37 of layer 2 held at -1, unit 5 of layer 1 held at 0.25" in page
    again = client.get(f"/models/{study.pk}/inside/touch/?passage={other.pk}")
    assert f'href="/models/{study.pk}/inside/touch/?passage={other.pk}"' in page
    assert [row.initial for row in again.context["units"]] == [ONE, OTHER]
    assert again.context["form"]["seed"].value() == 7


def test_what_is_held_is_told_with_the_passage_and_written_again_so(client: Client, study: Study) -> None:
    touched(client, study, ONE | {"value": 0})
    passage = held_passage()
    assert "unit 37 of layer 2 silenced" in said(client.get(passage.get_absolute_url()))
    assert passages.write_again(passage).passages.get().held == passage.held


def test_a_form_that_is_sent_twice_counts_once(client: Client, study: Study) -> None:
    submission = "6f1c1a86-6f0a-4a1e-9a37-6f1f2d7b6c11"
    first, second = (touched(client, study, ONE, submission=submission)["Location"] for _ in range(2))
    assert first == second


@pytest.mark.parametrize("wrong", [{"unit": 65}, {"layer": 3}, {"value": 2}, {"unit": 0}, {"unit": ""}])
def test_what_the_model_does_not_have_cannot_be_held(wrong: dict[str, Any], client: Client, study: Study) -> None:
    assert touched(client, study, OTHER, ONE | wrong).status_code == 422
    assert not Passage.objects.exists()


def test_a_unit_is_held_once_and_sixteen_at_most(client: Client, study: Study) -> None:
    assert "Unit 37 of layer 2 stands here twice: hold each once." in said(touched(client, study, ONE, OTHER, ONE))
    many = [{"layer": 1, "unit": unit, "value": 0} for unit in range(1, MOST + 2)]
    assert touched(client, study, *many).status_code == touched(client, study).status_code == 422
    assert not Passage.objects.exists()
    assert "Hold one more" not in said(touched(client, study, *many[:-1], prompt="x" * 2_001))
    assert touched(client, study, *many[:-1]).status_code == 302
    assert len(held_passage().held) == MOST


def test_rows_come_and_go_and_what_was_typed_stays(client: Client, study: Study) -> None:
    more = touched(client, study, ONE, {"layer": 1, "unit": "", "value": "none"}, add="1")
    sent = [row.initial for row in more.context["units"]]
    assert [(row["unit"], row["value"]) for row in sent] == [("37", "-1"), ("", "none"), ("", 0)]
    assert more.context["form"]["seed"].value() == "7"
    assert re.search(r'name="held-2-unit"[^>]* autofocus', said(more))
    less = touched(client, study, ONE, OTHER, remove="0")
    assert [row.initial["unit"] for row in less.context["units"]] == ["5"]
    assert "Let go of it" not in said(less) and re.search(r'name="add"[^>]* autofocus', said(less))
    assert not Passage.objects.exists()


# Written on from there --------------------------------------------------------------------------------------------

CHOICES = {"prompt": "Out", "length": "300", "temperature": "0.8", "passages": "1", "seed": "9"}


def boxes(response: Any) -> list[str]:
    return re.findall(r'<input type="checkbox" name="held" value="([^"]*)"[^>]* checked>', said(response))


def test_what_is_written_on_from_such_a_passage_holds_the_same(client: Client, study: Study) -> None:
    touched(client, study, ONE, OTHER)
    first = held_passage()
    desk = f"/passages/write/{study.pk}/"
    page = client.get(f"{desk}?request={first.job_id}")
    assert boxes(page) == ["1:36=-1", "0:4=0.25"] and "Unit 5 of layer 1 held at 0.25" in said(page)
    sent = client.post(desk, {**CHOICES, "held": ["", *boxes(page)], "goes_on_from": first.pk})
    assert held_passage().held == HELD and held_passage().goes_on_from == first
    assert parse_qs(urlsplit(sent["Location"]).query)["held"] == ["1:36=-1,0:4=0.25"]
    assert boxes(client.get(sent["Location"])) == boxes(page)
    assert boxes(client.post(desk, {**CHOICES, "length": "0", "held": boxes(page)})) == boxes(page)


def test_a_unit_whose_box_is_empty_is_free_again(client: Client, study: Study) -> None:
    touched(client, study, ONE, OTHER)
    desk = f"/passages/write/{study.pk}/"
    client.post(desk, {**CHOICES, "held": ["", "0:4=0.25"]})
    assert held_passage().held == HELD[1:]
    assert boxes(client.get(f"{desk}?request={held_passage().job_id}&held=")) == []
    client.post(desk, {**CHOICES, "held": [""]})
    assert Passage.objects.latest("pk").held == []


@pytest.mark.parametrize("wrong", ["2:0=1", "0:64=1", "0:1=2", "none", "0:1=1" + ",0:1=1" * MOST])
def test_the_desk_holds_only_what_the_model_has(wrong: str, client: Client, study: Study) -> None:
    assert client.post(f"/passages/write/{study.pk}/", {**CHOICES, "held": wrong}).status_code == 422
    assert client.get(f"/passages/write/{study.pk}/", {"held": wrong}).status_code == 200
    assert not Passage.objects.exists()
