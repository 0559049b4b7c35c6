"""The limits of one person: running and waiting trainings, stored bytes, minutes of a training."""

from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.support.events import record
from tests.support.factory import TEXT, a_corpus, a_model, a_request, a_study, begin
from webapp.accounts.limits import LimitReached, storages, stored_bytes
from webapp.accounts.models import User
from webapp.corpora.models import Document
from webapp.inside.models import Look, LookKind
from webapp.passages.models import Passage
from webapp.queue import transitions
from webapp.queue.models import Job, Kind
from webapp.studies import services
from webapp.studies.models import Study

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def allow(person: User, **limits: int) -> None:
    User.objects.filter(pk=person.pk).update(**limits)
    person.refresh_from_db()


def test_no_more_trainings_wait_than_may(client: Client, alice: User) -> None:
    allow(alice, waiting_limit=1)
    corpus = a_corpus(alice)
    a_study(alice, corpus=corpus)
    client.force_login(alice)
    answer = client.post(f"/models/new/{corpus.pk}/", {"recipe": "quick"})
    assert answer.status_code == 422
    assert "You have 1 training waiting, and no more are allowed." in answer.content.decode()
    assert Study.objects.count() == 1


def test_a_training_that_has_begun_makes_room_in_the_queue(alice: User) -> None:
    allow(alice, waiting_limit=1)
    begin(a_study(alice))
    a_study(alice)


def test_a_form_that_is_sent_twice_is_one_training_also_where_no_more_are_allowed(client: Client, alice: User) -> None:
    allow(alice, waiting_limit=1)
    corpus = a_corpus(alice)
    client.force_login(alice)
    form = {"recipe": "quick", "submission": str(uuid4())}
    first, second = (client.post(f"/models/new/{corpus.pk}/", form) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Study.objects.count() == 1


def test_a_queue_that_is_full_for_one_is_open_for_another(alice: User, bob: User) -> None:
    allow(alice, waiting_limit=1)
    a_study(alice)
    a_study(bob)


def test_no_more_trainings_of_one_person_run_than_may(client: Client, alice: User, bob: User) -> None:
    allow(alice, running_limit=1)
    running, held = a_study(alice), a_study(alice)
    begin(running)
    assert transitions.claim(Kind.TRAIN, "worker") is None
    client.force_login(alice)
    assert "As many of your trainings run as may at once" in client.get(f"/models/{held.pk}/").content.decode()
    bobs = a_study(bob)
    claimed = transitions.claim(Kind.TRAIN, "worker")
    assert claimed and claimed.study == bobs


def test_a_limit_on_trainings_holds_up_nobody_who_reads(alice: User) -> None:
    allow(alice, running_limit=1)
    study = a_model(alice)
    Job.objects.create(owner=alice, kind=Kind.WRITE, study=study)
    begin(a_study(alice))
    assert transitions.claim(Kind.WRITE, "writer")


def test_a_text_that_there_is_no_room_for_is_refused_and_leaves_nothing(client: Client, alice: User) -> None:
    allow(alice, stored_limit_mb=1)
    client.force_login(alice)
    answer = client.post("/corpora/new/", {"pasted": "A line of text. " * 70_000, "name": "Long"})
    assert answer.status_code == 422
    assert "There is no room for it" in answer.content.decode()
    assert not alice.corpora.exists()


def test_models_count_as_what_they_take(alice: User) -> None:
    allow(alice, stored_limit_mb=1)
    corpus = a_corpus(alice)
    study = a_study(alice, corpus=corpus)
    assert study.text_bytes == len(TEXT.encode())
    Study.objects.update(kept_bytes=990_000)
    with pytest.raises(LimitReached):
        a_study(alice, corpus=corpus)


def test_passages_count_as_what_they_take_and_those_to_come_as_what_they_may(client: Client, alice: User) -> None:
    allow(alice, stored_limit_mb=10)
    study = a_model(alice)
    before = stored_bytes(alice)
    a_request(alice, study, prompt="so " * 5_000, length=100_000, passages=2)
    assert stored_bytes(alice) == before + 15_000 + 2 * 100_000 * 16
    Passage.objects.update(bytes=300_000, complete=True)
    assert stored_bytes(alice) == before + 15_000 + 600_000
    client.force_login(alice)
    wanted = {"prompt": "Out", "length": "100000", "temperature": "1", "passages": "2", "seed": "1"}
    for _ in range(2):
        client.post(f"/passages/write/{study.pk}/", wanted)
    answer = client.post(f"/passages/write/{study.pk}/", wanted)
    assert answer.status_code == 422
    assert "There is no room for it" in answer.content.decode()
    assert Passage.objects.count() == 6


def test_what_several_people_store_is_summed_by_one_query(
    alice: User, bob: User, charlie: User, django_assert_num_queries: Any
) -> None:
    study = a_model(alice)
    Study.objects.filter(pk=study.pk).update(text_bytes=2_000_000_000, kept_bytes=3_000_000_000, history_bytes=1)
    look = Look.objects.create(owner=bob, study=study, kind=LookKind.GATES, bytes=40)
    document = a_corpus(bob).documents.get()
    Document.objects.filter(pk=document.pk).update(bytes=2_000_000_000, original_bytes=2_000_000_000)
    a_request(bob, study, prompt="so", length=10)
    with django_assert_num_queries(1):
        found = storages([alice, bob, charlie])
    assert found[alice.pk].models == 5_000_000_001 and found[alice.pk].passages == len("so")
    assert (found[bob.pk].texts, found[bob.pk].models, found[bob.pk].passages) == (4_000_000_000, look.bytes, 10 * 16)
    assert found[charlie.pk].used == 0
    assert storages([]) == {}


def test_a_request_that_ended_before_it_wrote_takes_no_room(alice: User) -> None:
    study = a_model(alice)
    before = stored_bytes(alice)
    job = a_request(alice, study, prompt="", length=100_000)
    transitions.cancel(job)
    assert stored_bytes(alice) == before


def test_what_a_training_told_counts(alice: User) -> None:
    study = a_study(alice)
    before = stored_bytes(alice)
    record(study.pk, [{"event": "sample", "step": step, "text": "x" * 200} for step in range(100)])
    assert stored_bytes(alice) >= before + 100 * 200


def test_no_more_requests_for_passages_wait_than_may(client: Client, alice: User, bob: User, settings: Any) -> None:
    settings.WAITING_PASSAGES_LIMIT = 2
    study = a_model(alice)
    first, _ = a_request(alice, study), a_request(alice, study)
    client.force_login(alice)
    wanted = {"prompt": "Out", "length": "10", "temperature": "1", "passages": "1", "seed": "1"}
    answer = client.post(f"/passages/write/{study.pk}/", wanted)
    assert answer.status_code == 422
    assert "2 requests of yours wait to be written" in answer.content.decode()
    passage = first.passages.get()
    again = client.post(f"/passages/{passage.pk}/again/", follow=True)
    assert "2 requests of yours wait" in again.content.decode()
    other = a_model(alice)
    both = {**wanted, "a": study.pk, "b": other.pk}
    assert "2 requests of yours wait" in client.post("/passages/compare/", both).content.decode()
    a_request(bob)
    transitions.claim(Kind.WRITE, "writer")
    assert client.post(f"/passages/write/{study.pk}/", wanted).status_code == 302


def test_a_request_that_is_sent_twice_is_one_also_where_no_more_may_wait(
    client: Client, alice: User, settings: Any
) -> None:
    settings.WAITING_PASSAGES_LIMIT = 1
    study = a_model(alice)
    client.force_login(alice)
    wanted = {"length": "10", "temperature": "1", "passages": "1", "seed": "1", "submission": str(uuid4())}
    first, second = (client.post(f"/passages/write/{study.pk}/", wanted) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert Passage.objects.count() == 1


def test_a_training_may_not_ask_for_more_minutes_than_are_allowed(client: Client, alice: User) -> None:
    allow(alice, minutes_limit=5)
    client.force_login(alice)
    corpus = a_corpus(alice)
    answer = client.post(f"/models/new/{corpus.pk}/", {"recipe": "best", "minutes": "6"})
    assert "A training may take 5 minutes here" in answer.content.decode()
    assert client.post(f"/models/new/{corpus.pk}/", {"recipe": "best", "minutes": "5"}).status_code == 302


def test_a_recipe_whose_own_budget_is_above_the_limit_is_refused(alice: User) -> None:
    allow(alice, minutes_limit=1)
    with pytest.raises(LimitReached):
        a_study(alice, recipe="best")


def test_zero_is_no_limit(alice: User) -> None:
    allow(alice, running_limit=0, waiting_limit=0, stored_limit_mb=0, minutes_limit=0)
    a_study(alice), a_study(alice)
    assert transitions.claim(Kind.TRAIN, "one") and transitions.claim(Kind.TRAIN, "two")


def test_going_on_and_training_further_wait_their_turn_too(alice: User) -> None:
    study = a_model(alice)
    allow(alice, waiting_limit=1, minutes_limit=10)
    with pytest.raises(LimitReached):
        services.train_further(study, {"minutes": 11})
    a_study(alice)
    with pytest.raises(LimitReached):
        services.train_further(study, {"minutes": 1})
    assert study.jobs.count() == 1


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("limits", *arguments, stdout=out)
    return out.getvalue()


def test_a_command_shows_and_sets_them(alice: User) -> None:
    assert "waiting 100" in command("alice")
    assert "running 2, waiting 0" in command("Alice", "--running", "2", "--waiting", "0")
    assert "waiting 100" in command("alice", "--waiting", "default")
    with pytest.raises(CommandError, match="nobody called"):
        command("nobody")


def test_the_account_page_says_what_may_be_used(client: Client, alice: User) -> None:
    allow(alice, stored_limit_mb=20_000)
    a_corpus(alice)
    client.force_login(alice)
    assert "0.0 of 20,000 MB" in client.get("/accounts/").content.decode()


def test_the_account_page_says_what_takes_the_room(client: Client, alice: User) -> None:
    study = a_model(alice)
    Study.objects.filter(pk=study.pk).update(kept_bytes=2_000_000)
    client.force_login(alice)
    page = client.get("/accounts/").content.decode()
    assert "<meter" in page and "2.0 MB" in page and "Texts and their originals" in page


def test_who_has_little_room_left_is_told_where_more_is_brought(client: Client, alice: User) -> None:
    study = a_model(alice)
    assert study.corpus
    pages = (
        "/accounts/",
        "/corpora/",
        "/corpora/new/",
        study.corpus.get_absolute_url(),
        f"/models/new/{study.corpus.pk}/",
    )
    allow(alice, stored_limit_mb=10)
    client.force_login(alice)
    for size, is_said in ((5_000_000, False), (8_500_000, True), (20_000_000, True)):
        Study.objects.filter(pk=study.pk).update(kept_bytes=size)
        assert [
            page for page in pages if ("Before that is full" in client.get(page).content.decode()) is not is_said
        ] == []
