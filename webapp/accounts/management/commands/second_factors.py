"""The command `manage.py second_factors`, for a changed SECRET_KEY, and for somebody who has lost phone and codes."""

from argparse import ArgumentParser
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError

from webapp.accounts import second_factor, security
from webapp.accounts.models import User


class Command(BaseCommand):
    help = "Encrypt all second factors with the present SECRET_KEY (--renew), or remove somebody's (--remove NAME)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--renew", action="store_true")
        what.add_argument("--remove", metavar="NAME", help="ask first whether it really is that person")

    def handle(self, *args: Any, renew: bool, remove: str | None, **options: Any) -> None:
        if remove:
            self._remove(remove)
            return
        done, unreadable = second_factor.renew()
        self.stdout.write(f"{done} secrets of second factors are encrypted with the present SECRET_KEY.")
        if unreadable:
            raise CommandError(
                f"{unreadable} more could not be read: write the key that they were encrypted with into "
                "SECRET_KEY_FALLBACKS, and try again."
            )

    def _remove(self, name: str) -> None:
        person = User.objects.filter(username__iexact=name).first()
        if person is None:
            raise CommandError(f"There is nobody called {name!r}.")
        removed, _each = Authenticator.objects.filter(user=person).delete()
        if not removed:
            raise CommandError(f"{person.username} has no second factor.")
        security.second_factor_removed_by_command(person)
        self.stdout.write(f"{person.username} logs in with the password alone now.")
