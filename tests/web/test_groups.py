"""Groups: who comes in by a link, what members may do with what is shared, and what stays when somebody goes."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support.factory import MEMORY, a_corpus, a_memory, a_model, a_study, begin
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.corpora.models import Document
from webapp.groups import services
from webapp.groups.models import Group, GroupLink, Share
from webapp.passages.models import Passage
from webapp.queue.models import Kind
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db

WISHES = {"prompt": "Out, out", "length": "300", "temperature": "0.5", "passages": "1", "seed": "11"}


@pytest.fixture
def group(alice: User, bob: User) -> Group:
    """A group of alice's, with bob in it. Charlie is in another one of hers."""
    made = services.make(alice, "4b")
    enter(made, bob)
    return made


def enter(group: Group, person: User, places: int = 1) -> GroupLink:
    link = GroupLink.objects.create(group=group, places=places, expires=timezone.now() + timedelta(days=1))
    assert services.join(person, link.key) == group
    return link


def of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(client: Client, name: str, *numbers: object) -> str:
    answer = client.get(reverse(name, args=numbers))
    assert answer.status_code == 200, name
    return answer.content.decode()


def status(client: Client, name: str, *numbers: object, **posted: Any) -> int:
    address = reverse(name, args=numbers)
    answer = client.post(address, posted) if posted else client.get(address)
    if answer.streaming:
        answer.getvalue()  # otherwise its file stays open
    return answer.status_code


#: what members may do: the routes of a corpus, of its document, and of a study, by the right that they need
READ = {
    "corpus": ("corpora:detail", "corpora:download", "studies:create"),
    "document": ("corpora:document", "corpora:original"),
    "study": (
        *("studies:detail", "studies:history", "studies:history_csv", "studies:timeline", "studies:status"),
        *("studies:again", "studies:another_text", "passages:write", "passages:opening"),
        *(f"inside:{name}" for name in ("gates", "units", "touch", "memory", "course")),
    ),
}
EDIT = {
    "corpus": ("corpora:edit", "corpora:add", "corpora:arrange", "corpora:doctor"),
    "document": ("corpora:edit_document", "corpora:document_doctor"),
    "study": ("studies:edit", "studies:further"),
}
OWN = {
    "corpus": ("delete_corpus", "corpora:take"),
    "document": ("delete_document",),
    "study": ("studies:delete",),
}


def allowed(client: Client, things: dict[str, int]) -> set[str]:
    """Return the routes that lead the visitor to something."""
    routes = [(kind, name) for table in (READ, EDIT, OWN) for kind, names in table.items() for name in names]
    return {name for kind, name in routes if status(client, name, things[kind]) != 404}


def names(*tables: dict[str, tuple[str, ...]]) -> set[str]:
    return {name for table in tables for group in table.values() for name in group}


@pytest.mark.sql
@pytest.mark.parametrize("may_edit", [False, True])
def test_members_may_do_what_was_said_and_others_nothing(
    group: Group, alice: User, bob: User, charlie: User, may_edit: bool
) -> None:
    corpus = a_corpus(alice)
    study = a_model(alice, corpus=corpus)
    things = {"corpus": corpus.pk, "document": corpus.documents.get().pk, "study": study.pk}
    member, stranger = of(bob), of(charlie)
    assert allowed(member, things) == set()
    form = {"corpus": corpus.pk, "study": study.pk, **({"may_edit": "on"} if may_edit else {})}
    assert status(of(alice), "groups:share", group.pk, **form) == 302
    assert allowed(member, things) == (names(READ, EDIT) if may_edit else names(READ))
    assert allowed(stranger, things) == set()
    assert allowed(of(alice), things) == names(READ, EDIT, OWN)
    for share in Share.objects.all():
        status(of(alice), "groups:unshare", share.pk, end="yes")
    assert allowed(member, things) == set()


@pytest.mark.parametrize("may_edit", [False, True])
def test_buttons_of_what_is_shared_do_as_much(group: Group, alice: User, bob: User, may_edit: bool) -> None:
    study = a_study(alice)
    corpus = study.corpus
    assert corpus
    services.share(group, study, may_edit)
    services.share(group, corpus, may_edit)
    client = of(bob)
    for name in ("pause", "stop", "resume"):
        assert status(client, f"studies:{name}", study.pk, press="yes") == (302 if may_edit else 404)
    assert status(client, "corpora:put_away", corpus.pk, press="yes") == (302 if may_edit else 404)
    assert status(client, "studies:delete", study.pk, press="yes") == 404
    assert status(client, "delete_corpus", corpus.pk, press="yes") == 404
    assert status(client, "inside:share", study.pk, press="yes") == 404


def test_lists_and_pages_say_whose_it_is_and_offer_what_is_allowed(group: Group, alice: User, bob: User) -> None:
    corpus = a_corpus(alice, name="Hers")
    study = a_model(alice, corpus=corpus, name="Her model")
    a_corpus(alice, name="A secret of hers")
    services.share(group, corpus, may_edit=False)
    services.share(group, study, may_edit=False)
    client = of(bob)
    for route, thing in (("corpora:list", "Hers"), ("studies:list", "Her model")):
        shown = page(client, route)
        assert thing in shown and "of <bdi>alice</bdi>" in shown and "secret" not in shown
        assert "of <bdi>alice</bdi>" not in page(of(alice), route)
    shown = page(client, "corpora:detail", corpus.pk) + page(client, "studies:detail", study.pk)
    assert "of <bdi>alice</bdi>" in shown
    for offer in ("Add texts", ">Change<", ">Delete<", "Rename", "Ask the doctor"):
        assert offer not in shown, offer
    services.share(group, corpus, may_edit=True)
    shown = page(client, "corpora:detail", corpus.pk)
    assert "Add texts" in shown and ">Delete<" not in shown


def test_a_member_trains_on_a_shared_corpus_and_writes_with_a_shared_model(
    group: Group, alice: User, bob: User
) -> None:
    corpus = a_corpus(alice)
    study = a_model(alice, corpus=corpus)
    services.share(group, corpus, may_edit=False)
    services.share(group, study, may_edit=False)
    client = of(bob)
    assert status(client, "studies:create", corpus.pk, recipe="quick", submission="") == 302
    trained = Study.objects.get(owner=bob)
    assert (trained.jobs.get().owner, trained.corpus) == (bob, corpus)
    assert trained.text_bytes > 0  # his training and his copy of the text count for him
    assert status(client, "passages:write", study.pk, **WISHES) == 302
    passage = Passage.objects.get()
    assert (passage.owner, passage.job.owner if passage.job else None, passage.study) == (bob, bob, study)
    assert status(of(alice), "passages:detail", passage.pk) == 404  # what he writes is his


@pytest.mark.sql
def test_a_member_lays_the_memory_of_a_shared_model_over_others(group: Group, alice: User, bob: User) -> None:
    theirs, own = a_model(alice, name="Her model"), a_memory(bob).study
    services.share(group, theirs, may_edit=False)
    client = of(bob)
    assert "of <bdi>alice</bdi>" in page(client, "studies:compare")
    address = f"{reverse('inside:memories')}?study={own.pk}&study={theirs.pk}"
    assert "Measure how far they remember" in client.get(address).content.decode()
    client.post(address)
    begin(theirs, Kind.LOOK).move("succeed")
    bob.looks.update(result=MEMORY)
    assert "Her model" in client.get(address).content.decode()
    assert "Her model" in page(client, "inside:memory", own.pk)


def test_who_edits_a_document_needs_the_right_to_all_its_corpora(group: Group, alice: User, bob: User) -> None:
    corpus, another = a_corpus(alice), a_corpus(alice, name="Kept to herself")
    document = corpus.documents.get()
    another.places.create(document=document, position=1)
    services.share(group, corpus, may_edit=True)
    client = of(bob)
    assert status(client, "corpora:edit_document", document.pk) == 404
    shown = page(client, "corpora:document", document.pk)
    assert "Kept to herself" not in shown and "Edit the text" not in shown
    services.share(group, another, may_edit=True)
    assert status(client, "corpora:edit_document", document.pk) == 200


def test_texts_that_a_member_adds_are_the_owners(group: Group, alice: User, bob: User) -> None:
    corpus = a_corpus(alice)
    services.share(group, corpus, may_edit=True)
    assert status(of(bob), "corpora:add", corpus.pk, pasted="A line that bob has added. " * 40) == 302
    assert {document.owner for document in Document.objects.all()} == {alice}
    assert corpus.documents.count() == 2


@pytest.mark.sql
def test_a_link_lets_as_many_in_as_it_has_places(group: Group, alice: User, charlie: User) -> None:
    assert status(of(alice), "groups:invite", group.pk, places=1, days=7) == 302
    link = GroupLink.objects.open().get()
    assert link.key in page(of(alice), "groups:detail", group.pk)
    client, late = of(charlie), of(User.objects.create_user("dora"))
    assert "A group of <bdi>alice</bdi>" in page(client, "groups:join", link.key)
    assert status(client, "groups:detail", group.pk) == 404
    assert status(client, "groups:join", link.key, join="yes") == 302
    assert "4b" in page(client, "groups:list")
    assert status(client, "groups:join", link.key, join="yes") == 302  # twice takes no second place
    assert status(late, "groups:join", link.key) == status(late, "groups:join", link.key, join="yes") == 404
    assert group.memberships.count() == 3


def test_a_withdrawn_link_lets_nobody_in(group: Group, alice: User, charlie: User) -> None:
    link = GroupLink.objects.create(group=group, places=5, expires=timezone.now() + timedelta(days=1))
    assert status(of(charlie), "groups:withdraw", link.pk, end="yes") == 404
    assert status(of(alice), "groups:withdraw", link.pk, end="yes") == 302
    assert status(of(charlie), "groups:join", link.key, join="yes") == 404


def test_who_is_not_logged_in_comes_back_to_the_link(group: Group) -> None:
    link = GroupLink.objects.create(group=group, places=5, expires=timezone.now() + timedelta(days=1))
    answer = Client().get(reverse("groups:join", args=[link.key]))
    assert answer.headers["Location"].endswith(f"?next={reverse('groups:join', args=[link.key])}")


def test_only_what_is_ones_own_can_be_shared(group: Group, alice: User, bob: User) -> None:
    corpus, hidden = a_corpus(alice), a_corpus(alice, name="Hidden")
    services.share(group, corpus, may_edit=True)
    for one in (corpus, hidden):
        assert status(of(bob), "groups:share", group.pk, corpus=one.pk) == 422
    assert status(of(bob), "groups:share", group.pk, corpus="") == 422
    assert status(of(bob), "groups:unshare", Share.objects.get().pk, end="yes") == 404


def test_who_may_change_a_corpus_sees_what_is_extracted_for_it(alice: User, bob: User, group: Group) -> None:
    corpus = a_corpus(alice)
    adding = corpora.queue_documents(corpus, [("more.docx", b"PK\3\4")], [], None)
    looking = corpora.queue_examination(None, corpus.documents.get())
    new = corpora.queue_corpus(alice, "Hamlet", [("hamlet.docx", b"PK\3\4")], False, [], None)

    def seen(person: User) -> list[int]:
        return [status(of(person), "corpora:extraction", one.pk) for one in (adding, looking, new)]

    assert seen(alice) == [200, 200, 200] and seen(bob) == [404, 404, 404]
    share = Share.objects.create(group=group, corpus=corpus)
    assert seen(bob) == [404, 404, 404]
    Share.objects.filter(pk=share.pk).update(may_edit=True)
    assert seen(bob) == [200, 200, 404]
    assert adding.get_absolute_url() in page(of(bob), "corpora:list")
