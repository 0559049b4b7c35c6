"""Decisions that django-allauth leaves to the site: registration, mail, and the visitor's address."""

import ipaddress
import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from webapp.accounts.models import User

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.REGISTRATION_OPEN)

    def format_email_subject(self, subject: str) -> str:
        return f"[Understudy] {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a letter. Where no mail server takes it, say so: what it tells of is done all the same."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError:  # smtplib's errors are some too
            log.exception("a letter (%s) could not be sent", template_prefix)
            said = _("No letter could be sent: the mail server does not answer. Try again later.")
            if self.request is not None:  # a letter of a command has none
                messages.warning(self.request, said, fail_silently=True)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell a person what was changed, at an address that was never confirmed too: most are not, here."""
        told = email or address_of(user) or (context or {}).get("deleted_email")
        super().send_notification_mail(template_prefix, user, context, told)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return who asks, as the outermost of the trusted proxies saw them.

        What did not come through all of them, or names no address, came from whoever is connected.
        """
        try:
            found = super().get_client_ip(request)
        except (ImproperlyConfigured, PermissionDenied):
            found = request.META.get("REMOTE_ADDR", "")
        return _unmapped(found)


def address_of(user: User) -> str | None:
    """Return the address that a person has confirmed, else the newest."""
    found = EmailAddress.objects.filter(user=user).order_by("-verified", "-primary", "-pk").first()
    return found.email if found else None


def _unmapped(address: str) -> str:
    """Return an IPv4 address that was written as an IPv6 one as it is: by their networks, those are all one."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    mapped = known.ipv4_mapped if isinstance(known, ipaddress.IPv6Address) else None
    return str(mapped or known)
