"""The page of a running training: it shows what the rows say, and stops polling when the training is over."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.events import record
from tests.support.factory import PROGRESS, SCORE, a_corpus, a_model, a_study, begin
from webapp.accounts.models import User
from webapp.queue.models import Job, State, Wish
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(client: Client, alice: User) -> Study:
    client.force_login(alice)
    return a_study(alice)


def status(client: Client, study: Study, shown: str = "") -> str:
    return str(client.get(f"/models/{study.pk}/status/?shown={shown}").content.decode())


def now(client: Client, study: Study) -> str:
    """Return the state as a page shows it that is loaded now."""
    return str(client.get(f"/models/{study.pk}/").content.decode())


def learn(study: Study, **progress: Any) -> None:
    record(study.pk, [{**PROGRESS, **progress}])


def test_a_waiting_training_tells_its_place_in_the_queue(client: Client, study: Study, bob: User) -> None:
    assert "Next in the queue." in status(client, study)
    second = a_study(study.owner, study.corpus)
    assert "Place 2" in status(client, second)


def test_a_training_that_nobody_takes_waits_for_a_worker(client: Client, study: Study) -> None:
    Job.objects.update(created=timezone.now() - timedelta(seconds=60))
    assert "Waiting for a worker" in status(client, study)


def test_a_training_that_waits_for_another_one_does_not_lack_a_worker(client: Client, study: Study) -> None:
    begin(study)
    second = a_study(study.owner, study.corpus)
    Job.objects.update(created=timezone.now() - timedelta(seconds=60))
    assert "Next in the queue." in status(client, second)


def test_starting_and_running_say_so(client: Client, study: Study) -> None:
    Job.objects.update(state=State.STARTING)
    assert "Starting." in status(client, study)
    Job.objects.update(state=State.RUNNING)
    learn(study)
    page = status(client, study)
    for words in ("Learning.", 'value="0.2500"', "25 %", "about 2 minutes", "12,345", "2.00 <small>bits"):
        assert words in page


def test_a_loss_that_has_risen_for_a_while_is_said_until_it_falls_again(client: Client, study: Study) -> None:
    begin(study)
    rise = "The loss on held-out text has risen since step 20. More text helps."
    evaluated = {"event": "evaluated", "step": 80, "carried": 1.6, "cold": 1.7, "best": 1.5, "best_step": 20}
    record(study.pk, [PROGRESS, {**evaluated, "rise": rise}])
    assert rise in status(client, study)
    record(study.pk, [{**evaluated, "step": 100}])
    assert rise not in status(client, study)


def test_a_training_that_ended_early_says_why_once(client: Client, alice: User) -> None:
    client.force_login(alice)
    why = "It ended early, at step 90: the loss on held-out text had risen since step 20."
    model, rise = a_model(alice), "The loss has risen since step 20."
    Study.objects.filter(pk=model.pk).update(figures={"score": SCORE, "stopped_early": why}, rise=rise)
    page = now(client, model)
    assert page.count(why) == 1 and rise not in page


def test_a_training_that_is_being_scored_says_so(client: Client, study: Study) -> None:
    begin(study)
    learn(study, done=1.0, seconds_left=0)
    assert "measured how well it predicts" in status(client, study)


def test_a_training_whose_machine_went_away_says_that_it_goes_on(client: Client, study: Study) -> None:
    lease = begin(study)
    learn(study)
    lease.move("requeue")
    page = status(client, study)
    assert "goes on from its last checkpoint" in page
    assert "12,345" not in page, "nothing is running at that speed now"


def test_a_warning_stands_on_the_page(client: Client, study: Study) -> None:
    begin(study)
    record(study.pk, [{"event": "warning", "reason": "A checkpoint could not be written."}])
    assert "A checkpoint could not be written." in status(client, study)


def test_a_training_that_went_back_says_so_to_its_end(client: Client, study: Study) -> None:
    begin(study)
    went_back = "The loss jumped: the training went back to step 20."
    events = [{"event": "started", "step": 20, "went_back": went_back}, {"event": "checkpoint", "step": 20}]
    record(study.pk, events)
    assert went_back in status(client, study)


def test_a_failure_gives_its_reason_and_advice(client: Client, study: Study) -> None:
    begin(study).move("fail", reason="The machine ran out of memory.", advice="Train with a smaller batch.")
    page = now(client, study)
    assert "The machine ran out of memory. Train with a smaller batch." in page


def test_a_finished_training_gives_its_score_in_bits_and_what_it_is_worth(client: Client, alice: User) -> None:
    client.force_login(alice)
    study = a_model(alice)
    record(study.pk, [{"event": "finished", "best_step": 40, "score": SCORE}])
    page = now(client, study)
    for words in (SCORE["verdict"], "2.00", "3.00", "4.00", "5.00", "(5-grams)", "Read what it writes"):
        assert str(words) in page


def test_a_training_that_stopped_early_says_why(client: Client, alice: User) -> None:
    client.force_login(alice)
    study = a_model(alice)
    why = "It stopped early: 3 evaluations in a row brought nothing better."
    record(study.pk, [{"event": "finished", "score": SCORE, "stopped_early": why}])
    assert why in now(client, study)


def test_a_tutorials_score_has_no_carried_figure(client: Client, alice: User) -> None:
    client.force_login(alice)
    study = a_model(alice, recipe="tutorial")
    held_out = {part: {"carried": None, "cold": 1.3862944} for part in ("whole", "first_half", "second_half")}
    record(study.pk, [{"event": "finished", "best_step": 40, "score": {**SCORE, "held_out": held_out}}])
    assert '<td class="number">–</td><td class="number">2.00</td>' in now(client, study)


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED, State.CANCELLED])
def test_a_page_stops_asking_when_the_training_is_over(client: Client, study: Study, state: str) -> None:
    fragments = ("status/", "timeline/")
    asks = [b"hx-get" in client.get(f"/models/{study.pk}/{name}").content for name in fragments]
    Job.objects.update(state=state)
    still_asks = [b"hx-get" in client.get(f"/models/{study.pk}/{name}").content for name in fragments]
    assert (asks, still_asks) == ([True, True], [False, False])


def test_buttons_are_replaced_only_when_the_state_changes(client: Client, study: Study) -> None:
    shown = client.get(f"/models/{study.pk}/").context["watching"].key
    assert 'id="actions"' not in status(client, study, shown)
    begin(study)
    assert 'id="actions" hx-swap-oob' in status(client, study, shown)


def test_a_training_with_a_model_can_be_read_while_it_goes_on(client: Client, study: Study) -> None:
    begin(study)
    assert "Read what it writes" not in now(client, study)
    Study.objects.update(model_key="somewhere")
    assert "Read what it writes" in now(client, study)


def test_stopping_what_waits_takes_it_out_of_the_queue(client: Client, study: Study) -> None:
    client.post(f"/models/{study.pk}/stop/")
    assert Job.objects.get().state == State.CANCELLED
    assert "Stopped before it had learned anything." in now(client, study)


def test_stopping_what_runs_keeps_what_it_has_learned(client: Client, study: Study) -> None:
    lease = begin(study)
    for _ in range(2):  # recording events twice changes nothing
        client.post(f"/models/{study.pk}/stop/")
    assert Job.objects.get().wish == Wish.STOP
    page = now(client, study)
    assert "Stopping. What it has learned so far is kept." in page
    assert f"/models/{study.pk}/stop/" not in page
    Study.objects.update(model_key="somewhere")
    lease.move("cancel")
    assert "What it had learned is kept, and can be read." in now(client, study)
    assert "Read what it writes" in now(client, study)


def test_stopping_what_is_over_changes_nothing(client: Client, alice: User) -> None:
    client.force_login(alice)
    study = a_model(alice)
    client.post(f"/models/{study.pk}/stop/")
    job = Job.objects.get()
    assert (job.state, job.wish) == (State.SUCCEEDED, "")


def test_a_study_whose_corpus_is_gone_is_still_shown(client: Client, alice: User) -> None:
    client.force_login(alice)
    corpus = a_corpus(alice)
    study = a_model(alice, corpus=corpus)
    corpus.delete()
    assert "Macbeth" in now(client, study)
