"""The operator's page, its buttons and the figures for Prometheus: who sees them, what they show, what they do."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support.factory import a_corpus, a_study, begin
from webapp.accounts.models import Invitation, User
from webapp.operations import overview
from webapp.queue.models import Job, State, Worker
from webapp.workers import announcement

pytestmark = pytest.mark.django_db

TOKEN = "a token of the operator's own"


@pytest.fixture
def operator(alice: User) -> User:
    call_command("operators", add="alice", verbosity=0)
    alice.refresh_from_db()
    return alice


def _worker(name: str, minutes_ago: int = 0) -> Worker:
    heard = timezone.now() - timedelta(minutes=minutes_ago)
    about = {"queues": "train", "device": "NVIDIA H200", "cores": 16, "memory": 10**11, "versions": {"keras": "3.15.1"}}
    return Worker.objects.create(name=name, started=heard, heard=heard, **about)


def _addresses(job: Job) -> list[str]:
    return [reverse(f"operator_{name}", args=[job.pk]) for name in ("cancel", "requeue")]


def test_nobody_else_learns_that_it_is_there(client: Client, bob: User) -> None:
    job = a_study(bob).jobs.get()
    assert client.get(reverse("operator")).status_code == 302
    client.force_login(bob)
    nothing = client.get("/no-such-page/")
    assert client.get(reverse("operator")).status_code == nothing.status_code == 404
    assert [client.post(address).status_code for address in _addresses(job)] == [404, 404]
    assert client.get(reverse("operator_job", args=[job.pk])).status_code == 404
    assert reverse("operator") not in client.get(reverse("account")).content.decode()
    job.refresh_from_db()
    assert (job.state, job.wish) == (State.QUEUED, "")


def test_it_shows_workers_jobs_and_people(client: Client, operator: User, bob: User) -> None:
    study = a_study(bob)
    begin(study)
    Job.objects.update(worker="train-0@hall/1a2b3c4d")
    _worker("train-0@hall")
    _worker("train-1@cellar", minutes_ago=60)
    client.force_login(operator)
    assert reverse("operator") in client.get(reverse("account")).content.decode()
    page = client.get(reverse("operator")).content.decode()
    for shown in ("train-0@hall", "NVIDIA H200", "at work", "Banquo", "heard of an hour ago", "bob", "16 cores"):
        assert shown in page, shown


def test_a_job_has_a_page_with_what_the_logs_say_of_it(
    client: Client, operator: User, bob: User, settings: Any, tmp_path: Path
) -> None:
    settings.LOG_DIR = tmp_path
    study = a_study(bob)
    begin(study).move("fail", reason="The machine ran out of memory.")
    job = study.jobs.get().pk
    client.force_login(operator)
    address = reverse("operator_job", args=[job])
    assert address in client.get(reverse("operator")).content.decode()
    assert f"look for “job {job}”" in " ".join(client.get(address).content.decode().split())
    line = f"2026-11-30 10:44:33,474 INFO webapp.workers.tasks: job {job}: attempt 1\n"
    (tmp_path / "train.log").write_text(f"{line}2026-11-30 10:44:34,000 INFO x: job {job}0: another <b>one</b>\n")
    record = {"message": "POST /models/new/1/: 302 <script>", "job": job, "time": "2026-11-30T10:44:33.400395+00:00"}
    (tmp_path / "web.log.1").write_text(json.dumps(record))
    page = client.get(address).content.decode()
    assert 0 < page.index("POST /models/new/1/: 302 &lt;script&gt;") < page.index(f"job {job}: attempt 1")
    assert "another" not in page and "The machine ran out of memory." in page and "Queue again" in page


def test_a_job_is_stopped_and_a_failed_training_is_queued_again(client: Client, operator: User, bob: User) -> None:
    study = a_study(bob)
    client.force_login(operator)
    client.post(reverse("operator_cancel", args=[study.jobs.get().pk]))
    assert study.jobs.get().state == State.CANCELLED
    failed = a_study(bob, corpus=a_corpus(bob), name="Duncan")
    begin(failed).move("fail", reason="The machine ran out of memory.")
    page = client.get(reverse("operator")).content.decode()
    assert "The machine ran out of memory." in page
    client.post(reverse("operator_requeue", args=[failed.jobs.get().pk]))
    assert [job.state for job in failed.jobs.order_by("pk")] == [State.FAILED, State.QUEUED]
    again = client.post(reverse("operator_requeue", args=[failed.jobs.earliest("pk").pk]), follow=True)
    assert "This training goes on already, or has ended well since." in again.content.decode()
    assert failed.jobs.count() == 2


@pytest.mark.sql
def test_the_people_who_were_here_last_come_first(alice: User, bob: User, charlie: User) -> None:
    now = timezone.now()
    User.objects.filter(pk=bob.pk).update(last_login=now)
    User.objects.filter(pk=charlie.pk).update(last_login=now - timedelta(days=1))
    assert [one.person for one in overview.people()] == [bob, charlie, alice], "alice has never been here"


def test_a_worker_announces_itself_once_and_again(bob: User) -> None:
    study = a_study(bob)
    begin(study)
    Job.objects.update(worker="train@hall/1a2b3c4d")
    study.progress = {"chars_per_s": 12_345}
    study.save()
    about = announcement.about(["train"])
    announcement.announce("train@hall", about)
    announcement.announce("train@hall", about)
    row = Worker.objects.get()
    assert (row.queues, row.speed) == ("train", 12_345)
    assert row.cores >= 1
    assert row.device
    assert row.versions["keras"].startswith("3.")
    assert timezone.now() - row.heard < timedelta(minutes=1)


def test_figures_are_for_whoever_has_the_token(client: Client, bob: User, settings: object) -> None:
    a_study(bob)
    _worker("train-1@cellar", minutes_ago=60)
    address = reverse("metrics")
    assert client.get(address, headers={"Authorization": "Bearer "}).status_code == 404
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    assert client.get(address).status_code == 404
    assert client.get(address, headers={"Authorization": "Bearer another"}).status_code == 404
    text = client.get(address, headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    assert 'understudy_jobs{kind="train",state="waiting"} 1.0' in text
    assert 'understudy_worker_up{worker="train-1@cellar"} 0.0' in text
    assert "understudy_people 1.0" in text


def _invited(client: Client, operator: User, places: int = 1) -> str:
    """Let the operator make an invitation, and return its address."""
    client.force_login(operator)
    client.post(reverse("operator_invite"), {"note": "4b", "places": places, "days": 7})
    address = reverse("invited", args=[Invitation.objects.get().key])
    assert address in client.get(reverse("operator")).content.decode()
    client.logout()
    return address


def _sign_up(client: Client, name: str) -> bool:
    password = "a word of 30 letters or so"
    client.post(reverse("account_signup"), {"username": name, "password1": password, "email": ""})
    return User.objects.filter(username=name).exists()


def test_an_invitation_lets_as_many_in_as_it_has_places(client: Client, operator: User, settings: object) -> None:
    settings.REGISTRATION_OPEN = False  # type: ignore[attr-defined]
    assert not _sign_up(client, "dora")
    address = _invited(client, operator)
    late = Client()
    for one in (client, late):
        assert one.get(address).headers["Location"] == reverse("account_signup")
    assert _sign_up(client, "emil")
    assert not _sign_up(late, "fritz")
    assert "The house is full" in late.get(reverse("account_signup")).content.decode()
    gone = late.get(address)
    assert gone.status_code == 404
    assert "This invitation is over" in gone.content.decode()


def test_a_withdrawn_invitation_lets_nobody_in(client: Client, operator: User, settings: object) -> None:
    settings.REGISTRATION_OPEN = False  # type: ignore[attr-defined]
    address = _invited(client, operator, places=5)
    guest = Client()
    guest.get(address)
    client.force_login(operator)
    client.post(reverse("operator_withdraw", args=[Invitation.objects.get().pk]))
    assert not _sign_up(guest, "gustav")


def test_an_invitation_with_wrong_figures_is_said_so(client: Client, operator: User) -> None:
    client.force_login(operator)
    answer = client.post(reverse("operator_invite"), {"note": "", "places": 0, "days": 7})
    assert answer.status_code == 422
    assert not Invitation.objects.exists()
