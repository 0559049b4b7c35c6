"""The documentation cites only what is there: files, folders, links, and the functions that it names."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_NOT_OURS = {"node_modules", "data", "__pycache__"}
_KINDS = {".py", ".md", ".html", ".js", ".css", ".toml", ".txt", ".sh", ".jsonc", ".c", ""}
_CITED = r"[\w./-]+\.(?:py|md|html|js|css|toml|txt|sh|jsonc|svg)"
#: `path/file.py` or `path/file.py::name`, or `folder/`
_IN_BACK_QUOTES = re.compile(rf"`({_CITED}|[\w.-][\w./-]*/)(?:::(\w+))?`")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_MARKDOWN = re.compile(r"(?<![\w./-])[\w./-]*\w\.md\b")
_MODULE = re.compile(r"(?<![\w./-])(?:bench|tests|trainer|webapp)/[\w/]+\.py\b")
_PLACEHOLDER = re.compile(r"(?:^|/|-)[A-Z]+(?:/|-|\.|$)")  # `templates/APP/PAGE.html`
_DEFINED = r"(?m)^\s*(?:(?:async )?def|class) {name}\b|^\s*{name}\b(?:: [^=\n]+)? = "


@cache
def _files() -> tuple[Path, ...]:
    """All files of the repository, and none that were installed or made."""
    return tuple(sorted(_walk(ROOT)))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if (path.name in _NOT_OURS and folder == ROOT) or path.name == "__pycache__":
            continue
        if path.is_dir() and (not path.name.startswith(".") or path.name == ".ci"):
            yield from _walk(path)
        elif path.is_file() and path.name != ".git":
            yield path


@cache
def _names() -> frozenset[str]:
    """Every file and folder, by its whole path and by each end of it: `contract/events.py` will do in trainer.md."""
    names = set()
    for path in _files():
        parts = path.relative_to(ROOT).parts
        for start in range(len(parts)):
            for end in range(start + 1, len(parts) + 1):
                names.add("/".join(parts[start:end]) + ("" if end == len(parts) else "/"))
    return frozenset(names)


def _pages() -> list[Path]:
    return [path for path in _files() if path.suffix == ".md"]


def _texts() -> Iterator[tuple[Path, str]]:
    for path in _files():
        if path.suffix in _KINDS and path != Path(__file__):
            yield path, path.read_text()


def _named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", _pages(), ids=_named)
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", _pages(), ids=_named)
def test_every_file_and_folder_in_back_quotes_is_there(page: Path) -> None:
    cited = [path for path, _ in _IN_BACK_QUOTES.findall(page.read_text())]
    assert [path for path in cited if path not in _names() and not _PLACEHOLDER.search(path)] == []


@pytest.mark.parametrize("page", _pages(), ids=_named)
def test_every_name_that_is_cited_with_its_file_is_defined_there(page: Path) -> None:
    cited = [(path, name) for path, name in _IN_BACK_QUOTES.findall(page.read_text()) if name]
    assert [f"{path}::{name}" for path, name in cited if not _is_defined(path, name)] == []


def _is_defined(path: str, name: str) -> bool:
    files = [file for file in _files() if f"/{file.relative_to(ROOT)}".endswith(f"/{path}")]
    return any(re.search(_DEFINED.format(name=name), file.read_text()) for file in files)


def test_no_text_cites_a_page_that_is_not_there() -> None:
    """Comments, docstrings and messages too: `docs/trainer.md`, and no page of somebody's desk."""
    missing = {
        f"{_named(path)}: {page}"
        for path, text in _texts()
        for page in _MARKDOWN.findall(text)
        if page.removeprefix("../") not in _names()
    }
    assert missing - {one for one in missing if one.endswith(".MD")} == set()


def test_no_text_cites_a_module_that_is_not_there() -> None:
    missing = {
        f"{_named(path)}: {one}" for path, text in _texts() for one in _MODULE.findall(text) if one not in _names()
    }
    assert missing == set()


def test_every_page_is_reached_from_the_first_ones() -> None:
    """A newcomer begins with the README or CONTRIBUTING, and follows links."""
    reached, waiting = set(), [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [page.parent / link for link in _LINK.findall(page.read_text()) if "://" not in link]
    pages = {page for page in _pages() if page.parent == ROOT / "docs"}
    assert {_named(page) for page in pages - reached} == set()
