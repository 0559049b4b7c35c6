"""The connection to PostgreSQL. Before a request uses it, it looks at the socket, and seldom asks the server.

Django's health check costs each request a query. A server that has ended, or has dropped the connection, has closed
the socket or left a message in it, and the kernel says so without any traffic. Only a network that was cut in silence
does not show there: so the server is asked too, at the first use after ASK_SECONDS.
"""

import select
import time
from typing import Any

from django.db.backends.postgresql import base as djangos

ASK_SECONDS = 5.0


class DatabaseWrapper(djangos.DatabaseWrapper):
    health_check_done: bool
    _next_question = 0.0

    def get_new_connection(self, conn_params: Any) -> Any:
        self._next_question = time.monotonic() + ASK_SECONDS
        return super().get_new_connection(conn_params)

    def close_if_health_check_failed(self) -> None:
        """Close a connection that is lost, so that the request gets a new one."""
        if self.connection is None or self.health_check_done:
            return
        if time.monotonic() < self._next_question and _is_silent(self.connection):
            self.health_check_done = True
            return
        super().close_if_health_check_failed()
        self._next_question = time.monotonic() + ASK_SECONDS


def _is_silent(connection: Any) -> bool:
    """Whether there is nothing to read from a connection on which nothing was asked: no end, and no message."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
