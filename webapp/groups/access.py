"""The rights that groups give: a condition for the rows of a table of things that belong to somebody."""

from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from webapp.accounts.rights import Right
from webapp.groups.models import Group, GroupLink, Membership, Share


def shares(person: int | None, right: Right) -> QuerySet[Share]:
    """Return the shares of a person's groups that give this right. None gives the whole."""
    found = Share.objects.filter(group__memberships__person=person)
    match right:
        case Right.READ:
            return found
        case Right.EDIT:
            return found.filter(may_edit=True)
        case _:
            return found.none()


def granted(person: int | None, right: Right, kind: str) -> Q:
    """Return the condition for things of a kind, `corpus` or `study`, to which a person has a right."""
    mine = Q(owner=person)
    if right == Right.OWN:
        return mine
    return mine | Q(pk__in=shares(person, right).filter(**{f"{kind}__isnull": False}).values(kind))


def rights(person: int | None, owner: int, kind: str, thing: Model) -> dict[str, object]:
    """Return what a page says and offers of a thing: whether it is the visitor's, and whether it may be changed."""
    is_mine = person == owner
    may_edit = is_mine or shares(person, Right.EDIT).filter(**{kind: thing.pk}).exists()
    return {"is_mine": is_mine, "may_edit": may_edit}


def groups(request: HttpRequest, right: Right = Right.OWN) -> QuerySet[Group]:
    """Return the groups of which the visitor is a member, or with the right OWN those that the visitor has made."""
    if right == Right.OWN:
        return Group.objects.filter(owner=request.user.pk)
    return Group.objects.filter(memberships__person=request.user.pk)


def group_or_404(request: HttpRequest, pk: int, right: Right = Right.OWN) -> Group:
    return get_object_or_404(groups(request, right), pk=pk)


def membership_or_404(request: HttpRequest, pk: int) -> Membership:
    """Return somebody's membership in a group of the visitor's."""
    return get_object_or_404(Membership.objects.select_related("group"), pk=pk, group__in=groups(request))


def link_or_404(request: HttpRequest, pk: int) -> GroupLink:
    """Return a link into a group of the visitor's."""
    return get_object_or_404(GroupLink, pk=pk, group__in=groups(request))


def shares_in(group: Group) -> QuerySet[Share]:
    """Return what is shared in a group, but for models that are being deleted."""
    there = Q(study=None) | Q(study__deleting=False)
    return group.shares.filter(there).select_related("group", "corpus__owner", "study__owner")


def share_or_404(request: HttpRequest, pk: int) -> Share:
    """Return a share that the visitor may end: of a thing of the visitor's, or in a group of the visitor's."""
    share = get_object_or_404(
        Share.objects.select_related("group", "corpus", "study"), pk=pk, group__in=groups(request, Right.READ)
    )
    if request.user.pk not in (share.group.owner_id, share.thing.owner_id):  # type: ignore[attr-defined]
        raise Http404
    return share
