"""Groups that end, and what is shared in them no longer: what goes, and what stays with whom."""

import pytest
from django.urls import reverse

from tests.support.factory import a_corpus, a_model, a_request, a_study, begin
from tests.web.test_groups import group as group  # a fixture
from tests.web.test_groups import of, page, status
from webapp.account_deletion import services as account_deletion
from webapp.accounts.models import User
from webapp.corpora.models import Corpus
from webapp.groups import services
from webapp.groups.models import Group, Share
from webapp.queue.models import State

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("is_removed", [False, True])
def test_who_leaves_takes_their_things_along_and_keeps_what_they_trained(
    group: Group, alice: User, bob: User, is_removed: bool
) -> None:
    corpus, theirs = a_corpus(alice), a_corpus(bob)
    services.share(group, corpus, may_edit=True)
    services.share(group, theirs, may_edit=False)
    study = a_study(bob, corpus=corpus)
    if is_removed:
        assert status(of(alice), "groups:remove", group.memberships.get(person=bob).pk, end="yes") == 302
    else:
        assert status(of(bob), "groups:leave", group.pk, end="yes") == 302
    assert [share.corpus for share in Share.objects.all()] == [corpus]
    assert status(of(bob), "corpora:detail", corpus.pk) == status(of(alice), "corpora:detail", theirs.pk) == 404
    shown = page(of(bob), "studies:detail", study.pk)
    assert corpus.get_absolute_url() not in shown  # his model stays, and leads to the corpus no more


def test_its_owner_can_not_leave_a_group_and_deletes_it(group: Group, alice: User, bob: User) -> None:
    corpus = a_corpus(alice)
    services.share(group, corpus, may_edit=True)
    answer = of(alice).post(reverse("groups:leave", args=[group.pk]))
    assert answer.headers["Location"] == reverse("groups:delete", args=[group.pk])
    assert status(of(bob), "groups:delete", group.pk, end="yes") == 404
    assert "Corpora and models stay" in page(of(alice), "groups:delete", group.pk)
    assert status(of(alice), "groups:delete", group.pk, end="yes") == 302
    assert status(of(bob), "corpora:detail", corpus.pk) == 404
    assert Corpus.objects.filter(pk=corpus.pk).exists()


def test_the_page_that_deletes_a_document_says_what_others_have_learned(group: Group, alice: User, bob: User) -> None:
    corpus = a_corpus(alice)
    document = corpus.documents.get()
    nothing = "nothing of it is left"
    assert nothing in page(of(alice), "delete_document", document.pk)
    services.share(group, corpus, may_edit=False)
    a_study(bob, corpus=corpus)
    for name, key in (("delete_document", document.pk), ("delete_corpus", corpus.pk)):
        shown = page(of(alice), name, key)
        assert "1 model of others with whom you share it" in shown and nothing not in shown


def test_a_corpus_is_deleted_and_the_training_of_a_member_goes_on(group: Group, alice: User, bob: User) -> None:
    corpus = a_corpus(alice)
    services.share(group, corpus, may_edit=False)
    study = a_study(bob, corpus=corpus)
    lease = begin(study)
    assert "1 model of others with whom you share it" in page(of(alice), "delete_corpus", corpus.pk)
    assert status(of(alice), "delete_corpus", corpus.pk, with_models="on") == 302
    study.refresh_from_db()
    assert (study.corpus, study.deleting, study.jobs.get().state, study.jobs.get().wish) == (
        None,
        False,
        State.RUNNING,
        "",
    )
    lease.renew()
    assert study.documents


def test_who_deletes_a_model_is_told_of_the_passages_of_others(group: Group, alice: User, bob: User) -> None:
    study = a_model(alice)
    services.share(group, study, may_edit=False)
    a_request(bob, study)
    assert "1 of them is of a member" in " ".join(page(of(alice), "studies:delete", study.pk).split())


def test_a_passage_is_not_written_again_with_a_model_that_is_shared_no_longer(
    group: Group, alice: User, bob: User
) -> None:
    study = a_model(alice)
    share = services.share(group, study, may_edit=False)
    passage = a_request(bob, study).passages.get()
    assert status(of(bob), "passages:again", passage.pk, press="yes") == 302
    share.delete()
    assert status(of(bob), "passages:detail", passage.pk) == 200
    assert status(of(bob), "passages:again", passage.pk, press="yes") == 404


def test_who_deletes_the_account_is_told_and_members_keep_what_they_trained(
    group: Group, alice: User, bob: User
) -> None:
    corpus = a_corpus(alice)
    services.share(group, corpus, may_edit=False)
    study = a_study(bob, corpus=corpus)
    shown = " ".join(page(of(alice), "account_delete").split())
    assert "1 group that you have made" in shown and "1 of these things is shared in a group" in shown
    account_deletion.delete(alice)
    assert not Group.objects.exists() and not Corpus.objects.exists()
    study.refresh_from_db()
    assert (study.corpus, study.jobs.get().state) == (None, State.QUEUED)
    assert status(of(bob), "studies:detail", study.pk) == 200
