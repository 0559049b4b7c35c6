"""The command `manage.py orphans`, which lists the files that no row points to, and removes them with --remove."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from webapp.workers import orphans


class Command(BaseCommand):
    help = "List files that no row points to. With --remove, remove them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--remove", action="store_true", help="remove what is listed")

    def handle(self, *args: Any, remove: bool, **options: Any) -> None:
        found = orphans.find()
        for orphan in found:
            self.stdout.write(f"{orphan.key or orphan.path}  ({orphan.what})")
            if remove:
                orphan.remove()
        done = "removed" if remove else "found; --remove removes them"
        self.stdout.write(f"{len(found)} {done}")
