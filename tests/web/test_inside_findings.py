"""The pages of a model's units and memory, and of a prediction's causes."""

from typing import Any

import pytest
from django.test import Client

from tests.support.factory import LOOKED_AT, MEMORY, a_look, a_memory, a_model, begin
from tests.support.pages import said
from webapp.accounts.models import User
from webapp.inside.charts import chart
from webapp.inside.findings import _without_gaps, shade
from webapp.inside.models import Look, LookKind
from webapp.inside.views.memories import _reach
from webapp.inside.views.memory import across, gradient
from webapp.queue.models import Kind
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db
UNITS = {
    "units": [
        {
            "layer": 1,
            "unit": 36,
            "feature": "since_line_break",
            "document": None,
            "strength": 0.81,
            "positive": False,
            "example": {"text": "a\nb", "symbols": ["a", "\n", "b"], "values": [-0.9, 0.0, 0.4], "feature": [1, 0, 1]},
        }
    ],
    "tested": 480,
    "characters": 9_000,
}


@pytest.fixture
def study(client: Client, alice: User) -> Study:
    client.force_login(alice)
    study = a_model(alice)
    study.started = {"recipe": {"layers": 2, "units": 64, "cell": "lstm"}, "parameters": 60_000}
    study.save()
    return study


ASKS_BY_ITSELF = """hx-vals='{"unasked": "yes"}'"""


def made(study: Study, kind: LookKind, result: dict[str, Any]) -> Look:
    return Look.objects.create(
        owner=study.owner, study=study, kind=kind, result=result, model_sha256=study.model_sha256
    )


@pytest.mark.parametrize("kind", ["units", "memory"])
def test_it_is_measured_once_and_waited_for(kind: str, client: Client, study: Study) -> None:
    address = f"/models/{study.pk}/inside/{kind}/"
    for _ in range(2):
        asked = client.post(address)
    look = Look.objects.get()
    assert asked["Location"] == f"{address}?look={look.pk}"
    assert look.kind == kind and f'data-viewer="/looks/{look.pk}/"' in said(client.get(address))
    begin(study, Kind.LOOK).move("fail", reason="The text is too short.")
    assert "It could not be looked at. The text is too short." in said(client.get(address))


@pytest.mark.parametrize("kind", ["units", "memory"])
def test_a_model_with_voices_is_measured_in_each(kind: str, client: Client, study: Study) -> None:
    study.started = {"recipe": {"layers": 2, "units": 64, "voice_names": ["Emma", "Ulysses"]}}
    study.save()
    address = f"/models/{study.pk}/inside/{kind}/"
    result = UNITS if kind == "units" else MEMORY
    for shares in ({"voice_0": 100, "voice_1": 0}, {"voice_0": 50, "voice_1": 50}):
        client.post(address, shares)
        begin(study, Kind.LOOK).move("succeed")
    mean, emma = Look.objects.all()
    assert (emma.voices, mean.voices) == ({"Emma": 1.0}, {})
    Look.objects.update(result=result)
    page = said(client.get(address))
    assert f'href="?look={emma.pk}"><bdi>Emma</bdi>' in page and "Read in the voice" not in page
    page = said(client.get(address, {"look": emma.pk, "with": mean.pk}))
    assert "Read in the voice of <bdi>Emma</bdi>" in page and f'href="?look={mean.pk}"> In no voice' in page
    told = {"units": "unit=37&amp;value=0&amp;voice_0=100&amp;voice_1=0", "memory": "Banquo as Emma: cell state"}
    assert told[kind] in page
    assert "One of the voices has to have a share." in said(client.post(address, {"voice_0": 0, "voice_1": 0}))


def test_a_unit_is_named_with_its_strength_and_its_example(client: Client, study: Study) -> None:
    look = made(study, LookKind.UNITS, UNITS)
    page = said(client.get(f"/models/{study.pk}/inside/units/"))
    assert "unit 37 of layer 2 counts the line" in page and "r = −0.81" in page and "9,000 characters" in page
    assert '<span class="shade-low-4">a</span>' in page
    assert "?layer=2&amp;unit=37&amp;value=0" in page
    csv = client.get(f"/looks/{look.pk}/csv/").getvalue().decode().splitlines()
    assert csv == ["layer,unit,feature,r", "2,37,since_line_break,-0.81"]


def test_an_example_takes_little_room() -> None:
    symbols = ["a", "\n", "\n", "\n", "\n", "b", "\n\n\n", "c"]
    kept = "".join(symbol for symbol, _ in _without_gaps((symbol, "zero") for symbol in symbols))
    assert kept == "a\n\nb\n\nc"


def test_what_stands_back_is_counted_as_the_models_read_it(study: Study) -> None:
    letters, words = a_memory(study.owner, study), a_memory(study.owner)
    words.study.started = {"recipe": {"level": "word"}}
    counted = [across(looks) for looks in ([letters], [words], [letters, words])]
    assert counted == ["characters back", "words back", "characters or words back"]


def test_colours_are_even_on_both_sides() -> None:
    assert [shade(value) for value in (-1, -0.5, 0, 0.05, 0.5, 3)] == [
        "low-5",
        "low-2",
        "zero",
        "zero",
        "high-2",
        "high-5",
    ]


def test_memory_is_drawn_with_a_logarithm_up_and_its_numbers_are_sent(client: Client, study: Study) -> None:
    look = a_memory(study.owner, study)
    page = said(client.get(f"/models/{study.pk}/inside/memory/"))
    assert page.count("<polyline") == 3 and "cell state" in page and '<td class="number">2.00</td>' in page
    csv = client.get(f"/looks/{look.pk}/csv/").getvalue().decode().splitlines()
    assert '"gradient, cell",20,0.5' in csv and "bits per character with this much context,1,2.9999" in csv[-3]


def test_another_model_of_the_same_person_is_laid_over_it(client: Client, study: Study, bob: User) -> None:
    a_memory(study.owner, study)
    other, theirs = a_memory(study.owner, a_model(study.owner, name="Fleance")), a_memory(bob)
    address = f"/models/{study.pk}/inside/memory/"
    page = said(client.get(address, {"with": other.pk}))
    assert page.count("<polyline") == 6 and "Fleance: hidden state" in page
    assert said(client.get(address, {"with": theirs.pk})).count("<polyline") == 3


def test_the_memories_of_compared_models_lie_over_one_another(client: Client, study: Study, bob: User) -> None:
    other, theirs = a_model(study.owner, name="Fleance"), a_memory(bob)
    numbers = [study.pk, other.pk, theirs.study_id]
    compared = said(client.get("/models/compare/", {"study": numbers[:2]}))
    address = f"/memories/?study={numbers[0]}&study={numbers[1]}&study={numbers[2]}"
    assert f'hx-get="/memories/?study={numbers[0]}&amp;study={numbers[1]}"' in compared
    by_button, unasked = said(client.get(address)), said(client.get(f"{address}&measure=yes"))
    assert "Measure how far they remember" in by_button and "hx-vals" not in by_button
    assert ASKS_BY_ITSELF in unasked, "it is sent as soon as it is shown"
    for _ in range(2):
        shown = " ".join(said(client.post(address)).split())
        assert 'data-poll="500"' in shown and "The memory of <bdi>Fleance</bdi> is measured. Waiting" in shown
    assert Look.objects.filter(owner=study.owner).count() == 2
    for one in (study, other):
        begin(one, Kind.LOOK).move("succeed")
    Look.objects.update(result=MEMORY)
    page = said(client.get(address))
    assert page.count("<polyline") == 6 and "data-poll" not in page and "Measure" not in page
    assert "Fleance: more than 20." in page and "The memory of Banquo and Fleance:" in page
    other.looks.all().delete()
    client.post(address)
    begin(other, Kind.LOOK).move("fail", reason="The text is too short.")
    failed = said(client.get(f"{address}&measure=yes"))
    assert "Fleance: It could not be looked at. The text is too short." in failed and ASKS_BY_ITSELF not in failed


def test_a_model_that_was_trained_again_is_measured_by_itself_whatever_failed_before(
    client: Client, study: Study
) -> None:
    other = a_model(study.owner, name="Fleance")
    address = f"/memories/?study={study.pk}&study={other.pk}&measure=yes"
    client.post(address, {"unasked": "yes"})
    for one in (study, other):
        begin(one, Kind.LOOK).move("fail", reason="It stopped.")
    assert ASKS_BY_ITSELF not in said(client.get(address))
    Study.objects.filter(pk=other.pk).update(model_sha256="cd" * 32)
    again = said(client.get(address))
    assert ASKS_BY_ITSELF in again and "Banquo: It could not be looked at. It stopped." in again
    asked = said(client.post(address, {"unasked": "yes"}))
    assert "The memory of <bdi>Fleance</bdi> is measured" in " ".join(asked.split())
    assert [look.study_id for look in Look.objects.filter(job__state="queued")] == [other.pk]
    client.post(address)
    assert Look.objects.filter(job__state="queued").count() == 2, "the button asks for all"


def test_a_chart_grows_with_its_lines_and_a_gradient_has_a_reach(study: Study) -> None:
    charts = [chart([(str(number), [(0, 1), (1, 2)]) for number in range(count)]) for count in (2, 4, 8)]
    heights = [found.height for found in charts if found]
    assert heights[0] == heights[1] < heights[2]
    look = a_memory(study.owner, study)
    look.result = {"gradient": {"hidden": [[0, 1.0], [1, 0.01], [2, 1e-5]], "cell": None}}
    assert _reach(look) == "2"


def test_a_line_ends_where_nothing_is_left_of_the_gradient(study: Study) -> None:
    looks = [a_memory(study.owner, study), a_memory(study.owner, a_model(study.owner, name="Fleance"))]
    looks[1].result = {"gradient": {"hidden": [[0, 1.0], [50, 1e-5], [100, 1e-40]], "cell": None}}
    found = gradient(looks)
    assert found and [line.points.count(",") for line in found.lines] == [3, 2, 3]
    assert found.y.low == 1e-5


def test_a_chart_has_equal_steps_for_equal_factors() -> None:
    found = chart([("sizes", [(0, 1.0), (1, 0.1), (2, 0.01), (3, 0.0)])], log_y=True)
    assert found
    heights = [float(point.split(",")[1]) for point in found.lines[0].points.split()]
    assert len(heights) == 3 and heights[1] - heights[0] == pytest.approx(heights[2] - heights[1], abs=0.2)
    assert [text for text, _ in found.y.ticks()] == ["0.01", "0.1", "1"]
    assert chart([("one point", [(0, 1.0)])]) is None


def test_a_prediction_is_asked_about_by_its_place(client: Client, study: Study) -> None:
    address = f"/looks/{a_look(study.owner, study).pk}/attribution/"
    answer = client.post(address, {"place": 4}).json()
    look = Look.objects.get(kind=LookKind.ATTRIBUTION)
    assert answer == {"address": f"/looks/{look.pk}/"} and (look.text, look.place) == (LOOKED_AT, 4)
    assert client.post(address, {"place": 4}).json() == answer
    assert client.post(address, {"place": 5}).json() != answer
    assert "sentence" in client.post(address, {"place": 0}).json()
    assert Look.objects.filter(kind=LookKind.ATTRIBUTION).count() == 2
