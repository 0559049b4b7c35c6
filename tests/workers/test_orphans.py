"""The orphans: files that no row points to are listed first, and removed on request."""

import os
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command

from tests.support.factory import a_model, a_study, begin
from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services
from webapp.corpora.models import Corpus
from webapp.studies.models import Study
from webapp.workers import model_cache, orphans, text_indexes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_of_other_tests(settings: Any, tmp_path: Path) -> None:
    settings.WORK_DIR = tmp_path
    for kind in ("corpora", "studies", "uploads"):
        files.delete_tree(kind)


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("orphans", *arguments, stdout=out)
    return out.getvalue()


def old(key: str) -> str:
    """Make a stored file two hours old."""
    then = time.time() - 7200
    os.utime(default_storage.path(key), (then, then))
    return key


def test_what_no_row_points_to_is_reported_and_only_removed_when_asked(alice: User) -> None:
    kept = services.add_corpus(alice, "Kept", [("kept.txt", b"A text to keep. " * 100)], False)
    lost = old(files.add(f"corpora/{kept.pk + 1000}", "0.txt", b"nobody's"))
    assert f"corpora/{kept.pk + 1000}  (corpora: no row)" in said()
    assert lost in files.keys("corpora")
    assert "1 removed" in said("--remove")
    assert lost not in files.keys("corpora")
    assert services.texts(Corpus.objects.get(pk=kept.pk))
    assert said().startswith("0 found")


def test_a_folder_of_an_upload_that_was_broken_off_is_found(tmp_path: Path, settings: Any) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    for name, age in (("now", 0), ("broken-off", 7200)):
        folder = tmp_path / "uploads" / name
        folder.mkdir(parents=True)
        (folder / "0.upload").write_bytes(b"somebody's")
        os.utime(folder, (time.time() - age, time.time() - age))
    assert "1 removed" in said("--remove")
    assert [path.name for path in (tmp_path / "uploads").iterdir()] == ["now"]


def test_a_text_of_an_upload_that_was_broken_off_is_found(alice: User) -> None:
    kept = services.add_corpus(alice, "Kept", [("kept.txt", b"A text to keep. " * 100)], False)
    old(kept.documents.get().key)
    lost = old(files.add("documents", "0.txt", b"nobody's"))
    assert f"{lost.rpartition('/')[0]}  (documents: no corpus has them)" in said()
    assert "1 removed" in said("--remove")
    assert services.texts(kept)
    files.delete_tree("documents")


def test_an_upload_that_no_extraction_has_is_found(alice: User) -> None:
    services.queue_corpus(alice, "Kept", [("kept.docx", b"waits")], False, [], None)
    kept = [old(key) for key in files.keys("uploads")]
    lost = old(files.add("uploads", "0", b"nobody's"))
    assert f"{lost.rpartition('/')[0]}  (uploads: no extraction has them)" in said()
    assert "1 removed" in said("--remove")
    assert files.keys("uploads") == kept
    files.delete_tree("uploads")


def test_files_whose_row_may_be_on_its_way_are_left_alone() -> None:
    files.add("studies/1000", "0.txt", b"being submitted")
    assert said().startswith("0 found")


def test_a_text_of_a_submit_that_was_broken_off_is_found(alice: User) -> None:
    study = a_study(alice)
    kept = [old(document["key"]) for document in study.documents]
    lost = old(files.add(files.fresh("texts"), "0.txt", b"broken off"))
    young = files.add(files.fresh("texts"), "0.txt", b"being submitted")
    assert "1 removed" in said("--remove")
    assert set(files.keys("texts")) >= {*kept, young} and lost not in files.keys("texts")
    files.delete_tree("texts")  # the database of the next test has no rows for them


def test_an_old_model_that_a_worker_left_behind_is_found(alice: User) -> None:
    study = a_model(alice)
    used = files.add(study.model_key, "weights", b"used")
    left = files.add(f"{study.prefix}/models/1-1-20", "weights", b"left")
    assert "1 removed" in said("--remove")
    assert used in files.keys(study.prefix) and left not in files.keys(study.prefix)


def test_files_of_a_training_under_way_are_left_alone(alice: User, tmp_path: Path) -> None:
    study = a_study(alice)
    job = begin(study).job_id
    files.add(f"{study.prefix}/models/1-1-20", "weights", b"on its way")
    (tmp_path / "trainings" / str(study.pk) / str(job)).mkdir(parents=True)
    assert said().startswith("0 found")


def test_a_folder_of_a_training_that_is_over_is_found(alice: User, tmp_path: Path) -> None:
    study = a_model(alice)
    folder = tmp_path / "trainings" / str(study.pk) / str(study.jobs.get().pk)
    folder.mkdir(parents=True)
    assert "1 removed" in said("--remove")
    assert not folder.exists()


def test_copies_on_this_machine_of_what_was_deleted_are_found(alice: User, tmp_path: Path) -> None:
    study = a_model(alice)
    text_indexes.index_of(study)
    index = tmp_path / "sources" / text_indexes.name(study)
    model = tmp_path / "models" / model_cache.name(study.model_key)
    model.mkdir(parents=True)
    (model / "model.json").touch()
    then = time.time() - 7200
    os.utime(index, (then, then))
    assert "work folder" not in said()
    Study.objects.all().delete()
    assert "work folder: no study has this of sources" in said("--remove")
    assert not index.exists() and model.exists(), "a writer read with it a moment ago"
    os.utime(model, (then, then))
    said("--remove")
    assert not model.exists()


def test_what_was_taken_into_use_between_finding_and_removing_stays(alice: User) -> None:
    study = a_model(alice)
    key = f"{study.prefix}/models/2-1-80"
    files.add(key, "weights", b"new")
    (found,) = orphans.find()
    Study.objects.update(model_key=key)
    found.remove()
    assert files.keys(key)
