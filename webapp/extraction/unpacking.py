"""The documents of one uploaded file: the file itself, or those in an archive and in the archives in it."""

import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from trainer.contract.controls import can_be_seen
from trainer.contract.documents import as_stored, clean
from webapp.extraction import limits
from webapp.extraction.detection import is_archive
from webapp.extraction.extracted import ORIGINAL, UNSEEN, Extracted, Refused, TextProblem
from webapp.extraction.packages import Budget, Package
from webapp.extraction.reading import read, read_package

_HIDDEN = re.compile(r"(?:^|/)(?:\.[^./][^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(?:/|$)", re.IGNORECASE)
_NAMED = 100  # files of an archive that are left out by name; more are counted
_DEEP = "It is an archive in an archive in an archive: unpack it, and add the texts that are in it."
_BROKEN = (
    "The file could not be read; it may be damaged. Open it in the program that made it, save it again (as .docx, "
    ".epub or .txt), and use that file."
)
_MEMORY = "The file needs more memory than there is for one file: split it, or save its text as .txt, and use that."
_LONG = f"The file’s text is longer than {limits.TEXT_BYTES // limits.MEGABYTE} MB: split it, and use its parts."


@dataclass(frozen=True)
class Found:
    """A document: its name, its cleaned text, and the file that it was extracted from."""

    name: str
    original: Path
    extracted: Extracted


class Unpacking:
    """The unpacking of one upload into a folder, within a budget."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder, self._prefix = folder, prefix
        self._budget = Budget()
        self._written = 0

    def documents(self, name: str, path: Path, column: int | None = None, depth: int = 0) -> Iterator[Found | Refused]:
        """Yield what is found in a file. A file that can't be read is refused, whatever is wrong with it."""
        try:
            with path.open("rb") as file:
                is_zip = is_archive(file.read(4))
            if is_zip:
                yield from self._of_archive(name, path, depth)
            else:
                yield Found(name, path, _cleaned(read(name, path, column)))
        except TextProblem as problem:
            yield Refused(name, str(problem))
        except MemoryError:
            yield Refused(name, _MEMORY)
        except Exception:
            yield Refused(name, _BROKEN, traceback.format_exc())

    def _of_archive(self, name: str, path: Path, depth: int) -> Iterator[Found | Refused]:
        with Package(path, self._budget) as package:
            if extracted := read_package(package):
                yield Found(name, path, _cleaned(extracted))
            elif depth >= limits.DEPTH:
                yield Refused(name, _DEEP)
            else:
                yield from self._of_entries(name, package, depth)

    def _of_entries(self, name: str, package: Package, depth: int) -> Iterator[Found | Refused]:
        found = refused = 0
        names = [entry for entry in package.names() if not _HIDDEN.search(entry)]
        for number, entry in enumerate(names):
            if self._budget.files <= 0:
                yield Refused(name, _too_many(len(names) - number))
                return
            self._budget.files -= 1
            for one in self._of_entry(entry, package, depth):
                is_refused = isinstance(one, Refused)
                refused, found = refused + is_refused, found + (not is_refused)
                if not is_refused or refused <= _NAMED:
                    yield one
        if refused > _NAMED:
            yield Refused(
                name, f"{refused - _NAMED:,} more of its files can’t be read: take the texts out, and add them."
            )
        if not found and not refused:
            yield Refused(name, "The archive is empty: choose one that has texts in it.")

    def _of_entry(self, entry: str, package: Package, depth: int) -> Iterator[Found | Refused]:
        shown = _shown(package.shown(entry))
        try:
            data = package.read(entry)
        except TextProblem as problem:
            yield Refused(shown, str(problem))
            return
        path = self._folder / f"{self._prefix}-{self._written}{ORIGINAL}"
        self._written += 1
        path.write_bytes(data)
        del data
        yield from self.documents(shown, path, depth=depth + 1)


def _cleaned(extracted: Extracted) -> Extracted:
    # What is text itself keeps its controls until its owner has seen them: see the doctor. Others have none to keep.
    text = (as_stored if extracted.decoded.encoding else clean)(extracted.decoded.text)
    if not can_be_seen(text):
        raise TextProblem(UNSEEN)
    if len(text) > limits.TEXT_BYTES or len(text.encode()) > limits.TEXT_BYTES:
        raise TextProblem(_LONG)
    return replace(extracted, decoded=replace(extracted.decoded, text=text))


def _shown(entry: str) -> str:
    """Return the name of an entry as a relative path. It is only shown: nothing is written there."""
    parts = entry.replace("\\", "/").split("/")
    return (
        "/".join(part for part in parts if part not in ("", ".", "..") and not re.fullmatch("[A-Za-z]:", part))
        or "file"
    )


def _too_many(left: int) -> str:
    return (
        f"{left:,} of its files were not looked at, since at most {limits.FILES:,} are taken of an archive at a time: "
        "add the others by themselves."
    )
