"""ZIP archives, opened with suspicion: of strangers, damaged, encrypted, made to fill memory or disk.

Word documents, OpenDocument files and EPUB books are such archives too. Nothing is ever unpacked to a path that the
archive names: an entry is read into memory, and what an entry is called is only a name to show.
"""

import contextlib
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from webapp.extraction import limits
from webapp.extraction.extracted import TextProblem

_HEADER_BYTES = 30  # of an entry, before its name
_ENCRYPTED, _UTF_8 = 1, 0x800  # flags of an entry
_DAMAGED = "The file is damaged or was not sent whole: open it where it came from, save it again, and use that file."
_PROTECTED = "The file is protected by a password: save a copy without one in the program that made it, and use that."
_BOMB = (
    "Unpacked, the file would be much larger than any text: nothing of it was read. Take the texts out of it, and "
    "add them by themselves."
)
_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError, KeyError)


@dataclass
class Budget:
    """What may still be read of the archives of one upload."""

    bytes: int = limits.UNPACKED_BYTES
    files: int = limits.FILES

    def spend(self, size: int) -> None:
        """Count bytes that were unpacked. Raises TextProblem when they are more than are left."""
        self.bytes -= size
        if self.bytes < 0:
            raise TextProblem(_BOMB)


class Package:
    """An open ZIP archive. Raises TextProblem if it is damaged, made to be harmful, or protected by a password."""

    def __init__(self, file: Path | BinaryIO, budget: Budget) -> None:
        self._budget = budget
        try:
            self._archive = zipfile.ZipFile(file)
        except _ERRORS as error:
            raise TextProblem(_DAMAGED) from error
        try:
            self._check()
        except TextProblem:
            self._archive.close()
            raise
        self._entries = {entry.filename: entry for entry in self._archive.infolist()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def _check(self) -> None:
        entries = self._archive.infolist()
        if len(entries) > limits.ENTRIES:
            raise TextProblem(
                f"The archive has more than {limits.ENTRIES:,} files: take the texts out of it, and add them by "
                "themselves."
            )
        packed = sum(entry.compress_size for entry in entries)
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > max(limits.RATIO_BYTES, packed * limits.RATIO) or _overlap(entries):
            raise TextProblem(_BOMB)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def names(self) -> list[str]:
        """Return the names of the files in it, in the archive's order. Folders and links are not among them."""
        return [name for name, entry in self._entries.items() if not entry.is_dir() and not _is_link(entry)]

    def shown(self, name: str) -> str:
        """Return what an entry is called. Some programs write UTF-8 without saying so, which zipfile reads as cp437."""
        if self._entries[name].flag_bits & _UTF_8:
            return name
        try:
            return name.encode("cp437").decode()
        except UnicodeError:
            return name

    def size(self, name: str) -> int:
        """Return how many bytes an entry has when it is unpacked; 0 for one that is not there."""
        return self._entries[name].file_size if name in self else 0

    def read(self, name: str) -> bytes:
        """Return the content of an entry. Raises TextProblem if it is not there, or can't be read."""
        entry = self._checked(name)
        with _reading():
            return self._archive.read(entry)

    def copy(self, name: str, path: Path) -> None:
        """Write the content of an entry to a file, piece by piece. Raises TextProblem as `read` does."""
        entry = self._checked(name)
        with _reading(), self._archive.open(entry) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)

    def _checked(self, name: str) -> zipfile.ZipInfo:
        """Return an entry that may be read, and count its bytes."""
        entry = self._entries.get(name)
        if entry is None:
            raise TextProblem(_DAMAGED)
        if entry.flag_bits & _ENCRYPTED:
            raise TextProblem(_PROTECTED)
        if entry.file_size > limits.ENTRY_BYTES:
            raise TextProblem(_BOMB)
        self._budget.spend(entry.file_size)  # zipfile never returns more than this
        return entry


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise TextProblem(_PROTECTED) from error
    except _ERRORS as error:
        raise TextProblem(_DAMAGED) from error


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(entry.external_attr >> 16)


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    """Whether two entries share bytes, which lets a small archive unpack to a huge size (Fifield 2019)."""
    places = sorted(
        (entry.header_offset, entry.header_offset + _HEADER_BYTES + entry.compress_size) for entry in entries
    )
    return any(end > start for (_, end), (start, _) in pairwise(places))
