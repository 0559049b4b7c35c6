"""The artifacts of a training: they are stored whole, or storing is tried again."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from tests.support.disasters import full, small_disk
from tests.support.factory import a_study, begin
from webapp import files
from webapp.accounts.models import User
from webapp.studies.models import Study
from webapp.workers import artifacts
from webapp.workers.lease_holder import LeaseHolder

pytestmark = pytest.mark.django_db(transaction=True)


def a_model(folder: Path, step: int = 40) -> Path:
    """A model's files as a trainer leaves them, with weights that take a while to store."""
    folder.mkdir(parents=True)
    content = {"weights.safetensors": bytes(range(256)) * 1000, "recipe.json": b"{}", "vocabulary.json": b"{}"}
    for name, data in content.items():
        (folder / name).write_bytes(data)
    told = {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in content.items()}
    (folder / "model.json").write_text(json.dumps({"format": 1, "step": step, "files": told}))
    return folder


def a_checkpoint(model: Path, step: int, sound: bool = True) -> None:
    folder = model / "checkpoints" / f"step-{step:09d}"
    folder.mkdir(parents=True)
    (folder / "state.safetensors").write_bytes(b"state" if sound else b"sta")
    (folder / "manifest.json").write_text(json.dumps({"state_sha256": hashlib.sha256(b"state").hexdigest()}))


@pytest.fixture
def study(alice: User) -> Study:
    return a_study(alice)


@pytest.fixture
def holder(study: Study) -> LeaseHolder:
    return LeaseHolder(begin(study))


@pytest.fixture
def small_storage(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "stored", megabytes=1) as disk:
        backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": disk}}
        static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        with override_settings(STORAGES={"default": backend, "staticfiles": static}):
            yield disk


def store(study: Study, holder: LeaseHolder, model: Path) -> bool:
    job: Any = study.jobs.get()
    return artifacts.store(study.pk, job, model, holder)


@pytest.mark.disaster
def test_a_storage_that_was_full_halfway_gets_all_of_it_at_the_next_try(
    small_storage: Path, study: Study, holder: LeaseHolder, tmp_path: Path
) -> None:
    model = a_model(tmp_path / "attempt" / "model")
    (small_storage / "room").write_bytes(bytes(64_000))
    with full(small_storage):
        (small_storage / "room").unlink()
        assert not store(study, holder, model)
        study.refresh_from_db()
        assert study.model_key == ""
    assert store(study, holder, model)
    study.refresh_from_db()
    stored = files.read(f"{study.model_key}/weights.safetensors")
    assert stored == (model / "weights.safetensors").read_bytes()
    assert study.kept_bytes == files.size(study.model_key)


def test_a_new_model_takes_the_place_of_the_old_one(study: Study, holder: LeaseHolder, tmp_path: Path) -> None:
    for step in (40, 80):
        assert store(study, holder, a_model(tmp_path / str(step) / "model", step))
    study.refresh_from_db()
    assert study.model_step == 80
    kept = [key for key in files.keys(study.prefix) if "/models/" in key]
    assert all(key.startswith(study.model_key) for key in kept)


def test_a_damaged_checkpoint_never_takes_the_place_of_a_sound_one(
    study: Study, holder: LeaseHolder, tmp_path: Path
) -> None:
    model = a_model(tmp_path / "attempt" / "model")
    a_checkpoint(model, 40)
    assert store(study, holder, model)
    a_checkpoint(model, 80, sound=False)
    assert store(study, holder, model)
    study.refresh_from_db()
    assert study.checkpoint_step == 40


@pytest.mark.parametrize(("step", "lost"), [(80, 0), (20, 0), (40, 2)], ids=["later", "after a rollback", "the same"])
def test_lost_attempts_are_counted_anew_from_a_checkpoint_of_another_step(
    study: Study, holder: LeaseHolder, tmp_path: Path, step: int, lost: int
) -> None:
    first, second = (a_model(tmp_path / name / "model") for name in ("one", "two"))
    a_checkpoint(first, 40)
    assert store(study, holder, first)
    study.jobs.update(lost_attempts=2, attempt=2)
    a_checkpoint(second, step)
    assert store(study, holder, second)
    study.refresh_from_db()
    assert (study.checkpoint_step, study.checkpoint_key.endswith(f"-2-{step}")) == (step, True)
    assert study.jobs.get().lost_attempts == lost


@pytest.fixture
def attempts(study: Study, holder: LeaseHolder, tmp_path: Path) -> Path:
    """Return the folder of a study's attempts, of which the first has stored its checkpoint of step 40."""
    first = a_model(tmp_path / "attempts" / "1" / "model")
    a_checkpoint(first, 40)
    store(study, holder, first)
    study.refresh_from_db()
    return tmp_path / "attempts"


def test_an_attempt_goes_on_from_the_newest_sound_checkpoint_wherever_it_is(study: Study, attempts: Path) -> None:
    a_checkpoint(attempts / "1" / "model", 80)
    (attempts / "2").mkdir()
    a_checkpoint(attempts / "2" / "model", 120, sound=False)
    (attempts / "3").mkdir()
    assert artifacts.restore(study, attempts, attempts / "3" / "model")
    assert (attempts / "3" / "model" / "checkpoints" / "step-000000080").exists()


def test_the_storages_checkpoint_is_used_where_no_local_one_is_sound(study: Study, attempts: Path) -> None:
    (attempts / "1" / "model" / "checkpoints" / "step-000000040" / "state.safetensors").write_bytes(b"")
    assert not artifacts.restore(study, attempts, attempts / "2" / "model")
    assert (attempts / "2" / "model" / "checkpoints" / "step-000000040" / "state.safetensors").read_bytes() == b"state"
