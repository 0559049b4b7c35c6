"""Stored files, which more than one process needs: by key, through Django's storage API.

A key is a path with forward slashes. Workers copy in to a local folder and out again.
"""

import contextlib
import hashlib
import io
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from trainer.contract.decoding import TextProblem, decode_frozen


@contextlib.contextmanager
def _storage_is_away() -> Iterator[None]:
    """Raise OSError for what an S3 client raises, which no one but it knows."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] in ("botocore", "boto3", "s3transfer"):
            raise OSError(f"the storage did not do it: {error}") from error
        raise


class OutOfReach(OSError):
    """A stored file that a page or a worker needs could not be read: it is gone, or the storage is away."""


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    try:
        with _storage_is_away():
            yield
    except OutOfReach:
        raise
    except OSError as error:
        raise OutOfReach(f"a stored file is out of reach: {error}") from error


@_storage_is_away()
def add(prefix: str, name: str, data: bytes) -> str:
    """Store data below prefix under a new key, and return the key.

    The key holds a random part: what a broken-off attempt left behind is never in the way.
    """
    key = f"{prefix}/{secrets.token_hex(8)}/{name}"
    return str(default_storage.save(key, ContentFile(data)))


def fresh(prefix: str) -> str:
    """Return a new prefix below another one."""
    return f"{prefix}/{secrets.token_hex(8)}"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@_reading()
def read(key: str) -> bytes:
    with default_storage.open(key) as file:
        return bytes(file.read())


class DamagedText(OutOfReach):
    """A stored text is not the UTF-8 that was stored. The message names its file."""


@contextlib.contextmanager
def _reading_text(key: str) -> Iterator[None]:
    try:
        yield
    except (TextProblem, UnicodeDecodeError) as problem:
        raise DamagedText(f"{key}: {problem}") from None


def read_whole_text(key: str) -> str:
    """Return a stored text, which is UTF-8 whatever was uploaded."""
    with _reading_text(key):
        return decode_frozen(read(key))


@_reading()
def read_text(key: str, start: int, length: int) -> str:
    """Return `length` characters (code points) of a stored text from `start` on; what follows them is not read."""
    with _reading_text(key), default_storage.open(key) as file, io.TextIOWrapper(file, "utf-8", newline="") as text:
        text.read(start)
        return text.read(length)


@_storage_is_away()
def copy_in(key: str, path: Path) -> None:
    """Copy the stored file to a local path, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with default_storage.open(key) as source, partial.open("wb") as target:
        shutil.copyfileobj(source, target)
    partial.replace(path)


@_storage_is_away()
def copy_out(path: Path, key: str) -> None:
    """Store a local file under key; an older file of that key is replaced."""
    with contextlib.suppress(FileNotFoundError):
        default_storage.delete(key)
    with path.open("rb") as source:
        default_storage.save(key, File(source))


def copy_tree_in(prefix: str, folder: Path) -> None:
    for key in keys(prefix):
        copy_in(key, folder / key.removeprefix(f"{prefix}/"))


def copy_tree_out(folder: Path, prefix: str, names: Iterable[str] | None = None) -> None:
    """Store the files of a local folder (all of them, or those named) under prefix."""
    paths = [p for p in folder.rglob("*") if p.is_file()] if names is None else [folder / n for n in names]
    for path in paths:
        copy_out(path, f"{prefix}/{path.relative_to(folder).as_posix()}")


@_storage_is_away()
def size(prefix: str) -> int:
    """Return how many bytes are stored below prefix."""
    return sum(default_storage.size(key) for key in keys(prefix))


@_storage_is_away()
def keys(prefix: str) -> list[str]:
    """Return every key below prefix."""
    try:
        folders, names = default_storage.listdir(prefix)
    except FileNotFoundError:
        return []
    below = [key for folder in folders if folder for key in keys(f"{prefix}/{folder}")]
    return sorted([f"{prefix}/{name}" for name in names if name] + below)


@_storage_is_away()
def delete_tree(prefix: str) -> int:
    """Delete every file below prefix (and, in a folder, the empty folders). Return how many."""
    found = keys(prefix)
    for key in found:
        default_storage.delete(key)
    with contextlib.suppress(NotImplementedError):  # only a folder has paths, and folders to remove
        shutil.rmtree(default_storage.path(prefix), ignore_errors=True)
    return len(found)
