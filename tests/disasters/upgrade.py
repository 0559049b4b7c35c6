"""The upgrade of a site while it trains: `make upgrade`.

    python -m tests.disasters.upgrade [--before COMMIT]

It checks out the version before (by default the one before the newest migration), starts its training worker with the
command of deploy/systemd, and queues a training. While that learns, it does what docs/deploy.md says: it stops the
worker as systemd does (SIGTERM for the worker alone, and no longer than TimeoutStopSec), prepares the database and the
static files with the new version, and starts the new version's worker. The training has to go on from its checkpoint,
and no attempt may be lost. It prints what it saw.
"""

import argparse
import configparser
import contextlib
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.product import start_broker
from webapp.launch.process_guard import end_with_parent
from webapp.launch.trial import wait_for

ROOT = Path(__file__).resolve().parents[2]
UNIT = Path("deploy", "systemd", "understudy-train@.service")
_RECIPE = {"recipe": "quick", "steps": 1_500, "units": 64, "layers": 1, "batch": 16, "sequence": 32, "seed": 5}
_SUBMIT = f"""
from trainer.contract.documents import sample_text
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.studies import services as studies
owner = User.objects.create_user("alice")
corpus = corpora.add_corpus(owner, "Text", [("text.txt", sample_text()[:20_000].encode())], False)
studies.submit(owner, corpus, {_RECIPE!r}, "Banquo")
"""
_STATE = """
SELECT j.state, j.attempt, j.lost_attempts, j.reason, s.step, s.checkpoint_step, s.started
FROM jobs_job j JOIN studies_study s ON s.id = j.study_id
"""
_ENOUGH = 200  # steps, after which the new version is brought


class Site:
    """A data folder, a broker, and the commands of one version after the other that work with them."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        self._broker, url = start_broker(folder / "broker")
        own = {"UNDERSTUDY_DATA": str(self.data), "REDIS_URL": url, "LOG_LEVEL": "INFO", "CUDA_VISIBLE_DEVICES": ""}
        own |= {"CHECKPOINT_SECONDS": "1", "SHARE_CHECKPOINT_SECONDS": "5", "MEASURE_SPEED": "false"}
        kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "UNDERSTUDY_WORK")}
        self._environment = {**kept, **own}
        self._log = folder / "worker.log"

    def close(self) -> None:
        self._broker.kill()
        self._broker.wait()

    def run(self, version: Path, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=version,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start_worker(self, version: Path) -> "subprocess.Popen[bytes]":
        """Start a version's worker with the command of its unit."""
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *_unit(version)["ExecStart"].replace("%i", "0").replace("%H", "here").split()[1:]],
                cwd=version,
                env=self._environment,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,
            )

    def state(self) -> dict[str, Any]:
        """Return the row of the training."""
        with contextlib.closing(sqlite3.connect(self.data / "understudy.sqlite3", timeout=20)) as base:
            base.row_factory = sqlite3.Row
            return dict(base.execute(_STATE).fetchone())

    def said(self) -> str:
        return f"{self.state()}\n{self._log.read_text(errors='replace')[-4000:]}"


def _unit(version: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(version / UNIT)
    return parser["Service"]


def main() -> None:
    parser = argparse.ArgumentParser("python -m tests.disasters.upgrade", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--before", metavar="COMMIT", help="the version before (that before the newest migration)")
    before = parser.parse_args().before or _before_the_newest_migration()
    with tempfile.TemporaryDirectory(prefix="understudy-upgrade-") as name, _checked_out(before, Path(name)) as old:
        site = Site(Path(name))
        try:
            upgrade(site, old)
        finally:
            site.close()


def upgrade(site: Site, old: Path) -> None:
    site.run(old, "-m", "webapp.launch.preparation")
    site.run(old, "manage.py", "shell", "--verbosity", "0", "-c", _SUBMIT)
    worker = site.start_worker(old)
    site.run(
        old, "manage.py", "shell", "--verbosity", "0", "-c", "from webapp.queue import wake_up; wake_up.send('train')"
    )
    wait_for(lambda: site.state()["step"] >= _ENOUGH, site.said)
    print(f"The version before trains: step {site.state()['step']} of {_RECIPE['steps']}.")
    seconds = _stop(worker, float(_unit(old)["TimeoutStopSec"]))
    stopped = site.state()
    assert (stopped["state"], stopped["lost_attempts"]) == ("queued", 0) and stopped["checkpoint_step"], site.said()
    print(
        f"Its worker ended {seconds:.1f} s after SIGTERM. The training waits, with step {stopped['checkpoint_step']}."
    )
    site.run(ROOT, "-m", "webapp.launch.preparation")
    worker = site.start_worker(ROOT)
    site.run(
        ROOT, "manage.py", "shell", "--verbosity", "0", "-c", "from webapp.queue import wake_up; wake_up.send('train')"
    )
    wait_for(lambda: site.state()["attempt"] == 2 and site.state()["step"] > stopped["checkpoint_step"], site.said)
    assert f'"step": {stopped["checkpoint_step"]},' in site.state()["started"], site.said()
    print(f"The new version went on from step {stopped['checkpoint_step']}.")
    wait_for(lambda: site.state()["state"] not in ("queued", "starting", "running"), site.said)
    end = site.state()
    assert (end["state"], end["step"], end["lost_attempts"]) == ("succeeded", _RECIPE["steps"], 0), site.said()
    _stop(worker, float(_unit(ROOT)["TimeoutStopSec"]))
    print(
        f"It {end['state']} at step {end['step']}, in attempt {end['attempt']}; lost attempts: {end['lost_attempts']}."
    )


def _stop(worker: "subprocess.Popen[bytes]", longest: float) -> float:
    """Stop a worker as systemd does with KillMode=mixed, and return how long it took."""
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    worker.wait(longest)
    return time.monotonic() - began


def _before_the_newest_migration() -> str:
    newest = _git("log", "-1", "--diff-filter=A", "--format=%H", "--", "webapp/*/migrations/*.py")
    return _git("rev-parse", f"{newest}^")


@contextlib.contextmanager
def _checked_out(commit: str, folder: Path) -> Iterator[Path]:
    """Check a version out, with this checkout's packages of the browser."""
    place = folder / "before"
    _git("worktree", "add", "--detach", str(place), commit)
    try:
        print(f"The version before is {_git('log', '-1', '--format=%h %s', commit)}.")
        (place / "node_modules").symlink_to(ROOT / "node_modules")
        yield place
    finally:
        _git("worktree", "remove", "--force", str(place))


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {shlex.join(words)}: {done.stderr}"
    return done.stdout.strip()


if __name__ == "__main__":
    main()
