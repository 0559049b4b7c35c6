"""A person's own page."""

from allauth.account.models import EmailAddress
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from webapp.accounts import limits
from webapp.accounts.access import person


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    addresses = EmailAddress.objects.filter(user=request.user.pk).order_by("-verified", "-primary")
    owner = person(request)
    used = {"stored_mb": limits.stored_bytes(owner) / limits.MEGABYTE, "limits": limits.limits_of(owner)}
    return render(request, "account/page.html", {"address": addresses.first(), **used})
