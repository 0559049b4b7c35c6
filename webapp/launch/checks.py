"""The checks of the launcher: what must be true before the parts start, and whether they answer."""

import fcntl
import http.client
import os
import socket
from pathlib import Path

from webapp import private

_HIGHEST_PORT = 65535


class CannotStart(Exception):
    """Nothing was started. The message says why, in a sentence."""


def hold(folder: Path, address: str) -> int:
    """Lock the data folder as long as this launcher lives, and return the lock's file descriptor.

    Raises CannotStart when another launcher has locked it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        private.folder(folder)
        handle = os.open(folder / "launcher.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStart(f"The data folder {folder} can't be written to ({error.strerror}).") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(handle, 200).decode()
        os.close(handle)
        raise CannotStart(f"Understudy is already running on {folder}, at {holder}") from error
    os.ftruncate(handle, 0)
    os.write(handle, f"{address} (process {os.getpid()})".encode())
    return handle


def check_port(host: str, port: int) -> None:
    """Raise CannotStart when the site could not be served at this port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    other = port + 1000 if port + 1000 <= _HIGHEST_PORT else 8000
    with socket.socket(family) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # gunicorn sets this option too
        try:
            sock.bind((host, port))
        except (OSError, OverflowError) as error:
            why = error.strerror if isinstance(error, OSError) else f"ports end at {_HIGHEST_PORT}"
            advice = f"Choose another: make run PORT={other}"
            raise CannotStart(f"Port {port} can't be used ({why}). {advice}") from error


def accepts(port: int) -> bool:
    """Return whether something listens on this port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def answers(host: str, port: int) -> bool:
    """Return whether the site answers. A redirect, or a refused host name, counts as an answer."""
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
