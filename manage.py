#!/usr/bin/env python3
"""Django's command line for Understudy."""

import os
import sys

from trainer.contract import console


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from webapp import private

    private.close_to_others()
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:  # a setting: its sentence says which
        sys.exit(str(problem))


if __name__ == "__main__":
    sys.exit(console.run(main))
