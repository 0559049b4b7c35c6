"""A person's own page."""

from allauth.account.models import EmailAddress
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    addresses = EmailAddress.objects.filter(user=request.user.pk).order_by("-verified", "-primary")
    return render(request, "account/page.html", {"address": addresses.first()})
