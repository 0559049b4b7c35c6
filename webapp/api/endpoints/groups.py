"""The operations on groups: making and leaving one, links into it, and what is shared in it."""

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from webapp.accounts import guessing
from webapp.accounts.access import person
from webapp.accounts.rights import Right
from webapp.api import shown_groups
from webapp.api.paging import Page, Paging, number_of, page_of
from webapp.api.problems import Problem, of_form
from webapp.api.schemas.groups import Group, GroupLink, Key, Member, NewGroup, NewLink, Share, ToShare
from webapp.corpora.access import corpus_or_404
from webapp.groups import services
from webapp.groups.access import group_or_404, groups, share_or_404, shares_in
from webapp.groups.models import GroupLink as LinkRow
from webapp.groups.models import Membership
from webapp.sharing import services as endings
from webapp.sharing.forms import GroupForm, GroupLinkForm
from webapp.studies.access import study_or_404

router = Router(tags=["groups"])
_OWNER_STAYS = "You have made this group, and can't leave it. Delete it."


@router.get("/groups", response=Page[Group])
def list_groups(request: HttpRequest, paging: Query[Paging]) -> Any:
    """Return the groups of which you are a member."""
    found = groups(request, Right.READ).select_related("owner")
    found = found.annotate(members=number_of(Membership.objects.all(), "group"))
    return page_of(found, paging, lambda row: shown_groups.group(row, request, row.members))


@router.post("/groups", response={201: Group})
def make_group(request: HttpRequest, body: NewGroup) -> Any:
    """Make a group, of which you are the first member."""
    form = GroupForm(body.model_dump())
    if not form.is_valid():
        raise of_form(form)
    return shown_groups.group(services.make(person(request), form.cleaned_data["name"]), request)


@router.post("/groups/join", response=Group)
def join_group(request: HttpRequest, body: Key) -> Any:
    """Join a group by the key of a link into it. Who is in the group already takes no place."""
    guessing.check(request)
    group = services.join(person(request), body.key)
    if group is None:
        guessing.note(request)
        raise Problem(
            404, "All places of this link are taken, its time is over, or it was withdrawn. Ask for a new one."
        )
    return shown_groups.group(group, request)


@router.get("/groups/{int:pk}", response=Group)
def get_group(request: HttpRequest, pk: int) -> Any:
    return shown_groups.group(group_or_404(request, pk, Right.READ), request)


@router.delete("/groups/{int:pk}", response={204: None})
def delete_group(request: HttpRequest, pk: int) -> None:
    """Delete a group that you have made. Corpora and models stay with their owners."""
    endings.delete(group_or_404(request, pk))


@router.post("/groups/{int:pk}/leave", response={204: None})
def leave_group(request: HttpRequest, pk: int) -> None:
    """Leave a group. What you have shared in it is shared there no longer."""
    group = group_or_404(request, pk, Right.READ)
    if group.owner_id == request.user.pk:
        raise Problem(409, _OWNER_STAYS)
    endings.leave(group, person(request))


@router.get("/groups/{int:pk}/members", response=Page[Member])
def list_members(request: HttpRequest, pk: int, paging: Query[Paging]) -> Any:
    """Return the members, in the order in which they joined."""
    rows = group_or_404(request, pk, Right.READ).memberships.select_related("person")
    return page_of(rows, paging, shown_groups.member)


@router.delete("/groups/{int:pk}/members/{int:member}", response={204: None})
def remove_member(request: HttpRequest, pk: int, member: int) -> None:
    """Remove somebody from a group that you have made. What they have shared is shared there no longer."""
    group = group_or_404(request, pk)
    found = get_object_or_404(group.memberships.select_related("person"), pk=member)
    if found.person_id == group.owner_id:
        raise Problem(409, _OWNER_STAYS)
    endings.leave(group, found.person)


# What is shared --------------------------------------------------------------------------------------------------


@router.get("/groups/{int:pk}/shares", response=Page[Share])
def list_shares(request: HttpRequest, pk: int, paging: Query[Paging]) -> Any:
    """Return the corpora and models that are shared in a group, the newest first."""
    return page_of(shares_in(group_or_404(request, pk, Right.READ)), paging, shown_groups.share)


@router.post("/groups/{int:pk}/shares", response={201: Share})
def share(request: HttpRequest, pk: int, body: ToShare) -> Any:
    """Share a corpus or a model of yours in a group. A second request changes whether members may change it."""
    group = group_or_404(request, pk, Right.READ)
    find = corpus_or_404 if body.kind == "corpus" else study_or_404
    return shown_groups.share(services.share(group, find(request, body.thing), body.may_edit))


@router.delete("/groups/{int:pk}/shares/{int:number}", response={204: None})
def end_share(request: HttpRequest, pk: int, number: int) -> None:
    """Share a thing no longer, if it is yours or the group is. What others have trained on it stays theirs."""
    found = share_or_404(request, number)
    if found.group_id != pk:
        raise Http404
    endings.end(found)


# Links into a group ----------------------------------------------------------------------------------------------


@router.get("/groups/{int:pk}/links", response=Page[GroupLink])
def list_links(request: HttpRequest, pk: int, paging: Query[Paging]) -> Any:
    """Return the links into a group that you have made, as long as they lead into it."""
    rows = LinkRow.objects.open().filter(group=group_or_404(request, pk))
    return page_of(rows, paging, lambda row: shown_groups.link(row, request))


@router.post("/groups/{int:pk}/links", response={201: GroupLink})
def make_link(request: HttpRequest, pk: int, body: NewLink) -> Any:
    """Make a link into a group that you have made."""
    form = GroupLinkForm(body.model_dump(), instance=LinkRow(group=group_or_404(request, pk)))
    if not form.is_valid():
        raise of_form(form)
    return shown_groups.link(form.save(), request)


@router.delete("/groups/{int:pk}/links/{int:number}", response={204: None})
def withdraw_link(request: HttpRequest, pk: int, number: int) -> None:
    """Withdraw a link. Who has joined by it stays."""
    get_object_or_404(LinkRow, pk=number, group=group_or_404(request, pk)).delete()
