"""The frozen texts: trainer, text index and pages read them as UTF-8, so every accepted upload can be trained on."""

import random
import threading

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from tests.support.factory import a_corpus, a_study
from tests.trainer.test_frozen_texts import FORMATS
from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.passages import openings
from webapp.queue import transitions
from webapp.queue.models import Job, Kind, State
from webapp.studies import services
from webapp.studies.models import Study
from webapp.workers import text_indexes
from webapp.workers.checksums import ArtifactProblem
from webapp.workers.training import TrainingSupervisor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("warm_trainers")]
TINY = {"recipe": "quick", "steps": 3, "units": 16, "layers": 1, "batch": 8, "sequence": 16}
NOT_UTF_8 = b"Tomorrow \xff\xfe" + b"and tomorrow, " * 100

#: texts that look like a PDF or another format once the byte order mark and control characters are removed
UPLOADS = {
    "a PDF's first line behind byte order marks": 3 * b"\xef\xbb\xbf" + FORMATS["PDF"].encode(),
    "a PDF's first line behind a control": b"\x02" + FORMATS["PDF"].encode(),
    "RTF in UTF-16 behind a control": ("\ufeff\x0f" + FORMATS["RTF"]).encode("utf-16-le"),
    "RTF behind a terminal's code": b"\x1b[0m" + FORMATS["RTF"].encode(),
    "PostScript behind a control": b"\x01" + FORMATS["PostScript"].encode(),
}


def test_uploads_that_are_accepted_train_and_are_found_again(alice: User) -> None:
    corpus = corpora.add_corpus(alice, "Odd", UPLOADS.items(), lowercase=False)
    assert not corpus.left_out
    study = services.submit(alice, corpus, TINY, "Banquo")
    job = transitions.claim(Kind.TRAIN, "worker")
    assert job
    TrainingSupervisor(job, threading.Event()).run()
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.reason) == (State.SUCCEEDED, "")
    study.refresh_from_db()
    frozen = [files.read_whole_text(document["key"]) for document in study.documents]
    assert (study.started or {})["characters"] == sum(map(len, frozen))
    for text in frozen:
        (span,) = text_indexes.index_of(study).copied(text[:200])
        assert (span.length, span.at, frozen[span.document][:200]) == (200, 0, text[:200])
    assert any(openings.random_opening(study, random.Random(1)).strip() in text for text in frozen)


def test_documents_are_read_as_often_as_their_weights_say(alice: User) -> None:
    corpus = corpora.add_corpus(alice, "Mixed", UPLOADS.items(), lowercase=False)
    corpus.places.filter(position=1).update(weight=2.5)
    study = services.submit(alice, corpus, TINY, "Banquo")
    job = transitions.claim(Kind.TRAIN, "worker")
    assert job
    TrainingSupervisor(job, threading.Event()).run()
    study.refresh_from_db()
    assert (study.started or {})["recipe"]["weights"] == study.weights == [2.5, 1.0, 1.0, 1.0, 1.0]


@pytest.fixture
def damaged(alice: User) -> Study:
    """Return a study whose frozen text and corpus are no longer valid UTF-8."""
    corpus = a_corpus(alice)
    study = a_study(alice, corpus)
    study.documents[0]["sha256"] = files.sha256(NOT_UTF_8)
    study.save()
    for key in (study.documents[0]["key"], corpus.documents.get().key):
        default_storage.delete(key)
        default_storage.save(key, ContentFile(NOT_UTF_8))
    return study


def test_a_frozen_text_that_is_not_utf_8_fails_its_training_with_a_sentence(damaged: Study) -> None:
    job = transitions.claim(Kind.TRAIN, "worker")
    assert job
    TrainingSupervisor(job, threading.Event()).run()
    job = Job.objects.get(pk=job.pk)
    assert job.state == State.FAILED and "This text is damaged: it was kept as UTF-8" in job.reason


def test_a_frozen_text_that_is_not_utf_8_is_not_indexed(damaged: Study) -> None:
    with pytest.raises(ArtifactProblem, match=r"macbeth\.txt: This text is damaged"):
        text_indexes.index_of(damaged)


def test_a_page_of_a_damaged_text_says_so(damaged: Study, client: Client, alice: User) -> None:
    client.force_login(alice)
    assert damaged.corpus is not None
    for address in (reverse("studies:source", args=[damaged.pk, 0]), damaged.corpus.get_absolute_url()):
        answer = client.get(address)
        assert answer.status_code == 500
        assert "A text of this page is damaged." in answer.content.decode()
