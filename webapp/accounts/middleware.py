"""The middleware that asks people to log in, and then leads them back to the page where they were."""

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
    """Django's middleware, except that a button pressed after the session has ended leads back to the button's page.

    The address of the button accepts POST only, so after the log-in a browser could show nothing there.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Do not read session and person for a view that needs no log-in. Django's middleware always reads them."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        return self._lead_back(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseRedirect | None:
        """Ask for a log-in when the account was deleted in another window during this request."""
        return self._lead_back(request) if isinstance(exception, User.DoesNotExist) else None

    @staticmethod
    def _lead_back(request: HttpRequest) -> HttpResponseRedirect:
        page = page_before(request) or reverse("home")
        return redirect_to_login(urlsplit(page)._replace(scheme="", netloc="").geturl())
