"""Tests of the walls between packages: imports go one way only, and every module says what it is."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest

from tests.support.environment import run
from trainer.contract.procedures import PROCEDURES

_ROOT = Path(__file__).parents[2]
# Pictures that the field has terms for. Bell with a capital is an author, as in Witten-Bell.
_PICTURES = re.compile(r"\b(?:(?i:leash|doorbell|diary|pulse|past life)|bell)\b")
# Promised by celery, celery[redis] and django-storages[s3], which are asked for.
_BROUGHT_ALONG = {"kombu", "redis", "botocore"}
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)

_WALK = """
import django; django.setup()
import webapp.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
import sys
loud = {"tensorflow", "keras", "numpy", "lxml", "pypdfium2", "striprtf"} & set(sys.modules)
loud |= {name for name in sys.modules if name.startswith("trainer.") and name.split(".")[1] != "contract"}
sys.exit(f"the web process imports {loud}" if loud else 0)
"""


def test_the_web_process_imports_no_tensorflow_and_of_the_trainer_its_contract_alone() -> None:
    done = run(sys.executable, "-c", _WALK, DJANGO_SETTINGS_MODULE="webapp.settings")
    assert done.returncode == 0, done.stderr


def test_tensorflow_is_imported_in_the_trainers_engine_alone() -> None:
    graph = grimp.build_graph("trainer", include_external_packages=True, cache_dir=None)
    importers = {
        name for library in ("tensorflow", "keras") for name in graph.find_modules_that_directly_import(library)
    }
    assert "trainer.engine.network" in importers
    assert [name for name in sorted(importers) if not name.startswith("trainer.engine.")] == []


def test_no_module_asks_which_procedure_it_has() -> None:
    """What differs is in the descriptions of `contract.procedures` and in the classes of `trainer.procedures`."""
    sources = {
        path: ast.parse(path.read_text()) for top in ("trainer", "webapp") for path in (_ROOT / top).rglob("*.py")
    }
    asking = [
        f"{path.relative_to(_ROOT)}:{node.lineno}"
        for path, tree in sources.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare | ast.MatchValue) and _names_a_procedure(node)
    ]
    assert asking == []


def _names_a_procedure(comparison: ast.AST) -> bool:
    named = [node.value for node in ast.walk(comparison) if isinstance(node, ast.Constant)]
    return any(value in PROCEDURES for value in named if isinstance(value, str))


def test_no_package_imports_from_a_layer_above_it() -> None:
    done = run(f"{sys.prefix}/bin/lint-imports", "--no-cache")
    assert done.returncode == 0, done.stdout


def test_all_libraries_that_are_imported_are_asked_for_by_name() -> None:
    """One that another library brings along may be gone with that library's next version."""
    asked = "\n".join(path.read_text().lower() for path in _ROOT.glob("requirements*.txt"))
    names = set(re.findall(r"^[a-z0-9._-]+(?=[=\[])", asked, re.MULTILINE))
    bringing = packages_distributions()
    imported = set()
    for top in ("trainer", "webapp"):
        for path in (_ROOT / top).rglob("*.py"):
            imported |= {name.split(".")[0] for name in _imports(ast.parse(path.read_text()))}
    libraries = imported - set(sys.stdlib_module_names) - {"trainer", "webapp"}
    assert {"django", "cryptography"} <= libraries
    unasked = {name for name in libraries if not names & {_plain(each) for each in bringing.get(name, [])}}
    assert unasked <= _BROUGHT_ALONG


def _plain(distribution: str) -> str:
    return distribution.lower().replace("_", "-")


def _imports(tree: ast.Module) -> set[str]:
    nodes = list(ast.walk(tree))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}


def test_models_and_migrations_agree() -> None:
    done = run(sys.executable, "manage.py", "makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("package", ["trainer", "webapp"])
def test_every_module_says_in_plain_terms_what_it_is(package: str) -> None:
    files = [path for path in (_ROOT / package).rglob("*.py") if path.parent.name != "migrations"]
    modules = {path.relative_to(_ROOT).as_posix(): path.read_text() for path in files}
    trees = {name: ast.parse(source) for name, source in modules.items() if source.strip()}
    assert [name for name, tree in trees.items() if not ast.get_docstring(tree)] == []
    assert [(name, found) for name, tree in trees.items() for found in _PICTURES.findall(_docstrings(tree))] == []


def test_no_line_of_a_template_has_120_columns_or_more() -> None:
    lines = [
        (f"{path.relative_to(_ROOT)}:{number}", line)
        for path in sorted((_ROOT / "templates").rglob("*.*"))
        for number, line in enumerate(path.read_text().split("\n"), 1)
    ]
    assert [place for place, line in lines if len(line) >= 120] == []


def _docstrings(tree: ast.Module) -> str:
    return "\n".join(ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, _DOCUMENTED))
