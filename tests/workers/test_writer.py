"""The writer, with a real model and a real `trainer serve`: what it stores of a passage, also after failures."""

import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings
from django.db import connection

from tests.support.factory import TEXT, a_model, a_request
from tests.support.learning import write
from tests.support.waiting import GENEROUS, wait_for
from tests.support.warm_trainer import WarmTrainer
from tests.workers.test_supervisor import when
from trainer.contract import answers
from webapp import files
from webapp.account_deletion import services as accounts
from webapp.accounts.models import User
from webapp.passages import copied, traces
from webapp.passages.models import Passage, Trace
from webapp.queue import transitions
from webapp.queue.models import Job, Kind, State
from webapp.studies.models import Study
from webapp.workers import serving, text_indexes, writing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("warm_trainers")]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder of a model that was trained on the factory's text for a short time."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "text.txt").write_text(TEXT, encoding="utf-8")
    options = ["--steps", 30, "--units", 16, "--layers", 1, "--batch", 8, "--sequence", 16, "--threads", 1, "--json"]
    with (folder / "events.jsonl").open("wb") as events:
        trainer = WarmTrainer(["train", folder / "text.txt", "--out", folder / "model", *options], events.fileno())
        assert trainer.wait(GENEROUS) == 0
    yield folder / "model"
    if serving._serve is not None:
        serving._serve.kill()


@pytest.fixture
def study(alice: User, trained: Path) -> Study:
    study = a_model(alice)
    files.copy_tree_out(trained, study.model_key)
    manifest = json.loads((trained / "model.json").read_text())
    study.model_sha256 = manifest["files"]["weights.safetensors"]["sha256"]
    study.save()
    shutil.rmtree(settings.WORK_DIR / "models", ignore_errors=True)  # the model of the last test has the same key
    return study


def lengths(passage: Passage) -> list[int]:
    return [symbol[0] for symbol in json.loads(traces.as_json(passage.trace.data))]


def test_a_passage_is_kept_with_its_trace_and_with_what_of_it_is_copied(alice: User, study: Study) -> None:
    for passage in write(a_request(alice, study, length=120, passages=2)):
        assert passage.complete and len(passage.text) == sum(lengths(passage)) == 120
        assert passage.copied == copied.compare(text_indexes.index_of(study), passage.text)


def test_one_that_was_deleted_before_its_turn_changes_nothing_for_the_others(alice: User, study: Study) -> None:
    whole = write(a_request(alice, study, length=80, passages=3))
    job = a_request(alice, study, length=80, passages=3)
    job.passages.get(index=1).delete()
    left = write(job)
    assert [passage.text for passage in left] == [whole[0].text, whole[2].text]
    assert all(passage.complete for passage in left)


def test_one_whose_account_is_deleted_meanwhile_ends_and_the_next_is_written(
    alice: User, bob: User, study: Study, trained: Path, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.RENEW_SECONDS = 1
    job = a_request(alice, study, length=20_000)
    leaving = when(lambda: job.passages.exclude(text="").exists(), lambda: accounts.delete(alice))
    claimed = transitions.claim(Kind.WRITE, "writer")
    assert claimed
    writing.supervise(claimed, threading.Event())
    leaving.join()
    assert not Passage.objects.exists() and not Trace.objects.exists() and "Traceback" not in caplog.text
    bobs = a_model(bob)
    files.copy_tree_out(trained, bobs.model_key)
    assert write(a_request(bob, bobs, length=80))[0].complete


def test_a_second_attempt_begins_again_whatever_the_first_had_kept(alice: User, study: Study) -> None:
    job = a_request(alice, study, length=80)
    passage = job.passages.get()
    Passage.objects.filter(pk=passage.pk).update(text="half of it", copied={"spans": [], "new": 1})
    Trace.objects.create(passage=passage, data=traces.pack([[10, 1.0, []]]))
    again = write(job)[0]
    assert len(again.text) == sum(lengths(again)) == 80 and "half of it" not in again.text


@pytest.mark.parametrize("unit", ["characters", "paragraph"])
def test_a_source_that_cannot_be_read_costs_the_comparison_and_not_the_text(
    alice: User, study: Study, unit: str
) -> None:
    text_indexes._open.clear()
    shutil.rmtree(settings.WORK_DIR / "sources", ignore_errors=True)
    for document in study.documents:
        files.delete_tree(document["key"].rpartition("/")[0])
    passage = write(a_request(alice, study, length=200, unit=unit))[0]
    assert passage.complete and passage.text and passage.copied is None and lengths(passage)


def test_words_are_counted_and_a_paragraph_ends_as_the_source_ends_them(alice: User, study: Study) -> None:
    words = write(a_request(alice, study, length=9, unit="words"))[0]
    assert len(words.text.split()) == 9 or words.is_endless
    paragraph = write(a_request(alice, study, length=300, unit="paragraph"))[0]
    assert text_indexes.index_of(study).has_paragraphs and "\n\n" not in paragraph.text.lstrip("\n")


def test_settings_from_before_their_limits_end_in_a_sentence(alice: User, study: Study) -> None:
    job = a_request(alice, study=study, temperature=40.0)
    claimed = transitions.claim(Kind.WRITE, "writer")
    assert claimed and claimed.pk == job.pk
    writing.supervise(claimed, threading.Event())
    job.refresh_from_db()
    assert (job.state, job.reason) == (State.FAILED, "temperature has to be a number from 0 to 2, not 40.0.")


def supervised(job: Job) -> Job:
    """Let a worker make one attempt at a request, and return its row."""
    claimed = transitions.claim(Kind.WRITE, "writer")
    assert claimed and claimed.pk == job.pk
    writing.supervise(claimed, threading.Event())
    job.refresh_from_db()
    return job


def killing_serve(at: str, only_if: Callable[[], bool] = lambda: True) -> Callable[..., Any]:
    """Return a wrapper of database queries that kills the writing process before a query with these words."""

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        serve = serving._serve
        if serve is not None and at in sql and only_if() and serve.is_running:
            os.killpg(serve._process.pid, signal.SIGKILL)
            wait_for(lambda: not psutil.pid_exists(serve._process.pid))  # dead, but nobody here has looked yet
        return execute(sql, params, many, context)

    return run


@pytest.mark.parametrize("at", ['SET "text" = %s', "COALESCE"], ids=["before the request", "while it writes"])
def test_a_process_that_is_killed_costs_one_attempt_and_no_character(
    at: str, alice: User, study: Study, caplog: pytest.LogCaptureFixture
) -> None:
    undisturbed = write(a_request(alice, study, length=20_000))[0]
    job = a_request(alice, study, length=20_000)
    with connection.execute_wrapper(killing_serve(at)):
        assert supervised(job).state == State.QUEUED and job.lost_attempts == 1
    assert "Traceback" not in caplog.text
    assert write(job)[0].text == undisturbed.text


def test_a_request_that_is_stopped_when_the_process_dies_is_stopped(
    alice: User, study: Study, caplog: pytest.LogCaptureFixture
) -> None:
    job, begun, stopped = a_request(alice, study, length=100_000), threading.Event(), threading.Event()

    def stop() -> bool:
        """Stop the request as soon as some of its text is kept, and say whether it is stopped."""
        if not begun.is_set() and job.passages.exclude(text="").exists():
            begun.set()  # the stop itself asks for the wish
            transitions.cancel(job)
            stopped.set()
        return stopped.is_set()

    with connection.execute_wrapper(killing_serve('"wish"', only_if=stop)):
        supervised(job)
    assert job.state == State.CANCELLED and "Traceback" not in caplog.text
    assert job.passages.get().text


@pytest.mark.parametrize("broken", ["a kind", "a line"])
def test_an_answer_that_cannot_be_read_costs_an_attempt_and_is_said(
    broken: str, alice: User, study: Study, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One that the reader of this site does not know, as another version of the trainer may write, or no JSON."""
    job = a_request(alice, study, length=80)
    with monkeypatch.context() as patched:
        if broken == "a kind":
            patched.setattr(answers, "_KINDS", answers.LAST)
        else:
            serving.warm_up()
            assert serving._serve
            serving._serve._lines.put(b"Segmentation fault\n")
        assert supervised(job).state == State.QUEUED and job.lost_attempts == 1
        assert "gave an answer that cannot be read" in caplog.text
        assert serving._serve and not serving._serve.is_running
    assert len(write(job)[0].text) == 80


def test_a_request_whose_answers_can_never_be_read_fails_with_a_sentence(
    alice: User, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_KINDS", answers.LAST)
    job = a_request(alice, study, length=80)
    while supervised(job).state == State.QUEUED:
        pass
    assert (job.state, job.lost_attempts) == (State.FAILED, settings.LOST_ATTEMPTS)
    assert job.reason == "Writing failed again and again. It was logged for the operator."


def test_a_passage_is_written_with_counting(alice: User, study: Study, trained: Path, tmp_path: Path) -> None:
    """The text goes to the process with the request, and no copy of it is left."""
    score = json.loads((trained / "score.json").read_text())
    mixture = {"order": 4, "network": 0.1, "counting": 0.9, "second_half": 1.0, "network_second_half": 1.1}
    (tmp_path / "score.json").write_text(json.dumps({**score, "mixture": mixture}))
    manifest = json.loads((trained / "model.json").read_text())
    manifest["files"]["score.json"]["sha256"] = files.sha256_of(tmp_path / "score.json")
    (tmp_path / "model.json").write_text(json.dumps(manifest))
    for file in tmp_path.iterdir():
        files.copy_out(file, f"{study.model_key}/{file.name}")
    (alone,) = write(a_request(alice, study, length=80, temperature=0.0))
    (mixed,) = write(a_request(alice, study, length=80, temperature=0.0, counting=1.0))
    assert len(mixed.text) == len(alone.text) == 80 and mixed.text != alone.text
    assert not list(Path(settings.WORK_DIR, "attempts").iterdir())
