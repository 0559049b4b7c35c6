"""Groups, their members, shares and links, as the interface sends them."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from webapp.groups.models import Group, GroupLink, Membership, Share

Shown = dict[str, Any]


def group(row: Group, request: HttpRequest, members: int | None = None) -> Shown:
    """Lists know the numbers of members of all their groups by one query."""
    return {
        **{name: getattr(row, name) for name in ("id", "name", "created")},
        "owner": row.owner.username,
        "mine": row.owner_id == request.user.pk,
        "members": row.memberships.count() if members is None else members,
    }


def member(row: Membership) -> Shown:
    return {"id": row.pk, "name": row.person.username, "joined": row.joined}


def share(row: Share) -> Shown:
    thing: Any = row.thing
    return {
        **{name: getattr(row, name) for name in ("id", "may_edit", "created")},
        "kind": "corpus" if row.corpus_id else "model",
        "thing": thing.pk,
        "name": thing.name,
        "owner": thing.owner.username,
    }


def link(row: GroupLink, request: HttpRequest) -> Shown:
    kept = {name: getattr(row, name) for name in ("id", "key", "places", "used", "expires")}
    return {**kept, "link": request.build_absolute_uri(reverse("groups:join", args=[row.key]))}
