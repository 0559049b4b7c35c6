"""The limits between packages, checked on real imports; and the agreement of models and migrations."""

import sys

import grimp

from tests.support.environment import run

_WALK = """
import django; django.setup()
import webapp.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
import sys
loud = {"tensorflow", "keras", "numpy"} & set(sys.modules)
sys.exit(f"the web process imports {loud}" if loud else 0)
"""


def test_the_web_process_imports_no_tensorflow() -> None:
    done = run(sys.executable, "-c", _WALK, DJANGO_SETTINGS_MODULE="webapp.settings")
    assert done.returncode == 0, done.stderr


def test_the_trainer_imports_no_django() -> None:
    code = "import trainer.cli.main, trainer.cli.serve, trainer.training.loop, sys; sys.exit('django' in sys.modules)"
    done = run(sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr


def test_tensorflow_is_imported_in_the_trainers_engine_alone() -> None:
    graph = grimp.build_graph("trainer", include_external_packages=True, cache_dir=None)
    importers = {
        name for library in ("tensorflow", "keras") for name in graph.find_modules_that_directly_import(library)
    }
    assert "trainer.engine.network" in importers
    assert [name for name in sorted(importers) if not name.startswith("trainer.engine.")] == []


def test_no_room_imports_from_a_floor_above_it() -> None:
    done = run(f"{sys.prefix}/bin/lint-imports", "--no-cache")
    assert done.returncode == 0, done.stdout


def test_models_and_migrations_agree() -> None:
    done = run(sys.executable, "manage.py", "makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout
