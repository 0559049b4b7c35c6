"""The settings of single sign-on, which name a provider of OpenID Connect or none (docs/deploy.md)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from webapp import env

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Provider:
    """A provider as settings name it; without an address there is none."""

    discovery_url: str
    name: str
    client: dict[str, str]

    @property
    def is_named(self) -> bool:
        return bool(self.discovery_url)

    @property
    def origins(self) -> list[str]:
        """The origins to which the form that begins the log-in leads."""
        parts = urlsplit(self.discovery_url)
        return [f"{parts.scheme}://{parts.netloc}"] if self.is_named else []

    @property
    def for_allauth(self) -> dict[str, Any]:
        """allauth's setting SOCIALACCOUNT_PROVIDERS."""
        app = {**self.client, "provider_id": "sso", "name": self.name, "settings": {"server_url": self.discovery_url}}
        apps = [app] if self.is_named else []
        checked = {"provider_class": "webapp.accounts.id_tokens.Provider", "OAUTH_PKCE_ENABLED": True}
        return {"openid_connect": {**checked, "APPS": apps}}


def provider() -> Provider:
    """Return the provider of the environment. Raises ImproperlyConfigured when it is named by half, or not safe."""
    client = {"client_id": env.text("OIDC_CLIENT_ID", ""), "secret": env.text("OIDC_CLIENT_SECRET", "")}
    found = Provider(env.text("OIDC_DISCOVERY_URL", ""), env.text("OIDC_NAME", "single sign-on"), client)
    if len({found.is_named, *map(bool, client.values())}) > 1:
        raise ImproperlyConfigured(
            "OIDC_DISCOVERY_URL, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET need each other: set all three."
        )
    parts = urlsplit(found.discovery_url)
    if found.is_named and parts.scheme != "https" and parts.hostname not in _THIS_MACHINE:
        raise ImproperlyConfigured(
            "OIDC_DISCOVERY_URL must begin with https://: whoever is in between could be anybody here."
        )
    return found
