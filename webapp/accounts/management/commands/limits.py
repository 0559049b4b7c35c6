"""The command `manage.py limits NAME`, which shows a person's limits and sets them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webapp.accounts.limits import MEGABYTE, limits_of, stored_bytes
from webapp.accounts.models import User

_FIELDS = {
    "running": "running_limit",
    "waiting": "waiting_limit",
    "stored-mb": "stored_limit_mb",
    "minutes": "minutes_limit",
}


def _limit(text: str) -> int | None:
    if text == "default":
        return None
    if not text.isdecimal():
        raise ValueError(text)
    return int(text)


class Command(BaseCommand):
    help = "Shows a person's limits, and sets those that are given: a number, 0 for none, or 'default'."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        for option, field in _FIELDS.items():
            parser.add_argument(f"--{option}", dest=field, type=_limit, default=..., metavar="N")

    def handle(self, *_args: Any, **options: Any) -> None:
        person = User.objects.filter(username__iexact=options["name"]).first()
        if person is None:
            raise CommandError(f"There is nobody called {options['name']!r}.")
        given = {field: options[field] for field in _FIELDS.values() if options[field] is not ...}
        if given:
            User.objects.filter(pk=person.pk).update(**given)
            person.refresh_from_db()
        limits = limits_of(person)
        used = stored_bytes(person) / MEGABYTE
        self.stdout.write(
            f"{person.username}: running {limits.running}, waiting {limits.waiting}, "
            f"stored {used:.1f} of {limits.stored_bytes // MEGABYTE} MB, minutes {limits.minutes} (0: no limit)"
        )
