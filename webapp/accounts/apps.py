"""The configuration of the app of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "webapp.accounts"

    def ready(self) -> None:
        from webapp.accounts import security, sessions

        security.listen()
        sessions.listen()
