"""A browser without a window: it keeps cookies and one connection, sends forms, and notes how long each answer took."""

import http.client
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode
from uuid import uuid4

_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="(\w+)"')
_TIMEOUT = 60.0  # seconds
_GOOD = (200, 204, 302, 304)


@dataclass(frozen=True)
class Answer:
    """An answer. `status` is 0 if none came. `place` is where it leads to."""

    status: int
    body: bytes = b""
    place: str = ""

    @property
    def is_good(self) -> bool:
        return self.status in _GOOD


@dataclass(frozen=True)
class Noted:
    """One request: which path it was, when it began, how long its answer took, and what went wrong, if anything did."""

    path: str
    began: float
    seconds: float
    failure: str = ""


@dataclass
class Notes:
    """The requests of many sessions. `asked_again` counts those that met a connection that the server had closed."""

    requests: list[Noted] = field(default_factory=list)
    asked_again: int = 0

    def between(self, begin: float, end: float) -> list[Noted]:
        return [one for one in self.requests if begin <= one.began < end]


class Session:
    """A visitor's browser. Its requests go into `notes` under the name of their path."""

    def __init__(self, port: int, notes: Notes, cookie: str = "") -> None:
        self._notes = notes
        self._cookies = SimpleCookie(cookie)
        self._token = ""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)

    def get(self, address: str, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self._ask("GET", address, path, None, headers or {})

    def post(self, address: str, path: str, fields: dict[str, str], files: dict[str, bytes] | None = None) -> Answer:
        """Send the form of the page that was loaded last."""
        kind, body = _form({"csrfmiddlewaretoken": self._token, **fields}, files or {})
        return self._ask("POST", address, path, body, {"Content-Type": kind})

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, address: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={one.value}" for name, one in self._cookies.items())
        began = time.monotonic()
        try:
            response = self._response(method, address, body, {**headers, "Cookie": cookies})
            answer = Answer(response.status, response.read(), response.getheader("Location", "") or "")
            failure = "" if answer.is_good else f"{answer.status} {address}"
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            answer, failure = Answer(0), f"{error!r} {address}"
        self._notes.requests.append(Noted(path, began, time.monotonic() - began, failure))
        if found := _TOKEN.search(answer.body):
            self._token = found[1].decode()
        return answer

    def _response(
        self, method: str, address: str, body: bytes | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        """Ask once more when the server has closed a connection that was idle, as a browser does."""
        is_kept = self._connection.sock is not None
        try:
            return self._take_cookies(self._request(method, address, body, headers))
        except (http.client.RemoteDisconnected, ConnectionError):
            self._connection.close()
            if not is_kept:
                raise
        self._notes.asked_again += 1
        return self._take_cookies(self._request(method, address, body, headers))

    def _request(
        self, method: str, address: str, body: bytes | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        self._connection.request(method, address, body, headers)
        return self._connection.getresponse()

    def _take_cookies(self, response: http.client.HTTPResponse) -> http.client.HTTPResponse:
        for line in response.headers.get_all("Set-Cookie") or ():
            self._cookies.load(line)
        return response


def _form(fields: dict[str, str], files: dict[str, bytes]) -> tuple[str, bytes]:
    """Return the type and the body of a form; with files, in parts."""
    if not files:
        return "application/x-www-form-urlencoded", urlencode(fields).encode()
    border = uuid4().hex
    parts = list(_parts(fields, files))
    body = b"".join(f"--{border}\r\n".encode() + part + b"\r\n" for part in parts)
    return f"multipart/form-data; boundary={border}", body + f"--{border}--\r\n".encode()


def _parts(fields: dict[str, str], files: dict[str, bytes]) -> Iterable[bytes]:
    for name, value in fields.items():
        yield f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
    for name, data in files.items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{name}.zip"\r\n'
        yield f"{head}Content-Type: application/zip\r\n\r\n".encode() + data
