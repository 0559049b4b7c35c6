"""The command `manage.py operators`, which lists the people who see the operator's page, and changes who they are."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webapp.accounts.models import User


class Command(BaseCommand):
    help = "List operators. With --add NAME or --remove NAME, change who they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--add", metavar="NAME")
        parser.add_argument("--remove", metavar="NAME")

    def handle(self, *args: Any, add: str | None, remove: str | None, **options: Any) -> None:
        for name, is_one in ((add, True), (remove, False)):
            if name and not User.objects.filter(username__iexact=name).update(is_staff=is_one):
                raise CommandError(f"There is nobody called {name!r}.")
        names = User.objects.filter(is_staff=True).order_by("username").values_list("username", flat=True)
        self.stdout.write("\n".join(names) or "There is no operator yet: --add NAME makes one.")
