"""The figure of a finished model: every page shows the same one, and the samples of the same weights."""

import re

import pytest
from django.test import Client

from tests.support.events import record
from tests.support.factory import SCORE, a_corpus, a_model, a_study, begin
from webapp.accounts.models import User
from webapp.queue.models import Job, State
from webapp.studies.models import HistoryPoint, Sample, Study

pytestmark = pytest.mark.django_db
BIT = 0.6931472
WHOLE = {"carried": 1.92 * BIT, "cold": 3 * BIT}


@pytest.fixture(autouse=True)
def _logged_in(client: Client, alice: User) -> None:
    client.force_login(alice)


def scored(whole: dict[str, float | None]) -> dict[str, object]:
    held_out = {**SCORE["held_out"], "whole": whole}  # type: ignore[dict-item]
    return {"event": "finished", "best_step": 40, "score": {**SCORE, "held_out": held_out}}


def learned(owner: User, name: str = "Banquo", is_scored: bool = True) -> Study:
    """Return a model of step 40 with 1.91 bits; the steps before and after it were worse."""
    study = a_model(owner, name=name, corpus=owner.corpora.first() or a_corpus(owner))  # type: ignore[attr-defined]
    for step, bits, text in ((20, 2.5, "thr"), (40, 1.91, "thou art"), (60, 2.25, "thee thee")):
        losses = {"carried": bits * BIT, "cold": 3 * BIT, "best": min(bits, 1.91 if step > 20 else bits) * BIT}
        record(
            study.pk,
            [
                {"event": "evaluated", "step": step, "chars": step * 100, **losses},
                {"event": "sample", "step": step, "text": text},
            ],
        )
    if is_scored:
        record(study.pk, [scored(WHOLE)])
    study.refresh_from_db()
    return study


def pages(client: Client, study: Study) -> dict[str, str]:
    addresses = {
        "list": "/models/",
        "home": "/",
        "page": f"/models/{study.pk}/",
        "status": f"/models/{study.pk}/status/",
        "timeline": f"/models/{study.pk}/timeline/",
        "compare": f"/passages/compare/?a={study.pk}",
    }
    return {name: said(client, address) for name, address in addresses.items()}


def said(client: Client, address: str) -> str:
    """Return the content of a page without the points of the chart."""
    return re.sub(r'data-history="[^"]*"', "", " ".join(client.get(address).content.decode().split()))


def test_a_scored_model_has_its_scores_figure_on_every_page(client: Client, alice: User) -> None:
    study, _ = learned(alice), learned(alice, "Fleance")  # a comparison needs two models
    found = pages(client, study)
    assert {name for name, page in found.items() if "1.91" in page} == set()
    assert {name for name, page in found.items() if "1.92" not in page} == set()
    assert not any("so far" in page for page in found.values())


def test_a_model_without_a_score_has_its_best_evaluation_on_every_page(client: Client, alice: User) -> None:
    study, _ = learned(alice, is_scored=False), learned(alice, "Fleance", is_scored=False)
    for state in (State.FAILED, State.CANCELLED):
        Job.objects.update(state=state)
        found = pages(client, study)
        assert {name for name, page in found.items() if "1.91" not in page} == set()
        assert {
            name for name in ("list", "home", "compare") if "1.91 bits per character so far" not in found[name]
        } == set()


def test_a_tutorials_figure_is_its_cold_one(client: Client, alice: User) -> None:
    study = learned(alice)
    record(study.pk, [scored({"carried": None, "cold": 2.75 * BIT})])
    study.refresh_from_db()
    assert study.held_out == pytest.approx(2.75 * BIT)
    assert "2.75 bits per character" in pages(client, study)["list"]


def test_better_weights_than_those_that_were_scored_have_a_figure_of_their_own(client: Client, alice: User) -> None:
    study = learned(alice)
    record(study.pk, [{"event": "evaluated", "step": 80, "carried": 1.5 * BIT, "cold": BIT, "best": 1.5 * BIT}])
    assert "1.92 bits per character<" in pages(client, study)["list"]  # no weights are kept yet
    Study.objects.update(model_step=80)
    assert "1.50 bits per character so far" in pages(client, study)["list"]


def test_what_was_never_measured_has_no_figure(client: Client, alice: User) -> None:
    study = a_study(alice)
    assert "bits per character" not in pages(client, study)["list"]


def test_a_training_that_lost_its_best_weights_forgets_their_figure(alice: User) -> None:
    study = learned(alice, is_scored=False)
    record(study.pk, [{"event": "started", "step": 20}])
    study.refresh_from_db()
    assert study.held_out == pytest.approx(2.5 * BIT)
    record(study.pk, [{"event": "started", "step": 0}])
    study.refresh_from_db()
    assert study.held_out is None


def test_the_page_of_a_model_shows_what_its_own_weights_write(client: Client, alice: User) -> None:
    study = learned(alice)
    for name in ("page", "status"):
        page = pages(client, study)[name]
        assert "Step 40, 1.92 bits per character: the model that you have" in page
        assert "thou art" in page and "thee thee" not in page and ">thr<" not in page


def test_while_it_learns_its_newest_samples_are_shown(client: Client, alice: User) -> None:
    study = a_study(alice)
    begin(study)
    Study.objects.update(model_key="somewhere", model_step=40)
    for step in (40, 60, 80):
        record(study.pk, [{"event": "sample", "step": step, "text": f"written at {step}"}])
    page = pages(client, study)["status"]
    assert "written at 80" in page and "written at 60" in page and "the model that you have" not in page


def test_samples_that_are_not_the_models_say_so_where_it_has_none(client: Client, alice: User) -> None:
    study = learned(alice)
    Sample.objects.filter(step=40).delete()
    page = pages(client, study)["status"]
    assert page.count("these weights were not kept") == 2


def test_the_time_line_tells_which_sample_is_the_models(client: Client, alice: User) -> None:
    page = pages(client, learned(alice))["timeline"]
    assert page.count("the model that you have</span>") == 1
    assert page.index("on the way to the model that you have") < page.index("the model that you have</span>")
    assert page.index("the model that you have</span>") < page.index("these weights were not kept")
    assert "Step 40, 1.92 bits per character</title>" in page


def test_the_models_last_sample_comes_once(client: Client, alice: User) -> None:
    study = learned(alice)
    record(study.pk, [{"event": "sample", "step": 40, "text": "thou art"}])
    assert Sample.objects.filter(study=study).count() == 3
    assert HistoryPoint.objects.filter(study=study, kind="evaluated").count() == 3
