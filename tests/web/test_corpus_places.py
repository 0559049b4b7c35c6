"""The documents of a corpus: their order, their weights, and documents that stand in several corpora."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.environment import run
from tests.support.factory import TEXT, a_corpus, a_study
from tests.support.pages import html_of
from tests.support.uploads import sent
from webapp import files
from webapp.accounts.limits import stored_bytes
from webapp.accounts.models import User
from webapp.corpora import services
from webapp.corpora.models import Corpus, Document
from webapp.corpora.services import Wanted

pytestmark = pytest.mark.django_db
ACTS = [f"Act {number}. " + TEXT[:2000] for number in range(3)]


@pytest.fixture
def corpus(client: Client, alice: User) -> Corpus:
    files.delete_tree("documents")
    client.force_login(alice)
    acts = [(f"act-{number}.txt", text.encode()) for number, text in enumerate(ACTS)]
    return services.add_corpus(alice, "Macbeth", acts, lowercase=False)


def arrange(client: Client, corpus: Corpus, *wanted: tuple[object, object]) -> Any:
    """Send the form with a number and a weight for each document, in their present order."""
    form: dict[str, str] = {}
    for place, (number, weight) in zip(corpus.places.all(), wanted, strict=True):
        form |= {f"{place.pk}-number": str(number), f"{place.pk}-weight": str(weight)}
    return client.post(f"/corpora/{corpus.pk}/arrange/", form)


def order(corpus: Corpus) -> list[tuple[str, float]]:
    return [(place.document.name, place.weight) for place in corpus.in_order()]


@pytest.mark.sql
def test_documents_have_an_order_and_weights(client: Client, corpus: Corpus) -> None:
    assert order(corpus) == [("act-0.txt", 1.0), ("act-1.txt", 1.0), ("act-2.txt", 1.0)]
    assert arrange(client, corpus, (3, 2), (2, 1), (1, "0.5")).status_code == 302
    assert order(corpus) == [("act-2.txt", 0.5), ("act-1.txt", 1.0), ("act-0.txt", 2.0)]
    assert [one.text for one in services.texts(corpus)] == ACTS[::-1]
    page = html_of(client.get(f"/corpora/{corpus.pk}/"))
    assert "read 2 times an epoch" in page and "read 0.5 times an epoch" in page
    assert page.index('dir="auto">act-2.txt') < page.index('dir="auto">act-0.txt')


@pytest.mark.parametrize(
    ("moved", "expected"),
    [
        ({0: 2}, "102"),
        ({0: 3}, "120"),
        ({2: 1}, "201"),
        ({0: 2, 1: 1}, "102"),
        ({0: 99}, "120"),
        ({0: 1, 1: 1, 2: 1}, "120"),
    ],
)
def test_a_document_goes_where_its_number_says(corpus: Corpus, moved: dict[int, int], expected: str) -> None:
    places = list(corpus.places.all())
    services.arrange(corpus, {places[place].pk: Wanted(number, 1.0) for place, number in moved.items()})
    assert [name for name, _weight in order(corpus)] == [f"act-{number}.txt" for number in expected]


@pytest.mark.parametrize("weight", ["0", "0.001", "101", "-1", "nan", "inf", "", "two"])
def test_a_weight_that_no_training_takes_is_refused(client: Client, corpus: Corpus, weight: str) -> None:
    response = arrange(client, corpus, (1, weight), (2, 1), (3, 1))
    assert response.status_code == 422 and "errorlist" in html_of(response)
    assert {weight for _name, weight in order(corpus)} == {1.0} and Corpus.objects.get().version == 1


def test_the_page_says_what_part_of_an_epoch_each_document_is(client: Client, corpus: Corpus) -> None:
    arrange(client, corpus, (1, 2), (2, 1), (3, 1))
    page = html_of(client.get(f"/corpora/{corpus.pk}/arrange/"))
    assert "50 % of an epoch" in page and page.count("25 % of an epoch") == 2
    assert Corpus.objects.get().characters_an_epoch == 4 * len(ACTS[0])


def test_pages_say_what_counts_code_points_where_readers_count_otherwise(
    client: Client, alice: User, corpus: Corpus
) -> None:
    hindi = a_corpus(alice, "यह फ़िल्म क्षण की है।\n" * 90, name="Hindi")
    for one, says_so in ((hindi, True), (corpus, False)):
        shown = client.get(one.get_absolute_url()).content.decode()
        assert ("They are code points, as the trainer reads them" in shown) is says_so
        assert (
            "of an epoch is that of its code points" in html_of(client.get(f"/corpora/{one.pk}/arrange/"))
        ) is says_so
        assert ('<small class="soft">code points</small>' in shown) is says_so


def test_each_change_of_what_is_learned_begins_a_version(client: Client, alice: User, corpus: Corpus) -> None:
    def version() -> int:
        return Corpus.objects.get(pk=corpus.pk).version

    versions = [version()]
    arrange(client, corpus, (1, 1), (2, 1), (3, 1))  # nothing changes
    services.change(Corpus.objects.get(), "Another name", lowercase=False)
    versions.append(version())
    arrange(client, corpus, (1, 3), (2, 1), (3, 1))
    versions.append(version())
    services.change(Corpus.objects.get(), "Another name", lowercase=True)
    versions.append(version())
    services.add_documents(corpus, [("more.txt", TEXT.encode())])
    versions.append(version())
    services.remove(corpus.places.all()[0])
    versions.append(version())
    assert versions == [1, 1, 2, 3, 4, 5]


def test_a_training_freezes_version_order_and_weights(client: Client, alice: User, corpus: Corpus) -> None:
    arrange(client, corpus, (3, 2), (1, 1), (2, "0.5"))
    study = a_study(alice, corpus)
    first = corpus.in_order()[0].document
    assert study.corpus_version == 2 and study.weights == [1.0, 0.5, 2.0]
    assert [document["name"] for document in study.documents] == ["act-1.txt", "act-2.txt", "act-0.txt"]
    assert (study.documents[0]["document"], study.documents[0]["source"]) == (first.pk, first.sha256)
    again = client.post(f"/models/{study.pk}/again/", {"recipe": "quick"}, follow=True).context["study"]
    assert (again.corpus_version, again.weights) == (2, [1.0, 0.5, 2.0])


def test_the_tutorials_procedure_reads_each_document_once(client: Client, alice: User, corpus: Corpus) -> None:
    arrange(client, corpus, (1, 2), (2, 1), (3, 1))
    assert a_study(alice, corpus, recipe="tutorial").weights == []
    assert "whatever its weight in the corpus" in html_of(client.get(f"/models/new/{corpus.pk}/"))


def take(client: Client, corpus: Corpus, *documents: Document) -> Any:
    return client.post(f"/corpora/{corpus.pk}/take/", {"documents": [one.pk for one in documents]}, follow=True)


@pytest.mark.sql
def test_a_document_can_stand_in_several_corpora_and_is_stored_once(
    client: Client, alice: User, corpus: Corpus
) -> None:
    other = a_corpus(alice, name="Mixed")
    document, before = corpus.documents.all()[0], stored_bytes(alice)
    assert "act-0.txt" in html_of(client.get(f"/corpora/{other.pk}/take/"))
    assert "Added to “<bdi>Mixed</bdi>”." in html_of(take(client, other, document))
    assert order(other) == [("macbeth.txt", 1.0), ("act-0.txt", 1.0)]
    assert stored_bytes(alice) == before
    other.refresh_from_db()
    assert other.characters == len(TEXT) + len(ACTS[0]) and other.version == 2
    page = html_of(client.get(f"/corpora/documents/{document.pk}/"))
    assert "Macbeth" in page and "Mixed" in page
    take(client, other, document)
    assert other.documents.count() == 2


def test_somebody_elses_document_is_not_taken(client: Client, bob: User, corpus: Corpus) -> None:
    theirs = a_corpus(bob, name="Theirs").documents.get()
    assert take(client, corpus, theirs).status_code == 422
    assert corpus.documents.count() == 3


def test_a_corpus_that_is_full_takes_nothing_more(client: Client, alice: User, corpus: Corpus, settings: Any) -> None:
    other = a_corpus(alice, name="Mixed")
    settings.UPLOAD_LIMIT_BYTES = len(TEXT) + 100
    response = take(client, other, corpus.documents.all()[0])
    assert response.status_code == 422 and "A corpus holds at most" in html_of(response)
    assert other.documents.count() == 1


def test_a_document_is_deleted_when_it_stands_in_no_corpus_any_more(
    client: Client, alice: User, corpus: Corpus, django_capture_on_commit_callbacks: Any
) -> None:
    other = a_corpus(alice, name="Mixed")
    document = corpus.documents.all()[0]
    take(client, other, document)
    place = corpus.places.get(document=document)
    with django_capture_on_commit_callbacks(execute=True):
        assert "It stays in:" in html_of(client.get(f"/corpora/places/{place.pk}/remove/"))
        client.post(f"/corpora/places/{place.pk}/remove/")
    assert corpus.documents.count() == 2 and services.read(document) == ACTS[0]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/corpora/{other.pk}/delete/")
    assert not Document.objects.filter(pk=document.pk).exists() and document.key not in files.keys("documents")


def test_a_document_that_is_extracted_again_changes_all_its_corpora(client: Client, alice: User) -> None:
    client.force_login(alice)
    table = SimpleUploadedFile("two.csv", b"id,title,text\n1,One,A long text\n2,Two,Another text\n")
    sent(client, "/corpora/new/", {"documents": [table], "name": "Table"})
    document, other = Document.objects.get(), a_corpus(alice, name="Mixed")
    take(client, other, document)
    sent(client, f"/corpora/documents/{document.pk}/extract/", {"column": "1"})
    other.refresh_from_db()
    assert other.characters == len(TEXT) + len("One\nTwo\n") and other.version == 3
    assert document.corpora.get(name="Table").characters == len("One\nTwo\n")


_MIGRATION = """
import json, os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
BEFORE = [("corpora", "0008_originals"), ("studies", "0007_fine_tuning"), ("accounts", "0002_limits")]
for app, name in BEFORE:
    call_command("migrate", app, name, verbosity=0)
apps = MigrationExecutor(connection).loader.project_state(BEFORE).apps
Corpus, Document, Study = (
    apps.get_model(*one) for one in (("corpora", "Corpus"), ("corpora", "Document"), ("studies", "Study"))
)
owners = [apps.get_model("accounts", "User").objects.create(username=name) for name in ("alice", "bob")]
for owner in owners:
    for corpus in (Corpus.objects.create(owner=owner, name=name) for name in ("One", "Two")):
        for n in range(3):
            sha = f"{corpus.pk}-{n}"
            Document.objects.create(
                corpus=corpus, name=f"{n}.txt", characters=1, bytes=1, sha256=sha, key=f"documents/{sha}/0.txt"
            )
        frozen = [
            {"name": f"{n}.txt", "key": f"texts/{n}", "sha256": f"{corpus.pk}-{n}", "characters": 1} for n in (1, 7)
        ]
        fields = {"corpus_name": "One", "recipe": {}, "characters": 2, "documents": frozen}
        Study.objects.create(owner=owner, corpus=corpus, name="Study", learned_before=[{"documents": frozen}], **fields)
call_command("migrate", verbosity=0)
from webapp.corpora.models import Corpus, Document
from webapp.studies.models import Study
corpora = [
    [corpus.version, [[p.document.owner_id == corpus.owner_id, p.position, p.weight, p.document.sha256]
     for p in corpus.in_order()]]
    for corpus in Corpus.objects.order_by("pk")
]
studies = [
    [study.corpus_version, [Document.objects.get(pk=d["document"]).sha256 == d["sha256"] if "document" in d else None
     for d in study.all_documents]]
    for study in Study.objects.all()
]
print(json.dumps([Document.objects.count(), corpora, studies]))
"""


def test_rows_from_before_keep_their_order_and_get_an_owner(tmp_path: Path) -> None:
    done = run(sys.executable, "-c", _MIGRATION, DATABASE_URL=f"sqlite:///{tmp_path / 'before.sqlite3'}")
    assert done.returncode == 0, done.stderr[-3000:]
    documents, corpora, studies = json.loads(done.stdout)
    assert documents == 12
    expected = [[1, [[True, n + 1, 1.0, f"{corpus}-{n}"] for n in range(3)]] for corpus in (1, 2, 3, 4)]
    assert corpora == expected
    assert studies == [[None, [True, None, True, None]]] * 4
