"""The decisions that django-allauth leaves to the site: registration, mail, and the visitor's network address."""

import ipaddress
import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from webapp.accounts import invitations
from webapp.accounts.models import User

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.REGISTRATION_OPEN) or invitations.is_invited(request)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save a new person. Where registration is closed, this takes a place of the invitation, or fails for all."""
        with transaction.atomic():
            if not settings.REGISTRATION_OPEN and not invitations.take_place(request):
                raise ImmediateHttpResponse(redirect("account_signup"))  # it says that the house is full
            saved: User = super().save_user(request, user, form, commit)
        return saved

    def format_email_subject(self, subject: str) -> str:
        return f"[Understudy] {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail. When no mail server takes it, warn the visitor; the change that it reports is made anyway."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError:  # the errors of smtplib are OSErrors too
            log.exception("a letter (%s) could not be sent", template_prefix)
            warning = _("No letter could be sent: the mail server does not answer. Try again later.")
            if self.request is not None:  # a command that sends mail has no request
                messages.warning(self.request, warning, fail_silently=True)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell a person what was changed. The address need not be confirmed, since on this site most are not."""
        recipient = email or address_of(user) or (context or {}).get("deleted_email")
        super().send_notification_mail(template_prefix, user, context, recipient)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the network address from which the outermost trusted proxy got the request.

        A request that did not pass all of the proxies, or names no address, comes from the address that is connected.
        """
        try:
            found = super().get_client_ip(request)
        except (ImproperlyConfigured, PermissionDenied):
            found = request.META.get("REMOTE_ADDR", "")
        return _unmapped(found)


def address_of(user: User) -> str | None:
    """Return the mail address that a person has confirmed, or else the newest one."""
    found = EmailAddress.objects.filter(user=user).order_by("-verified", "-primary", "-pk").first()
    return found.email if found else None


def _unmapped(address: str) -> str:
    """Return an IPv4 address that is written as an IPv6 address (::ffff:1.2.3.4) in its own form.

    Rate limits count by network, and all IPv4 addresses in the long form are one IPv6 network.
    """
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    mapped = known.ipv4_mapped if isinstance(known, ipaddress.IPv6Address) else None
    return str(mapped or known)
