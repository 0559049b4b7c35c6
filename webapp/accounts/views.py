"""A person's own page, log-in and log-out."""

from allauth.account.models import EmailAddress
from allauth.account.views import login as allauths_login
from allauth.account.views import logout as allauths_logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from webapp.accounts import limits
from webapp.accounts.access import person

FORGET_ALL = '"cache", "storage"'  # what the browser is to forget of this site when its person has left


@login_not_required
def login(request: HttpRequest) -> HttpResponse:
    """Log in. A fragment whose person has logged out meanwhile reloads its page, and gets no form into its place."""
    if request.headers.get("HX-Request"):
        return HttpResponseClientRefresh()
    response: HttpResponse = allauths_login(request)
    return response


@login_not_required
def logout(request: HttpRequest) -> HttpResponse:
    """Log out, and have the browser forget what it keeps of this site.

    Not the cookies: it would drop those of all sites of the same domain. The session ends here, at the server.
    """
    response: HttpResponse = allauths_logout(request)
    if request.method == "POST":
        response.headers["Clear-Site-Data"] = FORGET_ALL
    return response


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    addresses = EmailAddress.objects.filter(user=request.user.pk).order_by("-verified", "-primary")
    owner = person(request)
    used = {"stored_mb": limits.stored_bytes(owner) / limits.MEGABYTE, "limits": limits.limits_of(owner)}
    return render(request, "account/page.html", {"address": addresses.first(), **used})
