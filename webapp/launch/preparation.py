"""The preparation of a start, `python -m webapp.launch.preparation`: the database and the static files of this version.

It is one process, because to import Django and all apps takes longer than either of the two.
"""

import os
import sys

from webapp import private


def main() -> None:
    """Bring the database and the static files up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    private.close_to_others()
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import call_command

    try:
        django.setup()
    except ImproperlyConfigured as problem:  # a setting: its sentence says which
        sys.exit(str(problem))
    call_command("migrate", verbosity=0, skip_checks=False)
    call_command("collectstatic", interactive=False, verbosity=0, skip_checks=False)


if __name__ == "__main__":
    main()
