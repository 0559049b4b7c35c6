"""Who is not logged in is asked to, and comes back to where they were."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from webapp.accounts.access import page_before


class LoginRequired(LoginRequiredMiddleware):
    """As Django's; but a button that was pressed after the session had ended leads back to its page.

    Its own address takes a button only: whoever came back to it would find nothing.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        page = page_before(request) or reverse("home")
        return redirect_to_login(urlsplit(page)._replace(scheme="", netloc="").geturl())
