"""The list of models; renaming and deleting them."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from tests.support.factory import a_corpus, a_model, a_request, a_study, begin
from webapp import files
from webapp.accounts.models import User
from webapp.passages.models import Passage
from webapp.queue.models import Job, Wish
from webapp.studies.models import Study
from webapp.workers.reconciler import Reconciler

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _logged_in(client: Client, alice: User) -> None:
    client.force_login(alice)


def test_an_empty_list_says_what_to_do(client: Client) -> None:
    assert "No models yet" in client.get("/models/").content.decode()


def test_the_list_shows_state_corpus_and_best_score(client: Client, alice: User, bob: User) -> None:
    a_model(alice, name="Macduff")
    a_study(bob, name="Bobs own")
    page = client.get("/models/").content.decode()
    for words in ("Macduff", "2.00 bits per character", "from <bdi>Macbeth</bdi>", 'data-state="succeeded"'):
        assert words in page
    assert "Bobs own" not in page


def test_a_long_list_takes_as_many_queries_as_a_short_one(
    client: Client, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    corpus = a_corpus(alice)
    for _ in range(25):
        a_study(alice, corpus)
    with django_assert_max_num_queries(6):
        page = client.get("/models/").content.decode()
    assert page.count('class="row-title"') == 20
    assert "Page 1 of 2" in page


def test_watching_takes_few_queries(
    client: Client, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    study = a_study(alice)
    begin(study)
    key = client.get(f"/models/{study.pk}/").context["watching"].key
    with django_assert_max_num_queries(9):  # with the samples, and the points of the chart
        client.get(f"/models/{study.pk}/status/", {"shown": key})


def test_a_model_is_renamed(client: Client, alice: User) -> None:
    study = a_model(alice)
    response = client.post(f"/models/{study.pk}/edit/", {"name": "Macduff"}, follow=True)
    assert '<h1 dir="auto">Macduff</h1>' in response.content.decode()


def test_renaming_changes_nothing_that_a_worker_writes_meanwhile(alice: User) -> None:
    from webapp.studies import services

    study = a_study(alice)
    Study.objects.update(step=40)
    services.rename(study, "Macduff")
    assert Study.objects.get().step == 40


def test_deleting_says_first_what_goes_with_it(client: Client, alice: User) -> None:
    study = a_model(alice)
    a_request(alice, study, passages=3)
    page = client.get(f"/models/{study.pk}/delete/").content.decode()
    assert "3 passages that it wrote go with it" in page
    assert "stopped first" in page
    assert Study.objects.exists()


def test_deleting_removes_rows_and_files(
    client: Client, alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    study = a_model(alice)
    a_request(alice, study)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(f"/models/{study.pk}/delete/", follow=True)
    assert "“Banquo” was deleted." in response.content.decode()
    assert not Study.objects.exists() and not Passage.objects.exists() and not Job.objects.exists()
    assert not files.keys(study.prefix)


def test_a_training_that_is_deleted_while_it_runs_is_cancelled_first_and_then_nothing_is_left(
    client: Client, alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    study = a_study(alice)
    lease = begin(study)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/models/{study.pk}/delete/")
    assert client.get(f"/models/{study.pk}/").status_code == 404
    assert lease.rows().values_list("wish", flat=True).get() == Wish.STOP
    lease.move("cancel")
    Reconciler().tick()
    assert not Study.objects.exists() and not Job.objects.exists()
    assert not files.keys(study.prefix)
