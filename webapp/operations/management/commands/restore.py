"""The command `manage.py restore FOLDER`, which puts a back-up into an empty site."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from webapp.operations import backup


class Command(BaseCommand):
    help = "Put a back-up back, into an empty site that does not run. Its database may be of another kind."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        try:
            done = backup.put_back(folder)
        except backup.BackupProblem as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"put back: {done['rows']} rows, {done['files']} files")
        if done["unreadable"]:
            self.stdout.write(f"{done['unreadable']} second factors were encrypted with an earlier key, and are lost")
