"""The extraction of uploads by a worker: what is kept, and that nothing is kept by halves, whatever happens."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import override_settings

from tests.support.documents import a_word_document, zipped
from tests.support.factory import PDF, a_corpus
from webapp import files
from webapp.account_deletion import services as accounts
from webapp.accounts.limits import LimitReached
from webapp.accounts.models import User
from webapp.corpora import services
from webapp.corpora.models import Corpus, Document, Extraction
from webapp.queue import transitions
from webapp.queue.models import Job, Kind, State
from webapp.workers import extracting
from webapp.workers.extracting import Extractor

pytestmark = pytest.mark.django_db(transaction=True)
PROSE = "The river was quiet that morning, and nobody spoke of it.\n" * 30
WORD = a_word_document("The River", [PROSE])
MOMENTS = pytest.mark.parametrize("moment", ["read", "counting"])


@pytest.fixture(autouse=True)
def _nothing_of_other_tests() -> None:
    for kind in ("documents", "uploads"):
        files.delete_tree(kind)


def queued(owner: User, *contents: bytes, submission: Any = None) -> Extraction:
    uploads: list[services.Upload] = [(f"{n}.docx", data) for n, data in enumerate(contents or [WORD])]
    return services.queue_corpus(owner, "River", uploads, False, [], submission)


def worked_on(extraction: Extraction, drain: threading.Event | None = None) -> Job:
    """Let a worker make one attempt, and the reconciler clear up. Return the job's row as it was before that."""
    claimed = transitions.claim(Kind.EXTRACT, "extractor")
    assert claimed and claimed.pk == extraction.job_id
    extracting.supervise(claimed, drain or threading.Event())
    job = Job.objects.filter(pk=claimed.pk).first()
    services.clear_uploads()
    return job or claimed


def meanwhile(monkeypatch: pytest.MonkeyPatch, moment: str, do: Callable[[], object]) -> None:
    """Do something once, when an extraction comes to a moment: before its first file, or before the figures."""
    original, left = getattr(Extractor, moment), [do]

    def then(extractor: Extractor, *arguments: Any) -> None:
        while left:
            left.pop()()
        original(extractor, *arguments)

    monkeypatch.setattr(Extractor, moment, then)


def check_nothing_is_kept() -> None:
    assert not Corpus.objects.exists() and not Document.objects.exists()
    assert not files.keys("documents")


def test_the_texts_become_a_corpus_and_the_uploaded_files_go(alice: User) -> None:
    extraction = queued(alice, WORD, PROSE.encode(), zipped({"a.txt": PROSE, "b.txt": PROSE}), PDF)
    assert len(files.keys("uploads")) == 4
    assert worked_on(extraction).state == State.SUCCEEDED
    extraction.refresh_from_db()
    corpus = Corpus.objects.get()
    assert extraction.corpus == corpus and (extraction.done, corpus.name) == (4, "River")
    assert [document.name for document in corpus.documents.all()] == ["0.docx", "1.docx", "a.txt", "b.txt"]
    assert [name for name, _why in corpus.left_out] == ["3.docx"]
    assert (extraction.left_out, extraction.refused) == ([], []), "it stays for a week, and reasons quote files"
    assert not files.keys("uploads")


def test_what_is_left_out_is_told_before_the_end(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    extraction, told = queued(alice, PDF, WORD), list[str]()
    keep = Extractor.keep

    def look(extractor: Extractor, corpus: Corpus | None) -> None:
        told.extend(name for name, _why in Extraction.objects.get().refused)
        keep(extractor, corpus)

    monkeypatch.setattr(Extractor, "keep", look)
    assert worked_on(extraction).state == State.SUCCEEDED and told == ["0.docx"]


@MOMENTS
def test_one_that_is_stopped_keeps_nothing(alice: User, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    extraction = queued(alice)
    meanwhile(monkeypatch, moment, lambda: services.stop(extraction))
    assert worked_on(extraction).state == State.CANCELLED
    check_nothing_is_kept()
    assert not files.keys("uploads")


def test_one_that_is_stopped_before_its_turn_never_begins(alice: User) -> None:
    extraction = queued(alice)
    services.stop(extraction)
    services.clear_uploads()
    assert transitions.claim(Kind.EXTRACT, "extractor") is None
    assert not files.keys("uploads")


@MOMENTS
def test_a_worker_that_drains_puts_it_back_and_the_next_one_adds_it(
    alice: User, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    extraction, drain = queued(alice), threading.Event()
    meanwhile(monkeypatch, moment, drain.set)
    job = worked_on(extraction, drain)
    assert (job.state, job.lost_attempts) == (State.QUEUED, 0)
    check_nothing_is_kept()
    assert worked_on(extraction).state == State.SUCCEEDED and Corpus.objects.count() == 1


@MOMENTS
def test_a_worker_that_was_given_up_keeps_nothing_and_the_next_one_adds_it_once(
    alice: User, moment: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    extraction = queued(alice)

    def take_back() -> None:
        job = Job.objects.get()
        assert transitions.take_back(job.pk, job.token, "It was silent.")

    meanwhile(monkeypatch, moment, take_back)
    assert worked_on(extraction).state == State.QUEUED
    check_nothing_is_kept()
    assert "the lease was lost" in caplog.text and "Traceback" not in caplog.text
    assert worked_on(extraction).state == State.SUCCEEDED and Corpus.objects.count() == 1


@MOMENTS
def test_of_an_account_that_is_deleted_meanwhile_nothing_is_left(
    alice: User, moment: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    extraction = queued(alice)
    meanwhile(monkeypatch, moment, lambda: accounts.delete(alice))
    worked_on(extraction)
    check_nothing_is_kept()
    assert not Job.objects.exists() and not Extraction.objects.exists() and not files.keys("uploads")
    assert "was deleted with its owner's account" in caplog.text and "Traceback" not in caplog.text


@MOMENTS
def test_a_corpus_that_is_deleted_meanwhile_gets_nothing(
    alice: User, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = a_corpus(alice)
    extraction = services.queue_documents(corpus, [("0.docx", WORD)], [], None)
    meanwhile(monkeypatch, moment, lambda: services.delete(Corpus.objects.get()))
    job = worked_on(extraction)
    assert (job.state, "was deleted meanwhile" in job.reason) == (State.FAILED, True)
    check_nothing_is_kept()


def test_texts_are_added_to_a_corpus(alice: User) -> None:
    corpus = a_corpus(alice)
    assert worked_on(services.queue_documents(corpus, [("0.docx", WORD)], [], None)).state == State.SUCCEEDED
    assert [document.name for document in corpus.documents.all()] == ["macbeth.txt", "0.docx"]


def test_where_nothing_can_be_read_the_reasons_are_kept(alice: User) -> None:
    extraction = queued(alice, PDF)
    assert worked_on(extraction).state == State.FAILED
    extraction.refresh_from_db()
    assert extraction.left_out[0][0] == "0.docx" and "The PDF is damaged" in extraction.left_out[0][1]
    assert extraction.refused == []
    check_nothing_is_kept()


def test_texts_for_which_there_is_no_room_are_not_kept(alice: User) -> None:
    alice.stored_limit_mb = 1
    alice.save()
    job = worked_on(queued(alice, zipped({"a.txt": PROSE * 700})))
    assert (job.state, "There is no room for it" in job.reason) == (State.FAILED, True)
    check_nothing_is_kept()


def test_while_the_storage_is_away_it_waits(
    alice: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    copy_in, failures = files.copy_in, ["away", "away"]
    monkeypatch.setattr(extracting, "_AGAIN_SECONDS", 0)

    def copy_or_fail(key: str, path: Path) -> None:
        if failures:
            raise OSError(failures.pop())
        assert "tried again until they can" in Extraction.objects.get().warning
        copy_in(key, path)

    monkeypatch.setattr(files, "copy_in", copy_or_fail)
    assert worked_on(queued(alice)).state == State.SUCCEEDED
    assert caplog.text.count("can't be read or stored now") == 2


def test_a_file_that_is_gone_from_the_storage_ends_it_with_a_sentence(alice: User) -> None:
    extraction = queued(alice)
    files.delete_tree("uploads")
    job = worked_on(extraction)
    assert (job.state, "no longer in the storage" in job.reason) == (State.FAILED, True)


def test_what_can_never_be_done_fails_after_some_attempts(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    extraction = queued(alice)
    monkeypatch.setattr(services, "add_corpus", lambda *_: 1 / 0)
    while (job := worked_on(extraction)).state == State.QUEUED:
        pass
    assert (job.state, "again and again" in job.reason) == (State.FAILED, True)


def test_a_form_that_is_sent_twice_is_read_once_and_again_if_it_failed(alice: User) -> None:
    number = uuid4()
    first = queued(alice, submission=number)
    assert queued(alice, submission=number) == first and len(files.keys("uploads")) == 1
    worked_on(first)
    assert queued(alice, submission=number) == first and not files.keys("uploads")
    Corpus.objects.all().delete()
    assert queued(alice, submission=number) != first


def test_no_more_uploads_wait_than_may(alice: User, bob: User) -> None:
    with override_settings(WAITING_UPLOADS_LIMIT=1):
        first = queued(alice)
        with pytest.raises(LimitReached, match="1 upload of yours is not read yet"):
            queued(alice)
        assert len(files.keys("uploads")) == 1
        queued(bob)
        worked_on(first)
        queued(alice)


def test_a_week_later_nothing_of_it_is_left(alice: User) -> None:
    worked_on(queued(alice))
    waiting = queued(alice)
    finished = Job.objects.exclude(finished=None)
    finished.update(finished="2020-01-01T00:00:00Z")
    services.clear_uploads()
    assert list(Job.objects.values_list("pk", flat=True)) == [waiting.job_id] and Corpus.objects.count() == 1
