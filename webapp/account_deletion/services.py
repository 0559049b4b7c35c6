"""The deletion of an account: the person, and all their texts, models and passages."""

from dataclasses import dataclass

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from webapp.accounts import limits
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.groups.models import Share
from webapp.inside import services as inside
from webapp.queue.models import LIVE, Kind, State
from webapp.studies import services as studies


class NotDeletable(Exception):
    """This account can't be deleted. The message tells its person why."""


@dataclass(frozen=True)
class Belongings:
    """The numbers of what is deleted with an account."""

    corpora: int
    models: int
    passages: int
    shared: int  # passages that others may read by a link
    groups: int  # that the person has made
    in_groups: int  # corpora and models that members of groups may see
    stored_mb: float
    running: int  # trainings
    waiting: int


def belongings(owner: User) -> Belongings:
    trainings = owner.jobs.filter(kind=Kind.TRAIN, study__deleting=False)
    return Belongings(
        corpora=owner.corpora.count(),
        models=owner.studies.filter(deleting=False).count(),
        passages=owner.passages.count(),
        shared=owner.passages.filter(share_key__isnull=False).count(),
        groups=owner.owned_groups.count(),
        in_groups=Share.objects.filter(Q(corpus__owner=owner) | Q(study__owner=owner)).count(),
        stored_mb=limits.stored_bytes(owner) / limits.MEGABYTE,
        running=trainings.filter(state__in=LIVE).count(),
        waiting=trainings.filter(state=State.QUEUED).count(),
    )


def check_deletable(owner: User) -> None:
    """Raise NotDeletable for the only superuser: nobody would be left to look after the site."""
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=owner.pk)
    if owner.is_superuser and not others.exists():
        raise NotDeletable(
            _(
                "This is the only account of a superuser, so it can’t be deleted here. Make another one first: "
                "manage.py createsuperuser."
            )
        )


def delete(owner: User) -> None:
    """Delete a person and all that is theirs: every row in one transaction, then their sessions and files.

    A request that adds something for the person at the same time waits for the person's row, and then finds that it
    is gone. `manage.py orphans` finds the files that can't be deleted now. Raises NotDeletable.
    """
    number = owner.pk
    with transaction.atomic():
        person = _locked(owner)
        check_deletable(person)
        transaction.on_commit(lambda: _end_sessions(number), robust=True)  # before the files, which may take long
        corpora.delete_uploads(person)
        studies.delete_all(person)
        corpora.delete_all(person)
        person.delete()
        inside.forget_what_is_shared_no_longer()  # in the person's groups


def _locked(owner: User) -> User:
    """Lock the person's row until the transaction ends.

    For a superuser, lock the rows of all superusers: otherwise the last two could delete their accounts at once.
    """
    wanted = Q(pk=owner.pk) | Q(is_superuser=True) if owner.is_superuser else Q(pk=owner.pk)
    locked = User.objects.select_for_update().filter(wanted).order_by("pk").in_bulk()
    if owner.pk not in locked:
        raise User.DoesNotExist
    return locked[owner.pk]


def _end_sessions(number: int) -> None:
    """Delete all sessions of a deleted person, so that no browser is logged in as that person any more."""
    sessions = SessionStore.get_model_class().objects
    theirs = [one.pk for one in sessions.iterator() if one.get_decoded().get(SESSION_KEY) == str(number)]
    sessions.filter(pk__in=theirs).delete()
