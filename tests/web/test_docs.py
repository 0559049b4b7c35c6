"""The documentation cites only what is there: files, folders, links, and the functions that it names."""

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from trainer.contract import events
from trainer.contract.exit_codes import ExitCode
from trainer.contract.writing_settings import SETTINGS

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
#: pages that people download
_DOWNLOADS = {("tests/web/test_passage_download.py", "uberkerzen-1.md")}
_DEFINED = r"(?m)^\s*(?:(?:async )?def|class) {name}\b|^\s*{name}\b(?:: [^=\n]+)? = "


@cache
def _files() -> tuple[Path, ...]:
    """All files of the repository, and none that were installed or made."""
    return tuple(sorted(_walk(ROOT)))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in _NOT_OURS and (folder == ROOT or path.name == "__pycache__"):
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
    cited = {(_named(path), page.removeprefix("../")) for path, text in _texts() for page in _MARKDOWN.findall(text)}
    assert {(path, page) for path, page in cited - _DOWNLOADS if page not in _names()} == set()


def test_no_text_cites_a_module_that_is_not_there() -> None:
    cited = {(_named(path), module) for path, text in _texts() for module in _MODULE.findall(text)}
    assert {(path, module) for path, module in cited if module not in _names()} == set()


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


def _rows(heading: str) -> dict[str, list[str]]:
    """Return the cells of each table row below a heading of the trainer's page, by the first name or number in it."""
    section = Path(ROOT, "docs", "trainer.md").read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.split("\n") if line.startswith("|")]
    return {found[0]: cells for cells in rows if (found := re.findall(r"\w+", cells[0]))}


@pytest.mark.parametrize("kind", events._KINDS, ids=lambda kind: kind.name)
def test_the_trainers_page_has_every_event_with_its_fields(kind: type[events.Event]) -> None:
    assert re.findall(r"`(\w+)`", _rows("Events")[kind.name][2].replace("`score --json`", "")) == [
        field.name for field in fields(kind)
    ]


@pytest.mark.parametrize("name", SETTINGS)
def test_the_trainers_page_has_every_writing_setting_with_its_limits(name: str) -> None:
    setting, cells = SETTINGS[name], [cell.strip() for cell in _rows("The protocol of `serve`")[name]]
    limits = setting.minimum, setting.maximum, setting.site_maximum
    assert cells[2:5] == ["" if limit is None else f"{limit:,}" for limit in limits]
    if setting.kind in (int, float):
        assert cells[1].partition(":")[0] == f"{setting.default:g}"


def test_the_trainers_page_has_every_exit_code() -> None:
    assert {str(int(code)) for code in ExitCode} <= _rows("How a command ends").keys()
