"""The picture of a finished model's score."""

import pytest
from django.test import Client

from tests.support.events import record
from tests.support.factory import SCORE, a_model
from webapp.accounts.models import User
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(client: Client, alice: User) -> Study:
    client.force_login(alice)
    return a_model(alice)


def test_bars_are_as_long_as_the_bits_are_many(client: Client, study: Study) -> None:
    score = {**SCORE, "earlier": {"step": 20, "behind": 1.7328680 - 1.3862944}}
    record(study.pk, [{"event": "finished", "best_step": study.model_step, "score": score}])
    page = client.get(f"/models/{study.pk}/")
    assert [(bar.name, f"{bar.bits:.2f}", f"{bar.width:.0f}") for bar in page.context["bars"]] == [
        ("This model, reading on", "2.00", "40"),
        ("This model, from nothing", "3.00", "60"),
        ("LSTM and counting together", "1.50", "30"),
        ("Its best before that, at step 20", "2.50", "50"),
        ("Counting letters (5-grams)", "4.00", "80"),
        ("Compressing it (xz)", "5.00", "100"),
    ]
    assert '<rect class="bar-earlier" width="50.0%"' in page.content.decode()


def test_what_was_not_measured_has_no_bar(client: Client, study: Study) -> None:
    """The tutorial's model has no carried score, and a model may have been evaluated only once."""
    held_out = {part: {"carried": None, "cold": 1.3862944} for part in ("whole", "first_half", "second_half")}
    score = {**SCORE, "held_out": held_out, "mixture": None}
    record(study.pk, [{"event": "finished", "best_step": study.model_step, "score": score}])
    bars = client.get(f"/models/{study.pk}/").context["bars"]
    assert [bar.kind for bar in bars] == ["cold", "other", "other"]


@pytest.mark.parametrize(
    ("scale", "sentence"),
    [(0.8412, "too sure of what comes next"), (1.06, "too unsure of what comes next"), (1.0, ""), (None, "")],
)
def test_the_page_says_how_the_model_was_calibrated(
    scale: float | None, sentence: str, client: Client, study: Study
) -> None:
    score = {**SCORE, **({"logit_scale": scale} if scale else {})}
    record(study.pk, [{"event": "finished", "best_step": study.model_step, "score": score}])
    page = client.get(f"/models/{study.pk}/").content.decode()
    assert sentence in page and ("logits times" in page) == bool(sentence)
    assert not sentence or f"(logits times {scale:.2f})" in page


WITHHELD = {
    **SCORE,
    "held_out_shares": {"unseen": 0.65, "copied": 0.02, "repeated": 0.0},
    "judged": False,
    "verdict": "No verdict: 65 % of the held-out text is characters that the training text does not have.",
}


def test_where_the_verdict_is_withheld_there_is_no_picture_and_no_rival_in_the_chart(
    client: Client, study: Study
) -> None:
    record(study.pk, [{"event": "finished", "best_step": study.model_step, "score": WITHHELD}])
    page = client.get(f"/models/{study.pk}/").content.decode()
    assert str(WITHHELD["verdict"]) in page and "<rect" not in page
    assert "<li>65 % in characters that the training text does not have</li>" in page
    assert "<li>2 % also in the training text</li>" in page
    assert client.get(f"/models/{study.pk}/history/").json()["baselines"] == {}


def test_a_score_from_before_shares_were_measured_is_shown_as_it_was(client: Client, study: Study) -> None:
    record(study.pk, [{"event": "finished", "best_step": study.model_step, "score": SCORE}])
    page = client.get(f"/models/{study.pk}/").content.decode()
    assert str(SCORE["verdict"]) in page and "<rect" in page and "Of the held-out text" not in page
    assert client.get(f"/models/{study.pk}/history/").json()["baselines"] == {"ngram": 4.0, "xz": 5.0}
