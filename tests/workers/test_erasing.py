"""The erasure of what a machine keeps of deleted models, and of what the database keeps of deleted rows."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.support.factory import a_model
from webapp.accounts.models import User
from webapp.studies.models import Study
from webapp.workers import erasing, model_cache, reconciler, serving, text_indexes


@pytest.fixture(autouse=True)
def work(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.WORK_DIR = tmp_path
    monkeypatch.setattr(erasing, "_seen", None)
    text_indexes.close_all()
    return tmp_path


def copies_of(study: Study, work: Path) -> list[Path]:
    """Make what a machine keeps of a study: an index, a model, a model that is being copied, a folder of a training."""
    text_indexes.index_of(study)
    folders = [
        work / "models" / model_cache.name(study.model_key),
        work / "models" / f"{model_cache.name(study.model_key)}.1234abcd.new",
        work / "trainings" / str(study.pk),
    ]
    for folder in folders:
        (folder / "1").mkdir(parents=True)
    return [*folders, work / "sources" / text_indexes.name(study)]


@pytest.mark.django_db
def test_what_is_left_of_a_deleted_model_goes_and_what_others_have_stays(
    alice: User, work: Path, django_assert_max_num_queries: Any
) -> None:
    gone, kept = a_model(alice), a_model(alice)
    Study.objects.filter(pk=kept.pk).update(documents=[{**kept.documents[0], "sha256": "ab" * 32}])
    kept.refresh_from_db()
    of_gone = copies_of(gone, work)
    of_kept = [
        work / "models" / model_cache.name(kept.model_key),
        work / "trainings" / str(kept.pk),
        work / "sources" / text_indexes.name(kept),
    ]
    for path in of_kept:
        path.mkdir()
    assert erasing.erase_deleted() and all(path.exists() for path in [*of_gone, *of_kept])
    with django_assert_max_num_queries(1):
        assert not erasing.erase_deleted()
    Study.objects.filter(pk=gone.pk).delete()
    assert erasing.erase_deleted()
    assert [path for path in of_gone if path.exists()] == []
    assert all(path.exists() for path in of_kept)


class Served:
    """Stands for the process that writes, which takes seconds to start."""

    def __init__(self) -> None:
        self.is_running = True

    def kill(self) -> None:
        self.is_running = False


@pytest.mark.django_db
def test_a_model_in_the_memory_of_the_process_that_writes_goes_with_it(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Served(), Served()
    study = a_model(alice)
    monkeypatch.setattr(serving, "_serve", first)
    monkeypatch.setattr(serving, "_loaded", {study.pk})
    monkeypatch.setattr(serving, "TrainerProcess", lambda *_: second)
    serving.forget_deleted()
    assert first.is_running
    Study.objects.all().delete()
    serving.forget_deleted()
    assert not first.is_running and serving._serve is second


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL clears up by itself")
def test_a_deleted_row_leaves_nothing_in_the_database_file_or_its_log(alice: User) -> None:
    study = a_model(alice)
    words = b"uberkerzen dolchgeflecht"
    Study.objects.filter(pk=study.pk).update(warning=words.decode())
    database = Path(connection.settings_dict["NAME"])
    both = [database, database.with_name(f"{database.name}-wal")]
    assert any(words in path.read_bytes() for path in both)
    reconciler.Reconciler().tick()
    study.delete()
    reconciler.Reconciler().tick()
    assert [path.name for path in both if words in path.read_bytes()] == []
