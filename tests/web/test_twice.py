"""Documents that stand twice, or nearly: the doctor's switch leaves one of them out of what a training reads."""

from pathlib import Path

import pytest
from django.test import Client

from tests.support.pages import said
from tests.support.texts import prose
from webapp.accounts.models import User
from webapp.corpora import services
from webapp.corpora.models import Corpus
from webapp.doctor.twice import are_read
from webapp.studies import corpus_changes
from webapp.studies import services as studies
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db
PLAY = prose(1, 9_000)
NEARLY = PLAY[:8_000] + prose(5, 700)
OTHER = prose(2, 6_000)
SWITCH = "Leave out documents that stand twice"


@pytest.fixture
def corpus(client: Client, alice: User) -> Corpus:
    client.force_login(alice)
    texts = {"first.txt": PLAY, "second.txt": PLAY, "other.txt": OTHER, "nearly.txt": NEARLY}
    return services.add_corpus(alice, "Plays", [(name, text.encode()) for name, text in texts.items()], False)


def doctor(corpus: Corpus) -> str:
    return f"/corpora/{corpus.pk}/doctor/"


def switch_on(client: Client, corpus: Corpus) -> None:
    client.post(doctor(corpus), {"switch": "twice"})
    corpus.refresh_from_db()


def read(corpus: Corpus) -> list[str]:
    return [place.document.name for place in corpus.read_in_order()]


def test_what_would_go_is_shown_and_goes_when_it_is_switched_on_and_comes_back(client: Client, corpus: Corpus) -> None:
    page = client.get(doctor(corpus))
    row = next(row for row in page.context["rows"] if row.name == "twice")
    assert SWITCH in said(page) and row.finding.count == 2 and not row.is_on
    places = [*row.first_places, *row.more_places]
    assert {place.before for place in places} == {"second.txt:\n", "nearly.txt:\n"}
    assert all(place.old.startswith(PLAY[:50]) and place.new == "" for place in places)
    assert (len(read(corpus)), corpus.characters) == (4, 2 * len(PLAY) + len(OTHER) + len(NEARLY))
    switch_on(client, corpus)
    assert read(corpus) == ["first.txt", "other.txt"] and corpus.characters == len(PLAY) + len(OTHER)
    assert corpus.version == 2 and corpus.overlaps == []
    assert said(client.get(corpus.get_absolute_url())).count("left out: it stands twice") == 2
    assert "are the same text" not in said(client.get(doctor(corpus)))
    order = said(client.get(f"/corpora/{corpus.pk}/arrange/"))
    assert order.count("% of an epoch") == order.count("left out: it stands twice") == 2
    client.post(doctor(corpus), {"undo": "yes"})
    corpus.refresh_from_db()
    assert len(read(corpus)) == 4 and len(corpus.overlaps) == 2


def test_a_training_reads_what_is_left_and_says_what_went(client: Client, corpus: Corpus) -> None:
    before = studies.submit(corpus.owner, corpus, {"recipe": "quick"}, "Before")
    switch_on(client, corpus)
    after = studies.submit(corpus.owner, corpus, {"recipe": "quick"}, "After")
    assert [document["name"] for document in after.documents] == ["first.txt", "other.txt"]
    changes = corpus_changes.since(Study.objects.get(pk=before.pk))
    assert changes and changes.removed == ["second.txt", "nearly.txt"] and changes.is_treated
    assert corpus_changes.since(after) == corpus_changes.Changes()


def test_what_is_left_out_is_read_again_when_the_other_is_taken_out(client: Client, corpus: Corpus) -> None:
    switch_on(client, corpus)
    for name, left in (("first.txt", ["second.txt", "other.txt"]), ("second.txt", ["other.txt", "nearly.txt"])):
        services.remove(corpus.places.get(document__name=name))
        corpus.refresh_from_db()
        assert read(corpus) == left
        assert corpus.characters == sum(place.document.characters for place in corpus.read_in_order())


def test_one_that_was_edited_since_is_read_again(client: Client, corpus: Corpus) -> None:
    switch_on(client, corpus)
    services.edit(corpus.documents.get(name="second.txt"), prose(9, 5_000))
    corpus.refresh_from_db()
    assert read(corpus) == ["first.txt", "second.txt", "other.txt"]


def test_the_choice_is_taken_along(client: Client, corpus: Corpus, tmp_path: Path) -> None:
    switch_on(client, corpus)
    packed = tmp_path / "plays.zip"
    packed.write_bytes(client.get(f"/corpora/{corpus.pk}/download/").getvalue())
    again = services.add_corpus(corpus.owner, "", [("plays.zip", packed)], False)
    assert read(again) == ["first.txt", "other.txt"] and again.characters == corpus.characters


def test_no_document_goes_without_another_that_stays() -> None:
    assert are_read("aba", {"a": "a"}) == [True, True, False]
    assert are_read("ab", {"a": "b", "b": "a"}) == [True, True]
    assert are_read("abc", {"a": "b", "b": "c"}) == [False, False, True]
    assert are_read("ab", {"a": "b", "b": "c"}) == [False, True]
    assert are_read("ab", {"a": "c"}) == [True, True]


def test_a_document_alone_has_no_such_switch(client: Client, corpus: Corpus) -> None:
    assert SWITCH not in said(client.get(f"/corpora/documents/{corpus.documents.all()[0].pk}/doctor/"))
