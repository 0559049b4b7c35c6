"""The score of a finished model, as a picture."""

import pytest
from django.test import Client

from tests.factory import SCORE, a_model
from webapp.accounts.models import User
from webapp.studies import records
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(client: Client, alice: User) -> Study:
    client.force_login(alice)
    return a_model(alice)


def test_bars_are_as_long_as_the_bits_are_many(client: Client, study: Study) -> None:
    score = {**SCORE, "earlier": {"step": 20, "behind": 1.7328680 - 1.3862944}}
    records.record(study.pk, [{"event": "finished", "best_step": study.model_step, "score": score}])
    page = client.get(f"/models/{study.pk}/")
    assert [(bar.name, f"{bar.bits:.2f}", f"{bar.width:.0f}") for bar in page.context["bars"]] == [
        ("This model, reading on", "2.00", "40"),
        ("This model, from nothing", "3.00", "60"),
        ("Its best before that, at step 20", "2.50", "50"),
        ("Counting letters (5-grams)", "4.00", "80"),
        ("Compressing it (xz)", "5.00", "100"),
    ]
    assert '<rect class="bar-earlier" width="50.0%"' in page.content.decode()


def test_what_was_not_measured_has_no_bar(client: Client, study: Study) -> None:
    """The tutorial's model does not read on; and a model may have been evaluated only once."""
    held_out = {part: {"carried": None, "cold": 1.3862944} for part in ("whole", "first_half", "second_half")}
    score = {**SCORE, "held_out": held_out}
    records.record(study.pk, [{"event": "finished", "best_step": study.model_step, "score": score}])
    bars = client.get(f"/models/{study.pk}/").context["bars"]
    assert [bar.kind for bar in bars] == ["cold", "other", "other"]
