"""The worker that looks inside, with a real model and a real `trainer serve`: what it stores, also after failures."""

import math
import os
import signal
import struct
import threading
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from tests.support.factory import a_request
from tests.support.waiting import wait_for
from tests.workers.test_writer import study as study
from tests.workers.test_writer import trained as trained
from webapp import files
from webapp.accounts.models import User
from webapp.inside import arrays, services
from webapp.inside.models import Look, LookKind
from webapp.inside.services import Wanted
from webapp.queue import transitions
from webapp.queue.models import Job, Kind, State
from webapp.studies.models import Study
from webapp.workers import looking, orphans, serving, writing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("warm_trainers")]
TEXT = "The first lines of it,\nand more."


def looked(study: Study, kind: LookKind, text: str = "", place: int | None = None) -> Look:
    """Look as a worker does, and return the look as it is kept."""
    look = services.look(study.owner, study, Wanted(kind, text, place))
    supervised()
    look.refresh_from_db()
    assert look.job and look.job.state == State.SUCCEEDED, look.job and look.job.reason
    return look


def supervised() -> Job:
    claimed = transitions.claim(Kind.LOOK, "writer")
    assert claimed
    looking.supervise(claimed, threading.Event())
    claimed.refresh_from_db()
    return claimed


def test_the_gates_are_kept_as_bytes_with_what_stands_where(study: Study) -> None:
    look = looked(study, LookKind.GATES, TEXT)
    assert look.result and "".join(look.result["symbols"]) == TEXT and look.model_sha256 == study.model_sha256
    found = {(one.name, one.layer): one for one in arrays.all_of(look)}
    assert {("forget", 0), ("input", 0), ("candidate", 0), ("cell", 0), ("output", 0), ("hidden", 0)} < found.keys()
    assert found["forget", 0].shape == (len(TEXT), 16)
    gate, cell, hidden, output = (arrays.rows(look, found[name, 0]) for name in ("forget", "cell", "hidden", "output"))
    assert all(0 < value < 1 for row in gate for value in row)
    assert hidden[5][3] == pytest.approx(output[5][3] * math.tanh(cell[5][3]), abs=1e-5)
    chances = arrays.rows(look, found["next_probabilities", -1])
    assert all(0 < sum(row) < 1.001 and row == sorted(row, reverse=True) for row in chances)
    assert look.bytes > sum(one.size for one in arrays.all_of(look))
    assert not list(Path(settings.WORK_DIR, "attempts").iterdir())


def test_memory_units_and_what_a_prediction_hangs_on_are_kept_as_numbers(study: Study) -> None:
    memory = looked(study, LookKind.MEMORY).result
    assert memory and memory["gradient"]["cell"] and memory["context"][0][0] == 1
    units = looked(study, LookKind.UNITS).result
    assert units and units["tested"] > 0 and units["characters"] > 0
    hung = looked(study, LookKind.ATTRIBUTION, TEXT, 9).result
    assert hung and len(hung["shades"]) == 9 and max(hung["shades"]) == 1


def test_a_held_unit_changes_what_is_written_and_no_unit_nothing(alice: User, study: Study) -> None:
    held = [{"layer": 0, "unit": unit, "value": 1.0} for unit in range(8)]
    texts = []
    for wanted in ({}, {"held": held}, {}):
        job = a_request(alice, study, length=80, **wanted)
        claimed = transitions.claim(Kind.WRITE, "writer")
        assert claimed and claimed.pk == job.pk
        writing.supervise(claimed, threading.Event())
        texts.append(job.passages.get().text)
    assert texts[0] == texts[2] != texts[1]


def test_a_text_that_cannot_be_read_fails_with_the_trainers_sentence(study: Study) -> None:
    services.look(study.owner, study, Wanted(LookKind.GATES, "x" * 2_001))
    job = supervised()
    assert job.state == State.FAILED and "2,000" in job.reason


def test_a_process_that_is_killed_costs_one_attempt(study: Study) -> None:
    serving.warm_up()
    assert serving._serve
    process = serving._serve._process.pid
    os.killpg(process, signal.SIGKILL)
    wait_for(lambda: not psutil.pid_exists(process))
    assert looked(study, LookKind.GATES, TEXT).is_ready


def test_one_that_was_deleted_meanwhile_leaves_nothing(study: Study) -> None:
    look = services.look(study.owner, study, Wanted(LookKind.GATES, TEXT))
    claimed = transitions.claim(Kind.LOOK, "writer")
    assert claimed
    attempt = looking.Looker(claimed, threading.Event())
    Look.objects.filter(pk=look.pk).delete()
    serving.supervise(attempt)
    claimed.refresh_from_db()
    assert claimed.state == State.CANCELLED and not files.keys(f"{study.prefix}/inside")


def test_arrays_that_no_look_has_are_orphans(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = looked(study, LookKind.GATES, TEXT)
    lost = files.add(f"{study.prefix}/inside", "arrays.f32", struct.pack("<f", 1))
    monkeypatch.setattr(orphans, "_is_young", lambda prefix: False)
    found = [orphan.key for orphan in orphans._looks() if orphan.is_one()]
    assert lost.rpartition("/")[0] in found and kept.folder not in found
