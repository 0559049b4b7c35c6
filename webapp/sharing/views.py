"""The pages of groups: the list, one group with its members and what is shared in it, and the way into it by a link."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from webapp.accounts import guessing
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.accounts.rights import Right
from webapp.corpora.access import corpora
from webapp.groups import services
from webapp.groups.access import group_or_404, groups, link_or_404, membership_or_404, share_or_404, shares_in
from webapp.groups.models import Group, GroupLink, Share
from webapp.sharing import services as endings
from webapp.sharing.forms import GroupForm, GroupLinkForm, ShareForm
from webapp.studies.access import studies


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """List the visitor's groups, and make one."""
    form = GroupForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(services.make(person(request), form.cleaned_data["name"]))
        except LimitReached as reached:
            form.add_error(None, str(reached))
    found = groups(request, Right.READ).select_related("owner")
    status = 422 if form.errors else 200
    return render(request, "sharing/list.html", {"groups": found, "form": form}, status=status)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    group = group_or_404(request, pk, Right.READ)
    return _page(request, group, _share_form(request), GroupLinkForm())


def _share_form(request: HttpRequest, *given: object) -> ShareForm:
    return ShareForm(corpora(request), studies(request), *given)


def _page(request: HttpRequest, group: Group, share_form: ShareForm, link_form: GroupLinkForm) -> HttpResponse:
    context = {
        "group": group,
        "is_mine": group.owner_id == request.user.pk,
        "members": group.memberships.select_related("person"),
        "shares": shares_in(group),
        "links": GroupLink.objects.open().filter(group=group),
        "share_form": share_form,
        "link_form": link_form,
    }
    status = 422 if share_form.errors or link_form.errors else 200
    return render(request, "sharing/group.html", context, status=status)


@require_POST
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Share things of the visitor's own in a group, or change whether they may be changed there."""
    group = group_or_404(request, pk, Right.READ)
    form = _share_form(request, request.POST)
    if not form.is_valid():
        return _page(request, group, form, GroupLinkForm())
    for thing in form.things():
        services.share(group, thing, form.cleaned_data["may_edit"])
    return redirect(group)


@require_POST
def unshare(request: HttpRequest, pk: int) -> HttpResponse:
    """End a share. What others have trained on the thing stays theirs."""
    found: Share = share_or_404(request, pk)
    group = found.group
    endings.end(found)
    messages.success(request, _("It is shared here no longer."))
    return redirect(group)


@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link into a group, which then stands on the page."""
    group = group_or_404(request, pk)
    form = GroupLinkForm(request.POST, instance=GroupLink(group=group))
    if not form.is_valid():
        return _page(request, group, _share_form(request), form)
    form.save()
    return redirect(group)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a link. Who has joined by it stays."""
    link = link_or_404(request, pk)
    group = link.group
    link.delete()
    return redirect(group)


@guessing.limited
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, key: str) -> HttpResponse:
    """Say to which group a link leads, and let the visitor in."""
    if request.method == "GET":
        link = GroupLink.objects.select_related("group__owner").filter(key=key).first()
        if link and groups(request, Right.READ).filter(pk=link.group_id).exists():
            return redirect(link.group)
        if link is None or not GroupLink.objects.open().filter(pk=link.pk).exists():
            return render(request, "sharing/link_over.html", status=404)
        return render(request, "sharing/join.html", {"group": link.group})
    try:
        group = services.join(person(request), key)
    except LimitReached as reached:
        messages.error(request, str(reached))
        return redirect("groups:list")
    if group is None:
        return render(request, "sharing/link_over.html", status=404)
    messages.success(request, _("You are in the group now."))
    return redirect(group)


@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a group. Its owner can only delete it."""
    group = group_or_404(request, pk, Right.READ)
    if group.owner_id == request.user.pk:
        return redirect("groups:delete", pk)
    endings.leave(group, person(request))
    messages.success(request, _("You have left the group."))
    return redirect("groups:list")


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove somebody from a group of the visitor's."""
    membership = membership_or_404(request, pk)
    endings.leave(membership.group, membership.person)
    return redirect(membership.group)


@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    group = get_object_or_404(groups(request), pk=pk)
    if request.method == "POST":
        endings.delete(group)
        messages.success(request, _("The group was deleted."))
        return redirect("groups:list")
    return render(request, "sharing/delete.html", {"group": group})
