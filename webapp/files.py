"""The files in the storage, which more than one process needs, by key and through Django's storage API.

A key is a path with forward slashes. Workers copy files from the storage into a local folder, and back.
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
    """Raise OSError in place of the S3 client's exceptions, so that callers need not know that client."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] in ("botocore", "boto3", "s3transfer"):
            raise OSError(f"the storage did not do it: {error}") from error
        raise


class OutOfReach(OSError):
    """A stored file could not be read: it is gone, or the storage is away."""


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

    The key has a random part, so a file that a broken-off attempt has left is never in the way.
    """
    key = f"{prefix}/{secrets.token_hex(8)}/{name}"
    return str(default_storage.save(key, ContentFile(data)))


def fresh(prefix: str) -> str:
    """Return a new random prefix below another one."""
    return f"{prefix}/{secrets.token_hex(8)}"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a local file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@_reading()
def read(key: str) -> bytes:
    with default_storage.open(key) as file:
        return bytes(file.read())


@_reading()
def read_part(key: str, start: int, length: int) -> bytes:
    """Return `length` bytes of a stored file from `start` on."""
    with default_storage.open(key) as file:
        file.seek(start)
        return bytes(file.read(length))


@_reading()
def opened(key: str) -> "File[bytes]":
    """Open a stored file, to be sent in pieces. The caller closes it."""
    return default_storage.open(key)


class DamagedText(OutOfReach):
    """A stored text is not valid UTF-8, so it is not what was stored. The message names the key."""


@contextlib.contextmanager
def _reading_text(key: str) -> Iterator[None]:
    try:
        yield
    except (TextProblem, UnicodeDecodeError) as problem:
        raise DamagedText(f"{key}: {problem}") from None


def read_whole_text(key: str) -> str:
    """Return a stored text. Every stored text is UTF-8, in whatever encoding it was uploaded."""
    with _reading_text(key):
        return decode_frozen(read(key))


@_reading()
def read_text(key: str, start: int, length: int) -> str:
    """Return `length` characters (code points) of a stored text from `start` on. The rest is not read."""
    with _reading_text(key), default_storage.open(key) as file, io.TextIOWrapper(file, "utf-8", newline="") as text:
        text.read(start)
        return text.read(length)


@_storage_is_away()
def copy_in(key: str, path: Path) -> None:
    """Copy a stored file to a local path, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with default_storage.open(key) as source, partial.open("wb") as target:
        shutil.copyfileobj(source, target)
    partial.replace(path)


@_storage_is_away()
def copy_out(path: Path, key: str) -> None:
    """Store a local file under a key. An older file with that key is replaced."""
    with contextlib.suppress(FileNotFoundError):
        default_storage.delete(key)
    with path.open("rb") as source:
        default_storage.save(key, File(source))


@_reading()
def copy_tree(prefix: str, new_prefix: str) -> None:
    """Copy the files below a prefix to another one. Raises OutOfReach if there are none."""
    found = keys(prefix)
    if not found:
        raise OutOfReach(f"{prefix} has no files")
    for key in found:
        with default_storage.open(key) as source:
            default_storage.save(new_prefix + key.removeprefix(prefix), File(source))


def copy_tree_in(prefix: str, folder: Path) -> None:
    for key in keys(prefix):
        copy_in(key, folder / key.removeprefix(f"{prefix}/"))


def copy_tree_out(folder: Path, prefix: str, names: Iterable[str] | None = None) -> None:
    """Store the files of a local folder (all of them, or those in `names`) below a prefix."""
    paths = [p for p in folder.rglob("*") if p.is_file()] if names is None else [folder / n for n in names]
    for path in paths:
        copy_out(path, f"{prefix}/{path.relative_to(folder).as_posix()}")


@_storage_is_away()
def size(prefix: str) -> int:
    """Return how many bytes are stored below a prefix."""
    return sum(default_storage.size(key) for key in keys(prefix))


@_storage_is_away()
def size_of(key: str) -> int:
    """Return how many bytes a stored file has. Raises FileNotFoundError if it is not there."""
    return int(default_storage.size(key))


@_storage_is_away()
def keys(prefix: str) -> list[str]:
    """Return every key below a prefix."""
    try:
        folders, names = default_storage.listdir(prefix)
    except FileNotFoundError:
        return []
    below = [key for folder in folders if folder for key in keys(f"{prefix}/{folder}")]
    return sorted([f"{prefix}/{name}" for name in names if name] + below)


@_storage_is_away()
def delete_tree(prefix: str) -> int:
    """Delete every file below a prefix, and the empty folders of a storage that has folders. Return how many files."""
    found = keys(prefix)
    for key in found:
        default_storage.delete(key)
    with contextlib.suppress(NotImplementedError):  # S3 has no paths, and no folders to remove
        shutil.rmtree(default_storage.path(prefix), ignore_errors=True)
    return len(found)
