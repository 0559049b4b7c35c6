"""Single sign-on by OpenID Connect: what the site decides where allauth leaves it open.

Somebody whom the provider sends gets the account that is connected with the provider's number for this person (its
subject), or else a new one. Neither a name nor an email address that the provider tells leads into an account that is
there already: its owner has to log in as ever, and connects both on the account's page.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver

from webapp.accounts import invitations
from webapp.accounts.models import User

log = logging.getLogger("understudy.security")


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return bool(settings.OIDC_REGISTRATION) or invitations.is_invited(request)

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        """Save a new person, without a password. Where the provider's people may not just come, this takes a place of
        an invitation, or fails for all."""
        user: User = sociallogin.user
        user.set_unusable_password()
        with transaction.atomic():
            if not settings.OIDC_REGISTRATION and not invitations.take_place(request):
                raise ImmediateHttpResponse(redirect("account_signup"))  # it says that the house is full
            if form:
                DefaultAccountAdapter.save_user(get_adapter(request), request, user, form)
            else:
                get_adapter(request).populate_username(request, user)
            sociallogin.save(request)
        return user

    def on_authentication_error(self, request: HttpRequest, provider: Any, **about: Any) -> None:
        """Log why somebody who came back from the provider was not logged in."""
        error, problem = about.get("error"), about.get("exception")
        log.warning("single sign-on failed: %s %s", error or "", problem or "")

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return "socialaccount_connections"


def where_it_is_on(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Return the addresses, which are 404 unless settings name a provider."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            where_it_is_on(pattern.url_patterns)
        else:
            pattern.callback = _guarded(pattern.callback)
    return patterns


def _guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **names: object) -> HttpResponse:
        if not settings.OIDC:
            raise Http404
        return view(request, *args, **names)

    return guarded
