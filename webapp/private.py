"""The private files, which no other user of this machine may read: data folder, workers' folder, secret key."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_EVERYBODYS = {Path("/"), Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")}
_OTHERS, _WORLD = 0o077, 0o007
_KEY_LENGTH = 32


def close_to_others() -> None:
    """Make all new files of this process and of its children unreadable for other users."""
    os.umask(_OTHERS)


def folder(path: Path) -> Path:
    """Make a folder that only its owner may read. A folder that exists already is closed to other users.

    Raises ImproperlyConfigured when that is not possible.
    """
    if path.resolve() in _EVERYBODYS:
        raise ImproperlyConfigured(f"{path} belongs to everybody on this machine. Choose a folder inside it.")
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"The folder {path} can't be made ({error.strerror}).") from error
    found = path.stat().st_mode
    if found & _OTHERS:
        _close(path, found)
    return path


def _close(path: Path, found: int) -> None:
    """Close a folder to other users.

    When it belongs to another user, access for its group is accepted, since an operator may have set it up so; access
    for everybody is not.
    """
    try:
        path.chmod(0o700)
    except OSError as error:
        if found & _WORLD:
            advice = f"Whoever owns it has to say: chmod 700 {path}"
            raise ImproperlyConfigured(f"Everybody on this machine can look into {path}. {advice}") from error


def secret(path: Path, make: Callable[[], str]) -> str:
    """Return the secret in a file. The first call makes the file.

    Processes that start at the same time get the same secret. A process that is killed leaves a whole file or none.
    """
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        found = path.read_text(encoding="utf-8") if path.exists() else ""
        if len(found) < _KEY_LENGTH:  # an older version that was killed while it wrote may have left half a key
            found = make()
            _write_whole(path, found)
            os.fsync(handle)
        return found
    finally:
        os.close(handle)


def _write_whole(path: Path, text: str) -> None:
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with open(new, "x", encoding="utf-8", opener=_private) as file:  # Path.open takes no opener
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
