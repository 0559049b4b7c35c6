"""The chart and the samples: they get only what they don't have yet, in bits per character."""

from typing import Any

import pytest
from django.test import Client

from tests.support.events import record
from tests.support.factory import PROGRESS, SCORE, a_study, begin
from webapp.accounts.models import User
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db
TWO_BITS, THREE_BITS = 1.3862944, 2.0794415


@pytest.fixture
def study(client: Client, alice: User) -> Study:
    client.force_login(alice)
    return a_study(alice)


def learn(study: Study, *steps: int) -> None:
    record(study.pk, [{**PROGRESS, "step": step, "chars": step * 100} for step in steps])


def evaluate(study: Study, step: int) -> None:
    losses = {"carried": TWO_BITS, "cold": THREE_BITS, "best": TWO_BITS}
    record(study.pk, [{"event": "evaluated", "step": step, "chars": step * 100, **losses}])


def write(study: Study, step: int, text: str) -> None:
    record(study.pk, [{"event": "sample", "step": step, "text": text}])


def history(client: Client, study: Study, since: object = 0) -> Any:
    return client.get(f"/models/{study.pk}/history/?since={since}").json()


def test_losses_come_in_bits_per_character(client: Client, study: Study) -> None:
    learn(study, 10)
    evaluate(study, 10)
    found = history(client, study)
    assert found["train"] == [[10, 1000, 2.0]]
    assert found["held_out"] == [[10, 1000, 2.0, 3.0]]


def test_only_what_is_new_comes(client: Client, study: Study) -> None:
    learn(study, 10, 20, 30)
    assert [point[0] for point in history(client, study, since=30)["train"]] == [30]


def test_an_evaluation_written_after_its_progress_is_not_missed(client: Client, study: Study) -> None:
    learn(study, 10)
    assert history(client, study)["held_out"] == []
    evaluate(study, 10)
    assert len(history(client, study, since=10)["held_out"]) == 1


def test_a_training_that_went_back_to_its_checkpoint_sends_all_points_again(client: Client, study: Study) -> None:
    learn(study, 10, 20, 30)
    record(study.pk, [{"event": "started", "step": 10}])
    found = history(client, study, since=30)
    assert found["reset"]
    assert [point[0] for point in found["train"]] == [10]


def test_baselines_come_once_they_are_known(client: Client, study: Study) -> None:
    assert history(client, study)["baselines"] == {}
    record(study.pk, [{"event": "finished", "best_step": 0, "score": SCORE}])
    assert history(client, study)["baselines"] == {"ngram": 4.0, "xz": 5.0}


def test_the_chart_is_told_when_it_is_over(client: Client, study: Study) -> None:
    lease = begin(study)
    assert not history(client, study)["over"]
    lease.move("succeed")
    assert history(client, study)["over"]


@pytest.mark.parametrize("since", ["", "-1", "x", "9" * 40, "²"])
def test_a_strange_since_is_the_beginning(client: Client, study: Study, since: str) -> None:
    learn(study, 10)
    assert len(history(client, study, since)["train"]) == 1


def test_samples_come_newest_first_with_the_loss_of_their_time(client: Client, study: Study) -> None:
    begin(study)
    evaluate(study, 10)
    write(study, 10, "tht teh")
    write(study, 20, "to be or")
    page = client.get(f"/models/{study.pk}/status/").content.decode()
    assert page.index("to be or") < page.index("tht teh")
    assert "Step 10, 2.00 bits per character" in " ".join(page.split())


def test_samples_that_the_page_has_are_not_sent_again(client: Client, study: Study) -> None:
    begin(study)
    write(study, 10, "tht teh")
    assert "tht teh" not in client.get(f"/models/{study.pk}/status/?sample=10").content.decode()
    write(study, 20, "to be or")
    news = client.get(f"/models/{study.pk}/status/?sample=10").content.decode()
    assert "to be or" in news and 'id="samples" ' in news and "hx-swap-oob" in news


def test_a_reload_shows_what_was_there(client: Client, study: Study) -> None:
    begin(study)
    write(study, 10, "<b>tht</b> teh")
    assert "&lt;b&gt;tht&lt;/b&gt; teh" in client.get(f"/models/{study.pk}/").content.decode()
