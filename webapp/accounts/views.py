"""The views of a person's account page, the log-in and the log-out."""

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.account.views import login as allauths_login
from allauth.account.views import logout as allauths_logout
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from webapp.accounts import guessing, invitations, limits, security
from webapp.accounts import tokens as services
from webapp.accounts.access import person
from webapp.accounts.forms import TokenForm
from webapp.accounts.limits import LimitReached

FORGET_ALL = '"cache", "storage"'  # what the browser deletes of this site when the person has logged out


@login_not_required
def login(request: HttpRequest) -> HttpResponse:
    """Log in.

    A page whose fragment asks for this after a log-out elsewhere is reloaded: the form must not become the fragment.
    """
    if request.headers.get("HX-Request"):
        return HttpResponseClientRefresh()
    response: HttpResponse = allauths_login(request)
    return response


@login_not_required
def logout(request: HttpRequest) -> HttpResponse:
    """Log out, and let the browser delete what it keeps of this site.

    Cookies are not included, since the browser would delete those of all sites of the same domain. That is safe: the
    session has ended at the server.
    """
    response: HttpResponse = allauths_logout(request)
    if request.method == "POST":
        response.headers["Clear-Site-Data"] = FORGET_ALL
    return response


@guessing.limited
@login_not_required
@require_GET
def invited(request: HttpRequest, key: str) -> HttpResponse:
    """Lead from an invitation's link to the sign-up, or say that the invitation is over."""
    if request.user.is_authenticated:
        return redirect("home")
    if not invitations.accept(request, key):
        return render(request, "account/invitation_over.html", status=404)
    return redirect("account_signup")


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    addresses = EmailAddress.objects.filter(user=request.user.pk).order_by("-verified", "-primary")
    owner = person(request)
    used = {"storage": limits.storage_of(owner), "limits": limits.limits_of(owner)}
    about = {"address": addresses.first(), "has_second_factor": is_mfa_enabled(owner), "tokens": owner.tokens.count()}
    about["groups"] = owner.memberships.count()
    return render(request, "account/page.html", about | used)


@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]  # a session alone makes no token
@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens, and make one. It is shown in the answer to the form, and never again."""
    owner = person(request)
    form, secret, status = TokenForm(request.POST or None), "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _token, secret = services.make(owner, form.cleaned_data["name"], form.cleaned_data["read_only"])
            except LimitReached as reached:
                form.add_error(None, str(reached))
            else:
                security.token_made(request, owner)
                form, status = TokenForm(), 200
    context = {"form": form, "secret": secret, "tokens": owner.tokens.all()}
    return render(request, "account/tokens.html", context, status=status)


@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    owner = person(request)
    token = get_object_or_404(owner.tokens.all(), pk=pk)
    services.revoke(token)
    security.token_revoked(request, owner)
    messages.success(request, _("“%(name)s” was revoked.") % {"name": token.name})
    return redirect("account_tokens")
