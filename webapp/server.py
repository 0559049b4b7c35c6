"""The web server: gunicorn's processes, each with the event loop of waitress.

gunicorn starts the processes, and replaces a process that hangs. In a process, the event loop reads each request
completely (a large body into a file) before a thread handles it, and sends the answer while the thread already works on
the next request. So a slow or idle connection occupies no thread. This module adds a deadline to each connection.
"""

import logging
import os
import resource
import time
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from webapp import env, logs

PATIENCE_SECONDS = 20.0  # without any bytes, after which a connection is closed
SLOWEST_BYTES_PER_SECOND = 4_000.0  # a slower upload or download uses up its PATIENCE_SECONDS, and is then closed
CONNECTIONS = 2_000  # of one process; when there is one more, the connection nearest to its deadline is closed
TIMES_THE_LIMIT = 5  # a body of up to 5 upload limits is read, so that a page can answer it; a longer one is refused
BODIES_AT_ONCE = 10  # bodies of the largest size that one process may be receiving at the same time
_OTHER_FILES = 200  # open files of a process that are neither connections nor bodies
_ACCEPTED_AT_ONCE = 32
_CHECK_SECONDS = 0.5


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """One connection. Each byte that moves delays its deadline a little, to at most PATIENCE_SECONDS from now."""

    def __init__(self, server: "Server", *rest: Any, **names: Any) -> None:
        self._patience = server.patience
        self.deadline = time.monotonic() + self._patience
        super().__init__(server, *rest, **names)

    def renew(self) -> None:
        self.deadline = time.monotonic() + self._patience

    def _moved(self, count: int) -> None:
        self.deadline = min(self.deadline + count / SLOWEST_BYTES_PER_SECOND, time.monotonic() + self._patience)

    def recv(self, size: int) -> bytes:
        data: bytes = super().recv(size)
        self._moved(len(data))
        return data

    def send(self, data: bytes, do_close: bool = True) -> int:
        count: int = super().send(data, do_close=do_close)
        self._moved(count)
        return count

    def service(self) -> None:
        super().service()
        self.renew()

    def del_channel(self, map: dict[int, Any] | None = None) -> None:
        """Remove a connection that ends, and close the file of a body that was being received."""
        super().del_channel(map)
        if self.request:
            self.request.close()

    @property
    def awaits_client(self) -> bool:
        """Whether nothing can go on before the client sends or reads something."""
        return not self.requests or self.total_outbufs_len >= self.adj.send_bytes

    @property
    def body_bytes(self) -> int:
        return self.request.body_bytes_received if self.request else 0


class Server(TcpWSGIServer):  # type: ignore[misc]
    """The connections of one process on one address."""

    channel_class = Channel

    def __init__(self, *rest: Any, patience: float, connections: int, **names: Any) -> None:
        self.patience, self._connections = patience, connections
        super().__init__(*rest, **names)

    def handle_accept(self) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            before = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == before:
                return
            if before >= self._connections:
                self._drop(min(self._waiting(), key=lambda channel: channel.deadline, default=None))

    def maintenance(self, now: float) -> None:
        """Do nothing: waitress calls this by the wall clock, which may jump. `enforce_limits` does the work."""

    def enforce_limits(self) -> None:
        """Close connections past their deadline, and those with the largest bodies when these are too much together."""
        now = time.monotonic()
        for channel in self.active_channels.values():
            if not channel.awaits_client:
                channel.renew()
            elif channel.deadline < now:
                self._drop(channel)
        self._drop_largest_bodies()
        for channel in [one for one in self.active_channels.values() if one.will_close]:
            channel.handle_close()  # waitress would wait until the client can be written to, which may be never

    def _drop_largest_bodies(self) -> None:
        waiting = sorted(self._waiting(), key=lambda channel: channel.body_bytes)
        total = sum(channel.body_bytes for channel in waiting)
        while total > BODIES_AT_ONCE * self.adj.max_request_body_size:
            total -= waiting[-1].body_bytes
            self._drop(waiting.pop())

    def _waiting(self) -> list[Channel]:
        return [one for one in self.active_channels.values() if one.awaits_client and not one.will_close]

    @staticmethod
    def _drop(channel: Channel | None) -> None:
        if channel:
            channel.will_close = True  # it is closed later, since the event loop may be about to read from it

    @property
    def is_busy(self) -> bool:
        return any(channel.requests or channel.total_outbufs_len for channel in self.active_channels.values())


class Site:
    """The servers of one process, one for each listening socket, with the threads that they share."""

    def __init__(
        self,
        application: Any,
        sockets: list[Any],
        threads: int,
        largest_body: int,
        patience: float = PATIENCE_SECONDS,
        connections: int = CONNECTIONS,
    ) -> None:
        self._threads = ThreadedTaskDispatcher()
        self._threads.set_thread_count(threads)
        self._map: dict[int, Any] = {}
        self._next_check = 0.0
        settings = _adjustments(largest_body, connections)
        self._servers = [
            Server(
                application,
                self._map,
                _sock=sock,
                dispatcher=self._threads,
                adj=settings,
                sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
                bind_socket=False,
                patience=patience,
                connections=connections,
            )
            for sock in sockets
        ]

    def run_once(self) -> None:
        """Run the event loop once: wait a moment for connections, handle them, and enforce the limits."""
        wasyncore.loop(timeout=_CHECK_SECONDS, use_poll=True, map=self._map, count=1)
        if time.monotonic() >= self._next_check:
            self._next_check = time.monotonic() + _CHECK_SECONDS
            for server in self._servers:
                server.enforce_limits()

    def wake(self) -> None:
        self._servers[0].pull_trigger()

    def stop_accepting(self) -> None:
        for server in self._servers:
            server.accepting = False

    @property
    def connections(self) -> int:
        return sum(len(server.active_channels) for server in self._servers)

    @property
    def is_busy(self) -> bool:
        return any(server.is_busy for server in self._servers)

    def close(self) -> None:
        self._threads.shutdown(timeout=1)
        wasyncore.close_all(self._map)


def _adjustments(largest_body: int, connections: int) -> Adjustments:
    """Return the settings of waitress. It buffers a whole answer, so that no thread waits for a slow client."""
    return Adjustments(
        ident=None,
        connection_limit=connections + _OTHER_FILES,
        max_request_header_size=32_768,
        max_request_body_size=largest_body,
        outbuf_high_watermark=largest_body,
        clear_untrusted_proxy_headers=False,  # Django's settings say which of them are trusted
        log_socket_errors=False,  # a client that closes its connection is no error
    )


class WebProcess(Worker):  # type: ignore[misc]  # gunicorn has no types
    """One of gunicorn's processes. When a thread blocks the interpreter, the loop stops, and gunicorn kills it."""

    _site: Site | None = None
    _next_sign = 0.0

    @staticmethod
    def setup() -> None:
        """Let gunicorn's own lines have the form that all others have. gunicorn's master calls this at its start."""
        form = env.choice("LOG_FORMAT", logs.FORMS)
        for handler in logging.getLogger("gunicorn.error").handlers if form == "json" else ():
            handler.setFormatter(logs.OneObject())

    def run(self) -> None:
        from django.conf import settings

        largest = settings.UPLOAD_LIMIT_BYTES * TIMES_THE_LIMIT
        sockets = [listener.sock for listener in self.sockets]
        self._site = Site(self.wsgi, sockets, self.cfg.threads, largest, connections=_possible_connections())
        while self.alive and os.getppid() == self.ppid:
            self.notify()
            self._site.run_once()
        self._finish(self._site)

    def notify(self) -> None:
        """Give gunicorn a heartbeat, twice a second: after each event, it would cost an eighth of a poll's time."""
        if time.monotonic() >= self._next_sign:
            self._next_sign = time.monotonic() + _CHECK_SECONDS
            super().notify()

    def _finish(self, site: Site) -> None:
        """Accept no new connections, and give the present requests time to end."""
        end = time.monotonic() + self.cfg.graceful_timeout
        site.stop_accepting()
        while site.is_busy and time.monotonic() < end:
            self.notify()
            site.run_once()
        site.close()

    def handle_exit(self, sig: int, frame: Any) -> None:
        super().handle_exit(sig, frame)
        if self._site:
            self._site.wake()


def _possible_connections() -> int:
    """Raise this process's limit of open files as far as allowed, and return how many connections it permits.

    Each connection may need a second file, for its body.
    """
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS + _OTHER_FILES
    if now != resource.RLIM_INFINITY and now < wanted:
        now = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (now, most))
        return max(16, (now - _OTHER_FILES) // 2)
    return CONNECTIONS
