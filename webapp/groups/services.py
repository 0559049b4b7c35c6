"""What is done with groups: making and deleting one, joining and leaving it, sharing things in it."""

from typing import Any

from django.db import transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from webapp.accounts.limits import LimitReached
from webapp.accounts.models import User
from webapp.groups.models import Group, GroupLink, Membership, Share

_MOST_GROUPS = 50  # of one person
_MOST_MEMBERS = 1_000


def make(owner: User, name: str) -> Group:
    """Make a group, of which its owner is the first member. Raises LimitReached."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        if owner.owned_groups.count() >= _MOST_GROUPS:
            message = _("You have %(n)d groups, and no more are allowed. Delete one that you no longer need.")
            raise LimitReached(message % {"n": _MOST_GROUPS})
        group = Group.objects.create(owner=owner, name=name)
        Membership.objects.create(group=group, person=owner)
    return group


def join(person: User, key: str) -> Group | None:
    """Let somebody into a group by a link. Return None if the link has no place, and was used up or withdrawn.

    Who is in the group already takes no place. Raises LimitReached when the group is full.
    """
    with transaction.atomic():
        link = GroupLink.objects.filter(key=key).select_related("group").first()
        if link is None:
            return None
        group = Group.objects.select_for_update(no_key=True).get(pk=link.group_id)  # two visits at once count as one
        if group.memberships.filter(person=person).exists():
            return group
        if group.memberships.count() >= _MOST_MEMBERS:
            raise LimitReached(_("This group has %(n)d members, and no more are allowed.") % {"n": _MOST_MEMBERS})
        if not GroupLink.objects.open().take(key):
            return None
        Membership.objects.create(group=group, person=person)
    return group


def leave(group: Group, person: User) -> None:
    """End a membership, by the member's wish or by the owner's. What the member has shared is shared no longer.

    What others have trained on it stays theirs: each training has its own copy of the texts. Of its owner, a group can
    only be deleted.
    """
    if person.pk == group.owner_id:
        return
    with transaction.atomic():
        group.memberships.filter(person=person).delete()
        group.shares.filter(Q(corpus__owner=person) | Q(study__owner=person)).delete()


def share(group: Group, thing: Model, may_edit: bool) -> Share:
    """Share a corpus or a study of one of the members. A second call changes whether members may change it."""
    what: dict[str, Any] = {"corpus" if thing._meta.label == "corpora.Corpus" else "study": thing}
    with transaction.atomic():
        Group.objects.select_for_update(no_key=True).get(pk=group.pk)
        made, _is_new = Share.objects.update_or_create(group=group, **what, defaults={"may_edit": may_edit})
    return made
