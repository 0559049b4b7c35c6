"""What ends in a group: with a share, looks inside the model end too that members have made."""

from django.db import transaction

from webapp.accounts.models import User
from webapp.groups import services as groups
from webapp.groups.models import Group, Share
from webapp.inside import services as inside


def end(share: Share) -> None:
    """Share a thing no longer. What others have trained on it or written with it stays theirs."""
    with transaction.atomic():
        share.delete()
        inside.forget_what_is_shared_no_longer()


def leave(group: Group, person: User) -> None:
    """End a membership, by the member's wish or by the owner's. A group's owner can only delete it."""
    with transaction.atomic():
        groups.leave(group, person)
        inside.forget_what_is_shared_no_longer()


def delete(group: Group) -> None:
    """Delete a group. Corpora and models stay with their owners."""
    with transaction.atomic():
        group.delete()
        inside.forget_what_is_shared_no_longer()
