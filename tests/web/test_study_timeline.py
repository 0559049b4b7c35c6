"""The time line: every sample in the order of time, each with its loss, and a curve with a mark for each."""

from typing import Any

import pytest
from django.test import Client

from tests.support.events import record
from tests.support.factory import a_study, begin
from tests.support.pages import polled_address
from webapp.accounts.models import User
from webapp.queue.models import Job, State
from webapp.studies import timelines
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db
NATS_A_BIT = 0.6931472
RECIPE = {"recipe": "quick", "seed": 7}
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def study(client: Client, alice: User) -> Study:
    client.force_login(alice)
    study = a_study(alice)
    begin(study)
    return study


def learn(study: Study, step: int, bits: float | None, text: str = "tht teh") -> None:
    """Record an evaluation and a sample as the trainer does. Without bits there is no evaluation."""
    nats = bits * NATS_A_BIT if bits is not None else None
    events: list[dict[str, Any]] = [{"event": "sample", "step": step, "text": text}]
    if nats is not None:
        losses = {"carried": nats, "cold": nats + 1, "best": nats}
        events.insert(0, {"event": "evaluated", "step": step, "chars": step * 100, **losses})
    record(study.pk, events)


def page(client: Client, study: Study) -> str:
    """Return the page's text with single blanks."""
    return " ".join(client.get(f"/models/{study.pk}/timeline/").content.decode().split())


def test_samples_stand_in_the_order_of_time_with_step_characters_and_bits(client: Client, study: Study) -> None:
    learn(study, 16, 4.5, "tht teh")
    learn(study, 1480, 2.25, "to be or")
    found = page(client, study)
    assert found.index("tht teh") < found.index("to be or")
    assert "Step 1,480, 148,000 characters read" in found
    assert found.index("4.50 <small>bits per character") < found.index("2.25 <small>bits per character")


def test_the_best_sample_is_named_and_no_other(client: Client, study: Study) -> None:
    for step, bits in ((16, 4.5), (100, 2.25), (200, 2.5)):
        learn(study, step, bits)
    assert page(client, study).count("its best so far</span>") == 1
    assert [moment.step for moment in timelines.moments(study) if moment.is_best] == [100]
    Job.objects.update(state=State.SUCCEEDED)
    assert "its best</span>" in page(client, study)


def test_it_says_how_the_samples_began(client: Client, study: Study) -> None:
    record(study.pk, [{"event": "started", "step": 0, "recipe": RECIPE}])
    learn(study, 16, 4.5)
    assert "without an opening, with seed 7 and temperature 0.8" in page(client, study)


def test_the_tutorials_samples_began_with_a_piece_of_its_text_and_are_greedy(client: Client, alice: User) -> None:
    client.force_login(alice)
    study = a_study(alice, recipe="tutorial")
    begin(study)
    record(study.pk, [{"event": "started", "step": 0, "recipe": RECIPE}])
    cold_only = {"carried": None, "cold": 3 * NATS_A_BIT, "best": 3 * NATS_A_BIT}
    record(study.pk, [{"event": "evaluated", "step": 16, "chars": 480, **cold_only}])
    learn(study, 16, None)
    found = page(client, study)
    assert "the same piece of its text, with seed 7 and temperature 0: only what" in found
    assert "It always took the likeliest character." in found
    assert "3.00 <small>bits per character" in found


def test_every_mark_of_the_curve_leads_to_its_sample(client: Client, study: Study) -> None:
    for step in range(1, 26):
        learn(study, step, 6 - step / 10)
    found = page(client, study)
    for step in range(1, 26):
        assert f'href="#step-{step}"' in found and f'<li id="step-{step}"' in found
    assert "Step 25, 3.50 bits per character" in found


def test_the_curve_lies_between_whole_bits_and_ends_with_what_was_read_last(study: Study) -> None:
    for step, bits in ((10, 4.5), (20, 2.5), (40, 2.25)):
        learn(study, step, bits)
    curve = timelines.curve(timelines.moments(study))
    assert curve and curve.characters == 4000
    assert curve.levels == [
        (2, 100.0),
        (3, pytest.approx(66.67, abs=0.01)),
        (4, pytest.approx(33.33, abs=0.01)),
        (5, 0),
    ]
    assert curve.points == "25.00,16.67 50.00,83.33 100.00,91.67"
    assert [(mark.left, mark.width) for mark in curve.marks] == [(0, 37.5), (37.5, 37.5), (75, 25)]


def test_a_curve_that_hardly_falls_and_one_of_many_bits_have_few_levels(study: Study) -> None:
    learn(study, 10, 2.0)
    learn(study, 20, 2.0)
    flat = timelines.curve(timelines.moments(study))
    assert flat and [level for level, _ in flat.levels] == [2, 3]
    learn(study, 30, 13.5)
    steep = timelines.curve(timelines.moments(study))
    assert steep and [level for level, _ in steep.levels] == [2, 5, 8, 11, 14]


def test_one_sample_makes_no_curve(client: Client, study: Study) -> None:
    learn(study, 16, 4.5)
    found = page(client, study)
    assert "4.50 <small>bits per character" in found
    assert "<svg" not in found


def test_a_sample_that_was_not_measured_is_shown_all_the_same(client: Client, study: Study) -> None:
    learn(study, 16, 4.5)
    learn(study, 20, None, "to be or")
    learn(study, 30, 2.5)
    found = page(client, study)
    assert "to be or" in found and "#step-20" not in found


def test_blanks_are_said_and_markup_is_text(client: Client, study: Study) -> None:
    learn(study, 16, 4.5, "\n\n \n")
    learn(study, 20, 4.0, "<b>tht</b> 🎭 שלום")
    found = page(client, study)
    assert "Nothing but blanks." in found
    assert "&lt;b&gt;tht&lt;/b&gt; 🎭 שלום" in found


def test_before_the_first_sample_it_says_so_and_asks(client: Client, study: Study) -> None:
    found = page(client, study)
    assert "what it writes stands here" in found and 'hx-get="' in found
    assert client.get(polled_address(found), headers=SCRIPT).status_code == 204
    Job.objects.update(state=State.FAILED)
    assert "ended before it had written anything" in page(client, study)


def test_it_grows_by_what_is_new_until_the_training_is_over(client: Client, study: Study) -> None:
    learn(study, 16, 4.5)
    shown = polled_address(page(client, study))
    assert client.get(shown, headers=SCRIPT).status_code == 204
    learn(study, 100, 2.5, "to be or")
    news = client.get(shown, headers=SCRIPT).content.decode()
    assert "to be or" in news and "<html" not in news
    assert client.get(polled_address(news), headers=SCRIPT).status_code == 204
    Job.objects.update(state=State.SUCCEEDED)
    last = client.get(polled_address(news), headers=SCRIPT)
    assert last.status_code == 200 and b"hx-get" not in last.content


def test_a_training_that_went_back_takes_its_samples_along(client: Client, study: Study) -> None:
    learn(study, 16, 4.5, "tht teh")
    learn(study, 100, 2.5, "to be or")
    shown = polled_address(page(client, study))
    record(study.pk, [{"event": "started", "step": 16, "recipe": RECIPE}])
    news = client.get(shown, headers=SCRIPT).content.decode()
    assert "tht teh" in news and "to be or" not in news


def test_a_studys_own_page_has_the_newest_two_and_leads_to_all(client: Client, study: Study) -> None:
    address = f"/models/{study.pk}/timeline/"
    assert address not in client.get(f"/models/{study.pk}/").content.decode()
    for step, text in ((16, "tht teh"), (50, "thou ate"), (100, "to be or")):
        learn(study, step, 2.5, text)
    for place in (f"/models/{study.pk}/", f"/models/{study.pk}/status/"):
        found = client.get(place).content.decode()
        assert address in found
        assert found.index("to be or") < found.index("thou ate")
        assert "tht teh" not in found
