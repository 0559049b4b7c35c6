"""GPUs: offered where a worker has one, named in the queue, and estimates at the speed that workers have measured."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.api import Program
from tests.support.events import record
from tests.support.factory import PROGRESS, a_corpus, a_study, begin
from webapp.accounts import tokens
from webapp.accounts.models import User
from webapp.queue.models import Job, Worker
from webapp.studies import services
from webapp.studies.estimates import Estimator
from webapp.studies.models import Study
from webapp.workers import announcement

pytestmark = pytest.mark.django_db
STARTED = {"event": "started", "step": 0, "recipe": {}, "vocabulary": 60, "parameters": 10, "device": "CPU"}
STARTED |= {"characters": 5_000, "steps": None}


def a_worker(name: str = "train@hall", minutes_ago: int = 0, **fields: Any) -> Worker:
    heard = timezone.now() - timedelta(minutes=minutes_ago)
    about = {"queues": "train", "device": "a processor", "cores": 2, "memory": 10**10}
    return Worker.objects.create(name=name, started=heard, heard=heard, **{**about, **fields})


def form(client: Client, owner: User) -> str:
    client.force_login(owner)
    return str(client.get(f"/models/new/{a_corpus(owner).pk}/").content.decode())


def test_it_is_offered_where_a_worker_with_one_was_heard_of_lately(client: Client, alice: User) -> None:
    a_worker(reference_speed=20_000)
    assert "Train on a GPU" not in form(client, alice)
    gpu = a_worker("train@cellar", minutes_ago=60, gpu=True, reference_speed=900_000)
    assert "Train on a GPU" not in form(client, alice)
    Worker.objects.filter(pk=gpu.pk).update(heard=timezone.now(), queues="write")
    assert "Train on a GPU" not in form(client, alice), "it does not train"
    Worker.objects.filter(pk=gpu.pk).update(queues="train")
    assert "Train on a GPU" in form(client, alice)


def test_it_is_offered_where_the_operator_says_so(client: Client, alice: User, settings: Any) -> None:
    settings.GPU_WORKERS = True
    assert "It waits for a worker that has one." in form(client, alice)


def test_the_form_says_what_it_brings_here(client: Client, alice: User) -> None:
    a_worker(reference_speed=20_000)
    a_worker("two", reference_speed=20_000)
    a_worker("three", gpu=True, reference_speed=410_000)
    assert "Those here train about 20 times as fast as the others." in form(client, alice)


def test_a_training_asks_for_it_and_says_what_it_waits_for(client: Client, alice: User) -> None:
    a_worker(gpu=True)
    client.force_login(alice)
    address = f"/models/new/{a_corpus(alice).pk}/"
    page = client.post(address, {"recipe": "quick", "needs_gpu": "on"}, follow=True).content.decode()
    assert "It waits for a worker with a GPU." in page
    Job.objects.update(created=timezone.now() - timedelta(minutes=1))
    page = client.get(Study.objects.get().get_absolute_url()).content.decode()
    assert "Waiting for a worker with a GPU. It starts by itself as soon as one is there." in page
    again = client.get(f"/models/{Study.objects.get().pk}/again/").content.decode()
    assert re.search(r'<input[^>]*name="needs_gpu"[^>]* checked', again)
    Job.objects.update(created=timezone.now())
    Worker.objects.update(heard=timezone.now() - timedelta(hours=1))
    page = client.get(Study.objects.get().get_absolute_url()).content.decode()
    assert "Waiting for a worker with a GPU." in page and "It starts in" not in page


def test_nobody_asks_for_what_is_not_there(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post(f"/models/new/{a_corpus(alice).pk}/", {"recipe": "quick", "needs_gpu": "on"})
    assert not Job.objects.get().needs_gpu


def test_programs_ask_for_it_too(alice: User) -> None:
    program, corpus = Program(tokens.make(alice, "A script", False)[1]), a_corpus(alice)
    assert not program.ask("GET", "/account").json()["gpu"]
    refused = program.ask("POST", "/models", {"corpus": corpus.pk, "gpu": True})
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "gpu"
    a_worker(gpu=True)
    assert program.ask("GET", "/account").json()["gpu"]
    model = program.ask("POST", "/models", {"corpus": corpus.pk, "gpu": True}).json()
    assert model["gpu"] and "a worker with a GPU" in model["training"]["sentence"]
    assert program.ask("POST", f"/models/{model['id']}/again", {"gpu": True}).json()["gpu"]


# Estimates -------------------------------------------------------------------------------------------------------


def test_estimates_use_the_speed_of_the_workers_that_may_take_it(alice: User) -> None:
    a_worker(reference_speed=10_000)
    assert Estimator().speed == 10_000
    a_worker("two", reference_speed=30_000)
    a_worker("three", gpu=True, reference_speed=400_000)
    a_worker("away", minutes_ago=60, reference_speed=1)
    assert (Estimator().speed, Estimator(needs_gpu=True).speed) == (20_000, 400_000)
    Worker.objects.filter(gpu=False).delete()
    assert Estimator().speed == 400_000, "there is no other"


def test_the_form_shows_no_mogrifier_where_the_last_training_had_no_native_loops(alice: User) -> None:
    a_worker(reference_speed=20_000)
    assert Estimator().recipe("quick", 200_000, 60).mogrifier_rounds == 4
    for loops, cell, rounds in (("XLA, since …", "lstm", 0), ("Keras", "gru", 0), ("native, AVX2", "lstm", 4)):
        study = a_study(alice)
        recipe = {"procedure": "stream", "level": "char", "cell": cell}
        study.started = {**STARTED, "recipe": recipe, "loops": loops, "parameters": 1_000_000}
        study.progress = PROGRESS
        study.save()
        assert Estimator().recipe("quick", 200_000, 60).mogrifier_rounds == rounds


def test_a_slower_worker_makes_the_forms_times_longer(client: Client, alice: User) -> None:
    worker = a_worker(reference_speed=16_000)
    fast = Estimator().presets(200_000)["tutorial"]
    Worker.objects.filter(pk=worker.pk).update(reference_speed=4_000)
    assert Estimator().presets(200_000)["tutorial"] > 2 * fast


def test_a_worker_announces_the_speed_of_its_training_for_the_network_of_reference(alice: User) -> None:
    study = a_study(alice)
    begin(study)
    Job.objects.update(worker="train@hall/1a2b3c4d")
    recipe = {"procedure": "stream", "level": "char", "cell": "lstm"}
    Study.objects.update(started={**STARTED, "recipe": recipe, "parameters": 1_000_000}, progress=PROGRESS)
    about = announcement.about(["train"])
    announcement.announce("train@hall", {**about, "reference_speed": 1})
    announcement.announce("train@hall", about)
    assert Worker.objects.get().reference_speed == 6_172, "12,345 characters per second of half as many weights"
    Job.objects.all().delete()
    announcement.announce("train@hall", about)
    assert Worker.objects.get().reference_speed == 6_172, "it stays until it is measured again"
    announcement.announce("train@hall", {**about, "device": "another"})
    assert Worker.objects.get().reference_speed is None


def test_a_worker_measures_its_speed_once_and_not_while_it_trains(
    alice: User, warm_trainers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = announcement.about(["train"])
    announcement.announce("train@hall", about)
    study = a_study(alice)
    begin(study)
    Job.objects.update(worker="train@hall/1a2b3c4d")
    assert not announcement.measure("train@hall", about)
    Job.objects.all().delete()
    assert announcement.measure("train@hall", about)
    measured = Worker.objects.get().reference_speed
    assert measured and measured > 100
    assert announcement.measure("train@hall", about)
    assert Worker.objects.get().reference_speed == measured


# Another device --------------------------------------------------------------------------------------------------


def trained_on(study: Study, *devices: str) -> str:
    """Let it begin on the first device and go on on the others, and return what its page says of that."""
    for step, device in enumerate(devices):
        record(study.pk, [{**STARTED, "step": 10 * step}], device)
    client = Client()
    client.force_login(study.owner)
    page = client.get(study.get_absolute_url()).content.decode()
    return page if "no longer the same bytes" in page else ""


def test_going_on_on_another_device_is_told(alice: User) -> None:
    study = a_study(alice)
    begin(study)
    assert not trained_on(study, "AMD EPYC 9R14", "AMD EPYC 9R14")
    page = trained_on(study, "AMD EPYC 9R14", "NVIDIA H200, 143771 MiB")
    assert "It was trained on AMD EPYC 9R14, then on NVIDIA H200, 143771 MiB." in page
    assert not trained_on(study, "NVIDIA H200, 143771 MiB"), "it begins again"


def test_the_sentence_stays_when_it_goes_back(alice: User) -> None:
    study = a_study(alice)
    begin(study)
    assert "on one, then on two, then on one." in trained_on(study, "one", "two", "one")
    services.stop(study)
    study.refresh_from_db()
    assert study.devices == ["one", "two", "one"]
