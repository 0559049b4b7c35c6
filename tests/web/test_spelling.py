"""Openings for models of lower-cased corpora: they are read in lower case, and shown as they were typed."""

import json
import threading
from collections.abc import Iterator

import pytest
from django.test import Client

from tests.support.factory import a_study
from tests.support.learning import RECIPE, a_learned, bring, end_of_writing, learn, write
from tests.support.pages import html_of
from webapp import files
from webapp.accounts.models import User
from webapp.passages.models import Passage
from webapp.queue import transitions
from webapp.queue.models import Job, Kind
from webapp.studies import services
from webapp.studies.models import Study
from webapp.workers.training import TrainingSupervisor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("warm_trainers")]

TEXT = "Nobody answered him, NOBODY: \u1e96amor H\u0331amor \u01f0in J\u030cin, \u00c9lan.\n\n" * 40
CHOICES = {"length": "60", "temperature": "1.2", "passages": "1", "seed": "11", "unit": "characters"}


@pytest.fixture(scope="module", autouse=True)
def writer() -> Iterator[None]:
    yield
    end_of_writing()


@pytest.fixture(autouse=True)
def logged_in(client: Client, alice: User) -> None:
    client.force_login(alice)


def asked(client: Client, study: Study, prompt: str) -> Passage:
    """Ask for a passage on the study's page, and wait until it is written."""
    client.post(f"/passages/write/{study.pk}/", CHOICES | {"prompt": prompt})
    return write(Job.objects.filter(kind=Kind.WRITE).latest("pk"))[0]


def unknown(client: Client, passage: Passage) -> str:
    return str(client.get(f"/passages/request/{passage.job_id}/").json()["unknown"])


def test_an_opening_is_read_as_a_corpus_that_was_lower_cased_on_the_site(client: Client, alice: User) -> None:
    study = a_learned(alice, bring(alice, TEXT, lowercase=True))
    assert json.loads(files.read(f"{study.model_key}/recipe.json"))["lowercase"] is True
    meant = asked(client, study, "nobody answered him")
    typed = asked(client, study, "NOBODY ANSWERED HIM")
    assert (unknown(client, typed), typed.prompt, typed.text) == ("", "NOBODY ANSWERED HIM", meant.text)
    for prompt in ("E\u0301LAN\r\nH\u0331AMOR", "\u00c9lan\nJ\u030cIN", "\ufeffN\x00O"):
        assert unknown(client, asked(client, study, prompt)) == ""
    page = html_of(client.get(f"/passages/write/{study.pk}/?request={typed.job_id}"))
    assert 'class="opening">NOBODY ANSWERED HIM</span>' in page
    check_what_is_done_with_it(client, study, typed, meant)


def check_what_is_done_with_it(client: Client, study: Study, typed: Passage, meant: Passage) -> None:
    """Check that cutting, trace, download and writing again all use the same places in the text."""
    symbols = client.get(f"/passages/{typed.pk}/trace/").json()["symbols"]
    assert sum(symbol[0] for symbol in symbols) == len(typed.text) == 60
    assert html_of(client.get(f"/passages/{typed.pk}/download/")).startswith(typed.prompt + typed.text + "\n")
    for at in (1, 17, 59):
        goings_on = [asked(client, study, passage.prompt + passage.text[:at]).text for passage in (typed, meant)]
        assert goings_on[0] == goings_on[1]
    client.post(f"/passages/{typed.pk}/again/")
    again = write(Job.objects.filter(kind=Kind.WRITE).latest("pk"))[0]
    assert (again.text, again.again_of) == (typed.text, typed)


def test_two_models_each_read_an_opening_as_their_own_text_was(client: Client, alice: User) -> None:
    """One of the studies is from an older version, whose recipe did not say that the corpus was lower-cased."""
    written = a_learned(alice, bring(alice, TEXT))
    lowered = services.submit(alice, bring(alice, TEXT, lowercase=True), RECIPE, "Fleance")
    Study.objects.filter(pk=lowered.pk).update(recipe=RECIPE)
    learn(lowered)
    meant = asked(client, lowered, "nobody quite")
    models = {"a": str(written.pk), "b": str(lowered.pk)}
    client.post("/passages/compare/", CHOICES | models | {"prompt": "NOBODY QUITE"})
    jobs = Job.objects.filter(kind=Kind.WRITE).order_by("pk")
    first, second = (write(job)[0] for job in list(jobs)[-2:])
    assert (unknown(client, first), unknown(client, second)) == ("Q U I T E", "q u t")
    assert (second.prompt, second.text) == ("NOBODY QUITE", meant.text)


@pytest.mark.parametrize("recipe", ["quick", "tutorial"])
def test_training_on_a_corpus_says_whether_it_was_lower_cased(alice: User, recipe: str) -> None:
    studies = [a_study(alice, bring(alice, TEXT, lowercase), recipe) for lowercase in (True, False)]
    studies += [services.again(study.owner, study, {"recipe": "quick"}, "Again") for study in studies]
    told = []
    for _ in studies:
        job = transitions.claim(Kind.TRAIN, "worker")
        assert job
        told.append("--lowercase" in TrainingSupervisor(job, threading.Event()).arguments([]))
    assert told == [True, False, True, False]
