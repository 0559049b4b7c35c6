"""The first page, which says what to do first; and /health/, which shows the operator what answers."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from webapp.accounts.models import User
from webapp.corpora.models import Corpus
from webapp.passages.models import Passage
from webapp.queue.models import Job, State
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db


def home(client: Client) -> str:
    return client.get("/").content.decode()


@pytest.fixture
def mine(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def learn(owner: User, name: str = "Macbeth, Quick", **fields: object) -> Study:
    return Study.objects.create(
        owner=owner, name=name, corpus_name="Macbeth", recipe={}, documents=[], characters=1, **fields
    )


def write(study: Study, text: str = "Tomorrow") -> Passage:
    return Passage.objects.create(owner=study.owner, study=study, length=9, temperature=1, seed=1, text=text)


def done(page: str) -> int:
    return page.count("<li data-done>")


def test_nobody_reads_what_this_is(client: Client) -> None:
    page = home(client)
    assert "learns a text by heart" in page
    assert 'href="/accounts/signup/"' in page and 'href="/accounts/login/"' in page


def test_closed_registration_is_offered_nowhere(client: Client, settings: object) -> None:
    assert "/accounts/signup/" in client.get("/accounts/login/").content.decode()
    settings.REGISTRATION_OPEN = False  # type: ignore[attr-defined]
    assert "/accounts/signup/" not in home(client)
    assert "/accounts/signup/" not in client.get("/accounts/login/").content.decode()


def test_the_first_step_is_a_text(mine: Client) -> None:
    page = home(mine)
    assert done(page) == 0
    assert 'href="/corpora/new/"' in page and 'action="/corpora/sample/"' in page


def test_with_a_text_the_next_step_is_to_train_on_it(mine: Client, alice: User) -> None:
    corpus = Corpus.objects.create(owner=alice, name="Macbeth")
    page = home(mine)
    assert done(page) == 1
    assert f'class="button primary" href="/models/new/{corpus.pk}/"' in page
    assert 'action="/corpora/sample/"' not in page


def test_a_model_that_still_learns_is_not_asked_to_write(mine: Client, alice: User) -> None:
    Corpus.objects.create(owner=alice, name="Macbeth")
    study = learn(alice)
    Job.objects.create(owner=alice, study=study, kind="train", state=State.RUNNING)
    page = home(mine)
    assert done(page) == 2
    assert "/passages/write/" not in page
    assert 'data-state="running">running</span>' in page


def test_a_model_that_can_write_is_the_next_step(mine: Client, alice: User) -> None:
    study = learn(alice, model_key="models/1")
    assert f'href="/passages/write/{study.pk}/"' in home(mine)


def test_who_has_done_all_three_sees_recent_work_instead(mine: Client, alice: User) -> None:
    write(learn(alice), "Tomorrow, and tomorrow, and tomorrow")
    page = home(mine)
    assert "Your stage" in page and 'class="steps"' not in page
    assert "Macbeth, Quick" in page and "Tomorrow, and tomorrow" in page


def test_nobody_sees_what_is_someone_elses(mine: Client, bob: User) -> None:
    Corpus.objects.create(owner=bob, name="Bob’s diary")
    write(learn(bob, "Bob’s model"), "Bob’s passage")
    assert "Bob" not in home(mine)


def test_more_work_asks_the_database_no_more(mine: Client, alice: User, django_assert_max_num_queries: object) -> None:
    for n in range(8):
        study = learn(alice, f"Model {n}")
        Job.objects.create(owner=alice, study=study, kind="train")
        write(study)
        Corpus.objects.create(owner=alice, name=f"Corpus {n}")
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        assert "Model 7" in home(mine)


def test_health_is_public_and_well(client: Client) -> None:
    response = client.get("/health/")
    assert (response.status_code, response.json()) == (200, {"database": True, "broker": True})


def test_health_names_a_broker_that_does_not_answer(client: Client, settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    response = client.get("/health/")
    assert (response.status_code, response.json()) == (503, {"database": True, "broker": False})


def test_health_names_a_database_that_no_longer_answers(client: Client) -> None:
    def away(*_: object) -> None:
        raise DatabaseError

    with connection.execute_wrapper(away):
        response = client.get("/health/")
    assert (response.status_code, response.json()) == (503, {"database": False, "broker": True})
