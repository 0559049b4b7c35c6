"""The scripts as browsers get them: one module for each page with its imports, all with a hash in the name."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client

TEMPLATES = settings.BASE_DIR / "templates"
SCRIPTS = settings.BASE_DIR / "webapp" / "static"
MODULE = re.compile(r"""<script type="module" src="\{% static '([^']+)' %\}"></script>""")
PAGES = {path.relative_to(TEMPLATES): MODULE.findall(path.read_text()) for path in TEMPLATES.rglob("*.html")}
WITH_SCRIPT = sorted((page, entries) for page, entries in PAGES.items() if entries)
ENTRIES = sorted(path.relative_to(SCRIPTS).as_posix() for path in SCRIPTS.glob("js/pages/*.js"))


@pytest.mark.parametrize(("page", "entries"), WITH_SCRIPT, ids=[str(page) for page, _ in WITH_SCRIPT])
def test_a_page_loads_the_module_of_its_name_and_no_other(page: Path, entries: list[str]) -> None:
    assert entries == [f"js/pages/{page.with_suffix('').as_posix().replace('/', '-')}.js"]


def test_every_entry_module_has_its_page() -> None:
    assert sorted(entry for _, entries in WITH_SCRIPT for entry in entries) == ENTRIES


@pytest.mark.parametrize("entry", ENTRIES)
def test_what_a_module_imports_is_served_by_a_hashed_name(client: Client, entry: str) -> None:
    waiting, seen = [staticfiles_storage.url(entry)], set()
    while waiting:
        address = waiting.pop()
        response = client.get(address)
        assert response.status_code == 200, address
        assert "immutable" in response.headers["Cache-Control"], address
        seen.add(address)
        imported = re.findall(r"""from ["'](.+?)["'];""", response.getvalue().decode())
        folder = address.rpartition("/")[0]
        waiting += [found for name in imported if (found := _joined(folder, name)) not in seen]
    assert len(seen) > 1, "each page uses something of lib"


def _joined(folder: str, name: str) -> str:
    return "/" + Path(f"{folder}/{name}").resolve().relative_to("/").as_posix()
