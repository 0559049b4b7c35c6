"""The pages that delete an account, and confirm that it is deleted."""

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from webapp.account_deletion import services
from webapp.accounts import security
from webapp.accounts.access import person
from webapp.accounts.adapter import address_of
from webapp.accounts.forms import DeleteAccountForm
from webapp.accounts.models import User
from webapp.accounts.views import FORGET_ALL


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """Show what is deleted with the account, and delete it when the password is given: a session is not enough."""
    owner = person(request)
    form = DeleteAccountForm(request.POST if request.method == "POST" else None, user=owner)
    try:
        services.check_deletable(owner)
        if request.method == "GET":
            return _delete_page(request, {"form": form})
        too_often: HttpResponse | None = ratelimit.consume_or_429(request, action="reauthenticate", user=owner)
        if too_often:
            return too_often
        return _leave(request, owner) if form.is_valid() else _delete_page(request, {"form": form}, status=422)
    except services.NotDeletable as problem:
        return _delete_page(request, {"problem": problem}, status=200 if request.method == "GET" else 409)


def _delete_page(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    owner = person(request)
    context |= {"going": services.belongings(owner), "address": address_of(owner)}
    return render(request, "account/delete.html", context, status=status)


def _leave(request: HttpRequest, owner: User) -> HttpResponse:
    address = address_of(owner)
    with transaction.atomic():
        # Before the files are deleted, which may take long. `robust`: a mail server that is away stops nothing.
        transaction.on_commit(lambda: _log_and_notify(request, owner, address), robust=True)
        services.delete(owner)
    auth.logout(request)
    response = redirect("account_deleted")
    response.headers["Clear-Site-Data"] = FORGET_ALL
    return response


def _log_and_notify(request: HttpRequest, owner: User, address: str | None) -> None:
    """Write the deletion to the security log, and send a mail about it."""
    security.account_deleted(request, owner)
    if address:
        get_adapter().send_notification_mail("account/email/account_deleted", owner, {"name": owner.username}, address)


@login_not_required
@require_GET
def deleted(request: HttpRequest) -> HttpResponse:
    """Confirm the deletion. A person who is logged in is led to their account instead."""
    return redirect("account") if request.user.is_authenticated else render(request, "account/deleted.html")
