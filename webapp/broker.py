"""The circuit breaker for the broker: while the broker is away, callers do not wait for it again and again."""

import logging
import threading
import time

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

AWAY = (OperationalError, RedisError, OSError)  # the errors of a broker that is dead, frozen or out of reach
TIMEOUT_SECONDS = 0.5  # to connect, and for an answer; a healthy broker answers in less than a millisecond
PAUSE_SECONDS = 5.0


class Breaker:
    """Whether the broker should be asked. After a failure, only one caller asks it in every `pause` seconds.

    So a frozen broker costs a process one timeout every few seconds, and not one for each call.
    """

    def __init__(self, pause: float = PAUSE_SECONDS) -> None:
        self._pause = pause
        self._lock = threading.Lock()
        self._is_away = False
        self._next_try = 0.0

    def is_worth_asking(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if self._is_away and now < self._next_try:
                return False
            self._next_try = now + self._pause
            return True

    def failed(self, error: Exception) -> None:
        with self._lock:
            if not self._is_away:
                log.warning("the broker is away (%s): each process counts for itself; workers hear later", error)
            self._is_away = True
            self._next_try = time.monotonic() + self._pause

    def answered(self) -> None:
        with self._lock:
            if self._is_away:
                log.info("the broker is back")
            self._is_away = False


#: the breaker of this process
breaker = Breaker()
