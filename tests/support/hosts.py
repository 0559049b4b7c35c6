"""Hosts for tests: network namespaces of this machine, each with an address of its own, joined by a bridge.

They share this machine's disk, but what runs in one reaches another by the network alone, and the network of one can be
cut. Needs root and `ip`, on Linux. The bridge is in a namespace, too, and the test's thread is in it: a browser gives
up what it is loading when it sees that the network of the machine changes.

python -m tests.support.hosts     # says why no hosts can be made here; exit code 1 then
"""

import contextlib
import ctypes
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from webapp.launch.process_guard import end_with_parent

ROOT = Path(__file__).parents[2]
_NOTHING: Mapping[str, str] = {}
_NETWORK = 0x40000000  # CLONE_NEWNET, as Linux numbers kinds of namespaces


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"


class Host:
    """One host: its name, its address, and the processes that were started on it."""

    def __init__(self, network: "Network", name: str, number: int) -> None:
        self.name, self.address = name, f"{network.prefix}.{number}"
        self.folder = network.folder / name
        self.folder.mkdir()
        self._space = f"{network.name}{name}"
        self._cable, inside = f"{network.name}{number}a", f"{network.name}{number}b"
        self._processes: list[subprocess.Popen[bytes]] = []
        _ip("netns", "add", self._space)
        _ip("link", "add", self._cable, "type", "veth", "peer", "name", inside, "netns", self._space)
        _ip("link", "set", self._cable, "master", network.name, "up")
        for words in (
            ["addr", "add", f"{self.address}/24", "dev", inside],
            ["link", "set", inside, "up"],
            ["link", "set", "lo", "up"],
        ):
            _ip("-n", self._space, *words)

    def start(
        self, *command: str, environment: Mapping[str, str] = _NOTHING, user: int | None = None
    ) -> "subprocess.Popen[bytes]":
        """Start a process on this host. What it says goes into its folder."""
        with (self.folder / f"{len(self._processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [*self._inside(user), *command],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,
            )
        self._processes.append(process)
        return process

    def run(self, *command: str, environment: Mapping[str, str] = _NOTHING, user: int | None = None) -> str:
        """Run a command on this host to its end, and return what it said."""
        command = (*self._inside(user), *command)
        every = {**os.environ, **environment}
        done = subprocess.run(command, cwd=ROOT, env=every, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _inside(self, user: int | None) -> list[str]:
        """Return what enters the host's network. A `user` is a number: some servers refuse to run as root."""
        as_user = [] if user is None else [f"--setuid={user}", f"--setgid={user}"]
        return ["nsenter", f"--net=/var/run/netns/{self._space}", *as_user, "--"]

    def cut(self) -> None:
        """Pull the network's cable out. What was sent is lost, and nobody is told."""
        _ip("link", "set", self._cable, "down")

    def join(self) -> None:
        """Put the cable back."""
        _ip("link", "set", self._cable, "up")

    def said(self) -> str:
        return "\n".join(f"{self.name}: {log.read_text(errors='replace')[-3000:]}" for log in self.folder.glob("*.log"))

    def kill(self) -> None:
        """Kill all its processes."""
        for process in reversed(self._processes):
            process.kill()
            process.wait()

    def end(self) -> None:
        """Remove it, with its cable."""
        self.kill()
        _ip("netns", "del", self._space)


def _enter(namespace: int) -> None:
    """Let this thread, and what it starts from now on, use a network namespace, given by an open file of it."""
    if ctypes.CDLL(None, use_errno=True).setns(namespace, _NETWORK):
        raise OSError(ctypes.get_errno(), "setns")


class Network:
    """A bridge, which has the last address, and the hosts on it. While it is there, this thread is on it, too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"us{secrets.token_hex(3)}"  # names of interfaces have 15 letters at most
        self.prefix = f"10.{os.getpid() % 200 + 30}.{secrets.randbelow(250)}"
        self.hosts: dict[str, Host] = {}
        self._before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        _ip("netns", "add", self.name)
        with Path(f"/var/run/netns/{self.name}").open() as namespace:
            _enter(namespace.fileno())
        _ip("link", "set", "lo", "up")
        _ip("link", "add", self.name, "type", "bridge")
        _ip("addr", "add", f"{self.prefix}.254/24", "dev", self.name)
        _ip("link", "set", self.name, "up")

    def host(self, name: str) -> Host:
        """Add a host."""
        self.hosts[name] = Host(self, name, len(self.hosts) + 1)
        return self.hosts[name]

    def said(self) -> str:
        return "\n".join(host.said() for host in self.hosts.values())

    def end(self) -> None:
        for host in self.hosts.values():
            host.end()
        _enter(self._before)
        os.close(self._before)
        _ip("netns", "del", self.name)


@contextlib.contextmanager
def network(folder: Path) -> Iterator[Network]:
    """Make a network for the block. All processes on its hosts are killed at the end."""
    made = Network(folder)
    try:
        yield made
    finally:
        made.end()


def why_not() -> str:
    """Try to make a network, and return what is in the way, or nothing."""
    try:
        with tempfile.TemporaryDirectory() as name, network(Path(name)) as made:
            made.host("a").run(sys.executable, "-c", "")
    except (OSError, AssertionError) as error:
        return str(error)
    return ""


if __name__ == "__main__":
    sys.exit(why_not() or 0)
