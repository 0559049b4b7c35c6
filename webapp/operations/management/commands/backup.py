"""The command `manage.py backup FOLDER`, which writes all that a site keeps into a new folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webapp.operations import backup


class Command(BaseCommand):
    help = "Write rows, files and the secret key into a new folder. The site may go on meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            made = backup.make(folder)
        except backup.BackupProblem as problem:
            raise CommandError(str(problem)) from problem
        except OSError as problem:
            raise CommandError(
                f"The back-up was broken off: {problem}. What was written is in {folder}.partial."
            ) from problem
        self.stdout.write(f"{folder}: {made['rows']} rows, {made['files']} files, {made['bytes'] / 1e6:.1f} MB")
        if made["gone"]:
            self.stdout.write(f"{made['gone']} files were deleted meanwhile")
