"""Asks the newest training's page for its state again and again, and notes when it is not what the row says."""

import contextlib
import http.client
import re
import threading
import urllib.error
import urllib.request
from types import TracebackType
from typing import Self

from tests.support.site_operator import Operator

_EVERY_SECONDS = 0.5
_STATE = re.compile(rb'class="badge" data-state="([a-z]+)"')


class Witness:
    """`asked` times it got an answer; `untrue` are (study, what the page said, what the row said)."""

    def __init__(self, operator: Operator, owner: str = "alice") -> None:
        self.asked = 0
        self.untrue: list[tuple[int, str, str]] = []
        self._operator = operator
        self._owner = owner
        self._headers = {"Cookie": operator.sign_in(owner)}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            study = self._operator.newest()
            before = self._operator.job(study)["state"]
            said = self._ask(study)
            after = self._operator.job(study)["state"]
            if said is not None:
                self.asked += 1
                if before == after and said != before and study == self._operator.newest():
                    self.untrue.append((study, said, before))

    def _ask(self, study: int) -> str | None:
        """Return the state that the page tells; None while nobody answers."""
        address = f"{self._operator.product.address}/models/{study}/status/"
        with contextlib.suppress(ConnectionError, TimeoutError, http.client.HTTPException):
            request = urllib.request.Request(address, headers=self._headers)
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    if "/accounts/login/" in answer.url:  # a clock that jumped has ended the session
                        self._headers = {"Cookie": self._operator.sign_in(self._owner)}
                        return None
                    found = _STATE.search(answer.read())
            except urllib.error.HTTPError as error:
                return f"error {error.code}"
            except urllib.error.URLError:
                return None
            return found[1].decode() if found else "nothing"
        return None
