"""The control of a study: pausing, resuming, training further, and training again with changes."""

import pytest
from django.test import Client

from tests.support.events import record
from tests.support.factory import PROGRESS, TEXT, a_corpus, a_model, a_study, begin
from trainer.contract.documents import sample_text
from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.queue.models import Job, State, Wish
from webapp.studies import services
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _logged_in(client: Client, alice: User) -> None:
    client.force_login(alice)


def page(client: Client, study: Study) -> str:
    return client.get(f"/models/{study.pk}/").content.decode()


def paused(study: Study) -> Study:
    lease = begin(study)
    services.pause(study)
    lease.move("cancel", paused=True)
    return study


@pytest.mark.sql
def test_pausing_asks_the_worker_and_says_so(client: Client, alice: User) -> None:
    study = a_study(alice)
    begin(study)
    assert "/pause/" in page(client, study)
    client.post(f"/models/{study.pk}/pause/")
    assert services.training(study).wish == Wish.PAUSE
    assert "Pausing: a checkpoint is written." in page(client, study)


@pytest.mark.sql
def test_a_paused_training_goes_on_as_a_new_job_of_the_same_study(client: Client, alice: User) -> None:
    study = paused(a_study(alice))
    assert "It goes on from exactly here" in page(client, study)
    client.post(f"/models/{study.pk}/resume/")
    assert [job.state for job in study.jobs.order_by("pk")] == [State.CANCELLED, State.QUEUED]


@pytest.mark.sql
def test_going_on_twice_is_going_on_once(client: Client, alice: User) -> None:
    study = paused(a_study(alice))
    for _ in range(2):
        client.post(f"/models/{study.pk}/resume/")
    assert study.jobs.count() == 2


def test_a_failed_training_can_be_tried_again(client: Client, alice: User) -> None:
    study = a_study(alice)
    begin(study).move("fail", reason="No.")
    assert "Try again" in page(client, study)
    client.post(f"/models/{study.pk}/resume/")
    assert services.training(study).state == State.QUEUED


@pytest.mark.sql
def test_training_further_is_a_new_job_from_the_best_weights_with_its_own_budget(client: Client, alice: User) -> None:
    study = a_model(alice)
    assert "/further/" in page(client, study)
    assert client.post(f"/models/{study.pk}/further/", {"amount": "3", "unit": "minutes"}).status_code == 302
    study.refresh_from_db()
    assert study.further == {"minutes": 3}
    assert study.choices == {"recipe": "quick", "minutes": 3}
    assert services.training(study).state == State.QUEUED


@pytest.mark.parametrize("amount", ["", "0", "-1", "many", "1e9", "nan", "inf"])
def test_a_budget_that_no_training_can_have_is_refused_with_a_sentence(
    client: Client, alice: User, amount: str
) -> None:
    study = a_model(alice)
    answer = client.post(f"/models/{study.pk}/further/", {"amount": amount, "unit": "minutes"})
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert study.jobs.count() == 1


def test_only_a_finished_training_is_trained_further(client: Client, alice: User) -> None:
    study = a_study(alice)
    client.post(f"/models/{study.pk}/further/", {"amount": "3", "unit": "minutes"})
    assert study.jobs.count() == 1


def test_again_with_changes_opens_the_recipe_in_the_form(client: Client, alice: User) -> None:
    study = services.submit(alice, a_corpus(alice), {"recipe": "best", "units": 77, "epochs": 3}, "Banquo")
    said = client.get(f"/models/{study.pk}/again/").content.decode()
    assert 'value="best" id="recipe-best" checked' in said
    assert 'value="77"' in said and "<details open>" in said


def test_the_tutorials_hundred_epochs_are_chosen_again(client: Client, alice: User) -> None:
    study = services.submit(alice, a_corpus(alice), {"recipe": "tutorial", "epochs": 100}, "Banquo")
    said = client.get(f"/models/{study.pk}/again/").content.decode()
    assert 'name="recipe_epochs" value="100" checked' in said


@pytest.mark.sql
def test_again_trains_on_the_very_text_that_was_trained_on(client: Client, alice: User) -> None:
    corpus = a_corpus(alice)
    study = a_study(alice, corpus=corpus)
    corpora.change(corpus, "Changed", lowercase=True)
    services.delete_corpus(corpus, with_models=False)
    client.post(f"/models/{study.pk}/again/", {"recipe": "quick", "units": "48", "name": ""})
    newest = Study.objects.first()
    assert newest and newest != study
    assert newest.recipe == {"recipe": "quick", "units": 48}
    assert [d["sha256"] for d in newest.documents] == [d["sha256"] for d in study.documents]
    assert files.read(newest.documents[0]["key"]).decode() == sample_text()[:5000]


def test_what_is_done_is_said_to_the_queue(alice: User) -> None:
    from webapp.studies.estimates import Estimator

    study = a_study(alice, a_corpus(alice, TEXT * 20))
    whole = Estimator().seconds_of(study)
    record(study.pk, [{**PROGRESS, "done": 0.75}])
    Study.objects.update(checkpoint_key="some")
    study.refresh_from_db()
    assert Estimator().seconds_of(study) < whole / 2


@pytest.mark.sql
def test_deleting_a_corpus_stops_its_trainings_and_keeps_what_they_learned(client: Client, alice: User) -> None:
    corpus = a_corpus(alice)
    waiting, running = a_study(alice, corpus=corpus), a_study(alice, corpus=corpus)
    begin(waiting)
    client.post(f"/corpora/{corpus.pk}/delete/")
    assert services.training(waiting).wish == Wish.STOP
    assert services.training(running).state == State.CANCELLED
    assert Study.objects.count() == 2


@pytest.mark.sql
def test_deleting_a_corpus_with_its_models_leaves_nothing(
    client: Client, alice: User, django_capture_on_commit_callbacks: object
) -> None:
    corpus = a_corpus(alice)
    study = a_study(alice, corpus=corpus)
    kept = [corpus.documents.get().key, study.documents[0]["key"]]
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        client.post(f"/corpora/{corpus.pk}/delete/", {"with_models": "on"})
    assert not Study.objects.exists() and not Job.objects.exists()
    assert not files.keys(study.prefix) and not {*files.keys("documents"), *files.keys("texts")} & {*kept}
