"""What this site decides for django-allauth."""

import ipaddress

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.REGISTRATION_OPEN)

    def format_email_subject(self, subject: str) -> str:
        return f"[Understudy] {subject}"

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return who asks, as the outermost of the trusted proxies saw them.

        What did not come through all of them, or names no address, came from whoever is connected.
        """
        try:
            found = super().get_client_ip(request)
        except (ImproperlyConfigured, PermissionDenied):
            found = request.META.get("REMOTE_ADDR", "")
        return _unmapped(found)


def _unmapped(address: str) -> str:
    """Return an IPv4 address that was written as an IPv6 one as it is: by their networks, those are all one."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    mapped = known.ipv4_mapped if isinstance(known, ipaddress.IPv6Address) else None
    return str(mapped or known)
