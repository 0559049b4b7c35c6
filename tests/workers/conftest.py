"""What all tests of workers share."""

import pytest

from tests.support.waiting import GENEROUS
from webapp.broker import breaker
from webapp.queue import wake_up


@pytest.fixture(autouse=True)
def patient_senders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are counted here, and a broker on a busy machine may answer later than a page waits for it."""
    breaker.answered()
    patient = dict.fromkeys(("socket_connect_timeout", "socket_timeout"), GENEROUS)
    monkeypatch.setattr(wake_up, "_QUICK", {**wake_up._QUICK, **patient})
