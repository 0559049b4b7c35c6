"""Deleting an account: what is asked first, what goes, what of others stays, and who can't do it."""

import functools
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.support.environment import broker_dead
from tests.support.events import record
from tests.support.factory import PROGRESS, TEXT, a_corpus, a_model, a_request, a_study, begin
from tests.support.waiting import wait_for
from tests.web.test_security_log import Log
from tests.web.test_security_log import log as log  # a fixture
from webapp import files
from webapp.account_deletion import services
from webapp.accounts.models import User
from webapp.corpora.models import Corpus
from webapp.corpora.services import add_documents, adding, figures, queue_documents
from webapp.passages.models import Opening, Passage
from webapp.queue import transitions
from webapp.queue.models import Job, Kind
from webapp.queue.transitions import LeaseLost
from webapp.studies import services as studies
from webapp.studies import waits
from webapp.studies.models import HistoryPoint, Sample, Study
from webapp.workers.lease_holder import LeaseHolder

pytestmark = pytest.mark.django_db(transaction=True)  # files go when the rows are gone
PASSWORD = "alices own password"
ADDRESS = "/accounts/delete/"


@pytest.fixture(autouse=True)
def _nothing_of_other_tests() -> None:
    for kind in ("documents", "studies", "texts", "uploads"):
        files.delete_tree(kind)


def logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def everything_of(owner: User) -> Study:
    """Make one of everything: a model with files, passages, an upload and a training that wait, one under way."""
    corpus = a_corpus(owner)
    add_documents(corpus, [("letters.txt", "Ärger und Öl.\n".encode("utf-16"))])  # its original has other bytes
    queue_documents(corpus, [("more.docx", b"PK\3\4")], [], None)
    study = a_model(owner, corpus=corpus)
    for key in (study.model_key, f"{study.prefix}/checkpoints/1-1-40"):
        files.add(key, "weights", b"learned")
    record(study.pk, [PROGRESS, {"event": "sample", "step": 40, "text": "to be"}])
    a_request(owner, study)
    begin(a_study(owner, corpus=corpus))
    a_study(owner, corpus=corpus)
    EmailAddress.objects.create(user=owner, email=f"{owner.username}@example.org")
    return study


def stored() -> set[str]:
    return {key for kind in ("documents", "studies", "texts", "uploads") for key in files.keys(kind)}


def delete(client: Client, password: str = PASSWORD, **rest: Any) -> Any:
    return client.post(ADDRESS, {"password": password}, **rest)


def exists(person: User) -> bool:
    return User.objects.filter(pk=person.pk).exists()


def test_everything_of_the_person_goes_and_nothing_of_another_does(alice: User, bob: User) -> None:
    before = stored()
    bobs = everything_of(bob)
    others = stored()
    counts = {model: model.objects.count() for model in (Corpus, Study, Job, Passage, Opening, HistoryPoint, Sample)}
    everything_of(alice)
    assert len(stored()) > len(others) > len(before)
    assert sum(key.endswith("/original") for key in stored()) == 2
    services.delete(alice)
    assert stored() == others
    assert {model: model.objects.count() for model in counts} == counts
    assert list(User.objects.all()) == [bob] and EmailAddress.objects.get().user == bob
    assert "1 training is under way" in logged_in(bob).get(ADDRESS).content.decode()
    assert files.read(bobs.documents[0]["key"]).decode() == TEXT
    services.delete(bob)
    assert stored() == before


def test_the_page_says_what_goes(alice: User) -> None:
    study = everything_of(alice)
    Passage.objects.update(share_key="k" * 43)
    Study.objects.filter(pk=study.pk).update(kept_bytes=3_000_000)
    page = logged_in(alice).get(ADDRESS).content.decode()
    said = ("1 corpus,", "3 models,", "1 passage<", "3.0 MB", "1 training is under way", "1 training waits")
    assert [words for words in (*said, "1 passage that you share by a link") if words not in page] == []
    assert "alice@example.org" in page


def test_the_account_page_leads_there(alice: User) -> None:
    assert f'href="{ADDRESS}"' in logged_in(alice).get(reverse("account")).content.decode()


def test_it_is_done_said_written_down_and_told_to_the_address(alice: User, log: Log) -> None:
    EmailAddress.objects.create(user=alice, email="alice@example.org")
    client = logged_in(alice)
    answer = client.post(ADDRESS, {"password": PASSWORD}, follow=True)
    assert "The account is deleted" in answer.content.decode()
    assert answer.redirect_chain == [(reverse("account_deleted"), 302)]
    assert not exists(alice)
    letter = mail.outbox[-1]
    assert letter.to == ["alice@example.org"] and "The account alice was deleted" in letter.body
    assert letter.subject == "[Understudy] Account deleted"
    assert [line for line in log.lines if "alice deleted the account, from 127.0.0.1" in line]
    assert "sessionid" not in client.cookies or not client.cookies["sessionid"].value


def test_it_works_without_an_address_and_with_a_mail_server_that_is_away(alice: User, bob: User, settings: Any) -> None:
    assert delete(logged_in(alice)).status_code == 302 and not mail.outbox
    EmailAddress.objects.create(user=bob, email="bob@example.org")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert delete(logged_in(bob), "bobs own password").status_code == 302
    assert not exists(bob)


@pytest.mark.parametrize("password", ["", "a guess", "bobs own password", "alices own password ", "x" * 10_000])
def test_a_session_alone_deletes_nothing(alice: User, bob: User, password: str) -> None:
    client = logged_in(alice)
    answer = delete(client, password)
    assert answer.status_code == 422 and 'class="errorlist"' in answer.content.decode()
    assert client.post(ADDRESS).status_code == 422
    assert exists(alice) and exists(bob)


def test_not_even_one_in_which_the_password_was_given_a_moment_ago(alice: User) -> None:
    client = logged_in(alice)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(ADDRESS, {}).status_code == 422
    assert exists(alice)


def test_nobody_else_can_be_named(alice: User, bob: User) -> None:
    client = logged_in(bob)
    for field in ("user", "user_id", "id", "pk", "username", "login", "owner"):
        answer = client.post(f"{ADDRESS}?{field}={alice.pk}", {field: alice.pk, "password": PASSWORD})
        assert answer.status_code == 422
        assert client.post(f"{ADDRESS}{alice.pk}/", {"password": "bobs own password"}).status_code == 404
    assert exists(alice) and exists(bob)


def test_guessing_the_password_is_slowed_down(alice: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reauthenticate": "3/m/user"}
    client = logged_in(alice)
    assert [delete(client, f"guess {n}").status_code for n in range(5)] == [422, 422, 422, 429, 429]
    assert delete(client).status_code == 429
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 429
    assert exists(alice)


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_only_a_form_deletes(alice: User, method: str) -> None:
    client = logged_in(alice)
    answer = getattr(client, method)(f"{ADDRESS}?password={PASSWORD}")
    assert answer.status_code == (200 if method in ("get", "head") else 405)
    assert exists(alice)


def test_a_form_from_elsewhere_deletes_nothing(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert delete(client).status_code == 403
    assert exists(alice)


def test_all_sessions_of_the_person_end_and_those_of_others_go_on(alice: User, bob: User) -> None:
    here, elsewhere, bobs = logged_in(alice), logged_in(alice), logged_in(bob)
    Session.objects.create(session_key="unreadable", session_data="broken", expire_date="2100-01-01T00:00:00Z")
    delete(here)
    for client in (here, elsewhere):
        assert client.get(reverse("account"))["Location"].startswith("/accounts/login/")
    assert bobs.get(reverse("account")).status_code == 200
    assert Session.objects.filter(session_key=elsewhere.cookies["sessionid"].value).count() == 0
    answer = Client().post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert answer.status_code == 200


def test_the_second_click_finds_nobody(alice: User) -> None:
    first, second = logged_in(alice), logged_in(alice)
    delete(first)
    assert delete(second)["Location"].startswith("/accounts/login/")
    with pytest.raises(User.DoesNotExist):
        services.delete(alice)


def test_what_is_being_made_while_the_account_goes_is_not_made(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stored()
    client = logged_in(alice)
    count = figures.describe

    def delete_meanwhile(*documents: Any) -> Any:
        services.delete(alice)
        return count(*documents)

    monkeypatch.setattr(adding, "describe", delete_meanwhile)
    answer = client.post("/corpora/new/", {"pasted": TEXT})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/")
    assert stored() == before and not Corpus.objects.exists()


def test_a_name_that_is_free_again_gets_nothing_of_before(client: Client, alice: User) -> None:
    everything_of(alice)
    number = alice.pk
    stale = logged_in(alice)
    delete(logged_in(alice))
    client.post("/accounts/signup/", {"username": "alice", "password1": "correct horse battery"})
    assert User.objects.get(username="alice").pk != number
    assert stale.get("/accounts/").status_code == 302
    assert "Macbeth" not in client.get("/corpora/").content.decode()


def test_a_link_that_was_shared_shows_nothing_any_more(client: Client, alice: User) -> None:
    a_request(alice)
    Passage.objects.update(share_key="k" * 43)
    address = reverse("shared", args=["k" * 43])
    assert client.get(address).status_code == 200
    services.delete(alice)
    assert client.get(address).status_code == 404


def test_a_worker_can_write_nothing_of_the_dead(alice: User) -> None:
    study = a_study(alice)
    lease = begin(study)
    services.delete(alice)
    for act in (lease.renew, lambda: lease.move("succeed"), lambda: lease.move("cancel")):
        with pytest.raises(LeaseLost):
            act()
    assert transitions.claim(Kind.TRAIN, "worker") is None
    assert not transitions.take_back(lease.job_id, lease.token, "lost")


def test_a_worker_that_writes_all_the_time_is_never_in_the_way(alice: User, bob: User, charlie: User) -> None:
    for person in (alice, bob, charlie):
        study = a_study(person)
        holder, writes = LeaseHolder(begin(study)), Counter[str]()
        thread = threading.Thread(target=write_on, args=(holder, study.pk, writes))
        thread.start()
        wait_for(functools.partial(has_made, writes))
        services.delete(person)
        thread.join()
        assert writes["lost"] == 1
    assert not Study.objects.exists() and not HistoryPoint.objects.exists()


def has_made(writes: Counter[str]) -> bool:
    return writes["made"] >= 3


def write_on(holder: LeaseHolder, study: int, writes: Counter[str]) -> None:
    """Write points of a history until the lease is lost, as a supervisor does."""
    try:
        while True:
            point = {**PROGRESS, "step": writes["made"] + 1}
            writes["made"] += holder.write(functools.partial(record, study, [point]))
    except LeaseLost:
        writes["lost"] += 1
    finally:
        connection.close()


@pytest.mark.parametrize("moment", range(1, 11))
@pytest.mark.parametrize("asked", ["who gives way", "how long one waits"])
def test_others_are_served_whenever_it_happens(alice: User, bob: User, asked: str, moment: int) -> None:
    begin(a_study(alice))
    running = Job.objects.get(pk=begin(a_study(bob)).job_id)
    a_study(alice)
    waiting = studies.training(a_study(bob))
    with connection.execute_wrapper(After(moment, lambda: services.delete(alice))):
        if asked == "who gives way":
            transitions.has_to_give_way(running)
        else:
            waits.Queue().seconds_until_start(waiting)


class After:
    """Does something once a number of queries were answered."""

    def __init__(self, queries: int, do: Callable[[], object]) -> None:
        self._left, self._do = queries, do

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        answer = execute(*arguments)
        self._left -= 1
        if self._left == 0:
            self._do()
        return answer


def test_what_was_deleted_already_and_waits_for_its_worker_goes_too(alice: User) -> None:
    study = a_study(alice)
    begin(study)
    studies.delete(study)
    assert "0 models" in logged_in(alice).get(ADDRESS).content.decode()
    services.delete(alice)
    assert not Study.objects.exists() and not files.keys(study.documents[0]["key"].rpartition("/")[0])


def test_with_the_broker_dead_it_is_done_all_the_same(alice: User) -> None:
    everything_of(alice)
    client = logged_in(alice)
    with broker_dead():
        begun = time.monotonic()
        assert delete(client).status_code == 302
        assert time.monotonic() - begun < 20
    assert not exists(alice)


def test_files_that_cannot_be_deleted_keep_no_account_alive_and_are_found_as_orphans(
    alice: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = stored()
    everything_of(alice)
    left = stored() - before
    storage = default_storage
    with monkeypatch.context() as away:

        def refuse(*_: Any) -> None:
            raise OSError("the storage is away")

        away.setattr(storage, "listdir", refuse)
        assert delete(logged_in(alice)).status_code == 302
    assert not exists(alice) and not Study.objects.exists() and not Job.objects.exists()
    assert stored() - before == left
    for key in left:
        age(Path(storage.path(key)))
    call_command("orphans", "--remove")
    assert not stored() & left


def age(path: Path) -> None:
    """Let a file be two hours old: of a younger one the row may be on its way."""
    then = time.time() - 7200
    os.utime(path, (then, then))


def test_a_deletion_that_breaks_off_leaves_everything(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stored()
    everything_of(alice)
    kept, jobs = stored(), Job.objects.count()

    def break_off(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(User, "delete", break_off)
    with pytest.raises(KeyboardInterrupt):
        services.delete(alice)
    assert stored() == kept > before and Job.objects.count() == jobs and Corpus.objects.count() == 1


def test_the_only_superuser_stays_and_is_told_why(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    client = logged_in(alice)
    page = client.get(ADDRESS)
    assert page.status_code == 200 and "only account of a superuser" in page.content.decode()
    assert 'name="password"' not in page.content.decode()
    assert delete(client).status_code == 409 and exists(alice)
    with pytest.raises(services.NotDeletable):
        services.delete(User.objects.get(pk=alice.pk))
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    assert delete(client).status_code == 302
    assert not exists(alice) and exists(bob)


def test_who_has_no_password_sets_one_first(alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    client = logged_in(alice)
    page = client.get(ADDRESS).content.decode()
    link = re.search(r'href="(/accounts/password/set/[^"]+)"', page)
    assert link and 'name="password"' not in page
    assert delete(client, "").status_code == 422 and delete(client, "anything").status_code == 422
    new = "correct horse battery"
    hidden = re.search(r'name="next"[^>]* value="([^"]+)"', client.get(link[1]).content.decode())
    assert hidden
    answer = client.post("/accounts/password/set/", {"password1": new, "password2": new, "next": hidden[1]})
    assert answer["Location"] == ADDRESS
    assert delete(client, new).status_code == 302 and not exists(alice)


def test_the_page_that_says_so_is_for_nobody(client: Client, alice: User) -> None:
    assert "The account is deleted" in client.get(reverse("account_deleted")).content.decode()
    assert logged_in(alice).get(reverse("account_deleted"))["Location"] == reverse("account")


def test_the_password_is_in_no_log(alice: User, log: Log) -> None:
    delete(logged_in(alice), "my secret guess")
    assert "secret" not in str(log.lines) and "log-in failed for alice" in str(log.lines)
    assert settings.ACCOUNT_REAUTHENTICATION_REQUIRED
