"""Middleware that asks people to log in, and then brings them back to the page where they were."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from webapp.accounts.access import page_before
from webapp.accounts.models import User


class LoginRequired(LoginRequiredMiddleware):
    """As Django's; but a button that was pressed after the session had ended leads back to its page.

    Its own address takes a button only: whoever came back to it would find nothing.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Leave session and person unread where a view needs nobody: Django's own asks for them first."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        return self._lead_back(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseRedirect | None:
        """Ask to log in whoever deleted the account in another window while something was made for them in this one."""
        return self._lead_back(request) if isinstance(exception, User.DoesNotExist) else None

    @staticmethod
    def _lead_back(request: HttpRequest) -> HttpResponseRedirect:
        page = page_before(request) or reverse("home")
        return redirect_to_login(urlsplit(page)._replace(scheme="", netloc="").geturl())
