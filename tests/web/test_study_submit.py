"""The submission of a training: files are stored before the transaction, and nothing is left after a failure."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection

from tests.support.factory import TEXT, a_corpus, a_study
from webapp import files
from webapp.accounts.limits import LimitReached
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.corpora.models import Corpus
from webapp.queue.models import Job
from webapp.studies import services
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = {"recipe": "quick"}


class Disk(FileSystemStorage):
    """A storage that calls a function when a file is stored."""

    stores: Callable[[str], None] = staticmethod(lambda name: None)

    def _save(self, name: str, content: Any) -> str:
        Disk.stores(name)
        return str(super()._save(name, content))  # type: ignore[misc]  # its stubs leave it out


@pytest.fixture(autouse=True)
def disk(settings: Any, tmp_path: Any) -> Iterator[None]:
    backend = {"BACKEND": "tests.web.test_study_submit.Disk", "OPTIONS": {"location": tmp_path, "base_url": None}}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    yield
    Disk.stores = staticmethod(lambda name: None)


@pytest.fixture
def corpus(alice: User) -> Corpus:
    return corpora.add_corpus(alice, "Two", [("a.txt", TEXT.encode()), ("b.txt", TEXT.encode())], False)


def submit(corpus: Corpus, **choices: Any) -> Study:
    return services.submit(corpus.owner, corpus, QUICK, "Banquo", **choices)


def test_files_are_stored_while_others_can_write(corpus: Corpus) -> None:
    held = []
    Disk.stores = staticmethod(lambda name: held.append(connection.in_atomic_block))
    study = submit(corpus)
    assert held == [False, False]
    assert [files.sha256(files.read(one["key"])) for one in study.documents] == [
        one["sha256"] for one in study.documents
    ]


def test_nothing_is_left_when_a_file_cannot_be_stored(corpus: Corpus) -> None:
    def full(name: str) -> None:
        if name.endswith("1.txt"):
            raise OSError("no space left on device")

    Disk.stores = staticmethod(full)
    with pytest.raises(OSError, match="no space"):
        submit(corpus)
    assert not files.keys("texts") and not Study.objects.exists() and not Job.objects.exists()


def test_nothing_is_left_when_the_last_place_was_taken_meanwhile(corpus: Corpus, settings: Any) -> None:
    settings.WAITING_LIMIT = 1

    def faster(name: str) -> None:
        Disk.stores = staticmethod(lambda name: None)
        a_study(corpus.owner, corpus)

    Disk.stores = staticmethod(faster)
    with pytest.raises(LimitReached):
        submit(corpus)
    assert Study.objects.count() == Job.objects.count() == 1
    assert len(files.keys("texts")) == 2


def test_nothing_is_stored_for_who_is_over_the_limit(alice: User, settings: Any) -> None:
    corpus = a_corpus(alice)
    settings.WAITING_LIMIT = 1
    submit(corpus)
    stored: list[str] = []
    Disk.stores = staticmethod(stored.append)
    with pytest.raises(LimitReached):
        submit(corpus)
    assert not stored


@pytest.mark.parametrize("recipe", ["quick", "balanced"])
def test_a_form_whose_other_sending_is_faster_leaves_no_second_text(corpus: Corpus, recipe: str) -> None:
    number = uuid.uuid4()

    def faster(name: str) -> None:
        Disk.stores = staticmethod(lambda name: None)
        services.submit(corpus.owner, corpus, {"recipe": recipe}, "Banquo", submission=number)

    Disk.stores = staticmethod(faster)
    submit(corpus, submission=number)
    trained = 1 if recipe == "quick" else 2
    assert Study.objects.count() == Job.objects.count() == trained
    assert len(files.keys("texts")) == 2 * trained


def test_the_text_goes_with_the_study(corpus: Corpus) -> None:
    study = submit(corpus)
    assert files.keys("texts")
    services.delete(study)
    assert not files.keys("texts") and not Study.objects.exists()
