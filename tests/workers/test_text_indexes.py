"""The text indexes of a worker: each is made once, kept for a while, and made again when it is lost."""

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import override_settings

from tests.support.factory import TEXT, a_corpus, a_study
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.studies.models import Study
from webapp.workers import text_indexes
from webapp.workers.checksums import ArtifactProblem

pytestmark = pytest.mark.django_db

RUN = TEXT[1200:1234]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of the indexes, on a worker that has none."""
    text_indexes._open.clear()
    with override_settings(WORK_DIR=tmp_path):
        yield tmp_path / "sources"
    text_indexes._open.clear()


@pytest.fixture
def study(alice: User) -> Study:
    return a_study(alice)


def lose_memory() -> None:
    """Forget the open indexes, as a new worker process on the same machine."""
    text_indexes._open.clear()


def remove_texts(study: Study) -> None:
    for document in study.documents:
        default_storage.delete(document["key"])


def finds(study: Study, text: str = RUN) -> list[list[int]]:
    return [list(span) for span in text_indexes.index_of(study).copied(text)]


def test_what_stands_in_any_document_is_found(alice: User) -> None:
    uploads = [("act one.txt", TEXT.encode()), ("act two.txt", b"Is this a dagger which I see before me? " * 30)]
    study = a_study(alice, corpora.add_corpus(alice, "Acts", uploads, lowercase=False))
    assert finds(study) == [[0, 34, 0, 1200]]
    assert finds(study, "Is this a dagger which") == [[0, 22, 1, 0]]


def test_texts_are_read_once_and_their_index_is_used_by_the_next_worker(study: Study) -> None:
    found = text_indexes.index_of(study)
    remove_texts(study)
    assert text_indexes.index_of(study) is found
    lose_memory()
    assert finds(study) == [[0, 34, 0, 1200]]


def test_studies_of_the_same_texts_share_an_index(alice: User, study: Study, folder: Path) -> None:
    other = a_study(alice, a_corpus(alice, name="The same"))
    assert text_indexes.index_of(other) is text_indexes.index_of(study)
    assert len(list(folder.iterdir())) == 1


def test_a_recipe_that_lower_cases_is_compared_with_lower_case(alice: User) -> None:
    corpus = a_corpus(alice, "WHEN SHALL WE THREE MEET AGAIN? " * 40)
    studies = [a_study(alice, corpus, recipe) for recipe in ("tutorial", "quick")]
    lower = "when shall we three meet again?"
    assert [finds(study, lower) for study in studies] == [[[0, 31, 0, 0]], []]
    assert [finds(study, lower.upper()) for study in studies] == [[], [[0, 31, 0, 0]]]


def test_letters_that_grow_in_lower_case_are_no_harm(alice: User) -> None:
    study = a_study(alice, a_corpus(alice, "İSTANBUL'DAN DÖNERKEN " * 100), recipe="tutorial")
    assert finds(study, "i̇stanbul'dan dönerken") == [[0, 22, 0, 0]]


def test_a_damaged_index_is_made_again(study: Study, folder: Path) -> None:
    text_indexes.index_of(study)
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:-9])
    lose_memory()
    assert finds(study) == [[0, 34, 0, 1200]]
    lose_memory()
    remove_texts(study)
    assert finds(study) == [[0, 34, 0, 1200]]


def test_a_disk_without_room_costs_the_keeping_only(study: Study, folder: Path) -> None:
    folder.write_text("a file in the folder's place")
    assert finds(study) == [[0, 34, 0, 1200]]


def test_a_text_that_is_not_what_was_frozen_is_refused(study: Study) -> None:
    key = study.documents[0]["key"]
    default_storage.delete(key)
    default_storage.save(key, ContentFile(b"Tomorrow, and tomorrow"))
    with pytest.raises(ArtifactProblem, match=r"macbeth\.txt"):
        text_indexes.index_of(study)


def test_texts_that_are_away_are_an_oserror(study: Study) -> None:
    remove_texts(study)
    with pytest.raises(OSError, match="No such file"):
        text_indexes.index_of(study)


def test_what_was_used_longest_ago_makes_room(alice: User, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studies = [a_study(alice, a_corpus(alice, f"{number}{TEXT}", str(number))) for number in range(4)]
    for age, study in enumerate(studies[:3]):
        text_indexes.index_of(study)
        newest = max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (1000 + age, 1000 + age))
    (folder / "half.new").write_bytes(b"left by a worker that was killed")
    os.utime(folder / "half.new", (10, 10))
    lose_memory()
    text_indexes.index_of(studies[0])  # so that it was used last
    monkeypatch.setattr(text_indexes, "CACHE", replace(text_indexes.CACHE, room=2 * newest.stat().st_size + 100))
    text_indexes.index_of(studies[3])
    for study in studies:
        remove_texts(study)
    lose_memory()
    assert len(list(folder.iterdir())) == 2
    assert finds(studies[0]) and finds(studies[3])


def test_a_worker_keeps_few_of_them_open(alice: User) -> None:
    for number in range(4):
        text_indexes.index_of(a_study(alice, a_corpus(alice, f"{number}{TEXT}", str(number))))
    assert len(text_indexes._open) == 2


def test_two_workers_that_index_at_once_both_have_it(study: Study, folder: Path) -> None:
    found: list[object] = []
    workers = [
        threading.Thread(target=lambda: found.append(text_indexes._load_or_build(study, "same.index").copied(RUN)))
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [[(0, 34, 0, 1200)]] * 4
    assert [path.name for path in folder.iterdir()] == ["same.index"]
