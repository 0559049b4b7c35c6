"""Private files, which no other user of this machine may read: the data folder, the workers' folder, the secret key."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_EVERYBODYS = {Path("/"), Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")}
_OTHERS, _WORLD = 0o077, 0o007
_KEY_LENGTH = 32


def close_to_others() -> None:
    """Let nobody else read what this process, and those that it starts, will write."""
    os.umask(_OTHERS)


def folder(path: Path) -> Path:
    """Make a folder into which only its owner may look. One that exists is closed to others.

    Raises ImproperlyConfigured where that can't be had.
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
    """A group may keep what is another user's, where an operator has set it up so; the world may not."""
    try:
        path.chmod(0o700)
    except OSError as error:
        if found & _WORLD:
            advice = f"Whoever owns it has to say: chmod 700 {path}"
            raise ImproperlyConfigured(f"Everybody on this machine can look into {path}. {advice}") from error


def secret(path: Path, make: Callable[[], str]) -> str:
    """Return the secret that a file keeps, made at the first call.

    Processes that start at once agree on it, and one that is killed leaves all of it or nothing.
    """
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        found = path.read_text(encoding="utf-8") if path.exists() else ""
        if len(found) < _KEY_LENGTH:  # an older version may have been killed while it wrote
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
