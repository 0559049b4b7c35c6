"""The servers that the tests use, a broker and PostgreSQL: both are real."""

import re
import sys

import redis
from django.conf import settings
from django.core.cache import cache

from tests.support.environment import run

ON_POSTGRES = {  # the files whose tests are marked with `sql`
    "web": (
        *("corpus", "corpus_places", "limits", "study_control", "passage_list", "passage_search", "passage_write"),
        *("operator", "second_factor"),
    ),
    "workers": ("claims_at_once", "fair_queue", "gpu_claims", "transitions"),
}


def test_the_broker_answers_and_keeps_the_cache() -> None:
    client = redis.Redis.from_url(settings.REDIS_URL)
    assert client.info("server")["redis_version"] >= "7"
    cache.set("a-limit", 5, timeout=60)
    assert cache.get("a-limit") == 5
    assert client.ttl(cache.make_key("a-limit")) > 0
    client.close()


def test_a_broker_lets_nobody_in_without_the_password() -> None:
    without = re.sub(r"//.*@", "//", settings.REDIS_URL)
    client = redis.Redis.from_url(without)
    try:
        client.ping()
    except redis.AuthenticationError:
        return
    finally:
        client.close()
    raise AssertionError("it answered")


def test_postgresql_behaves_as_sqlite_does(postgres_url: str) -> None:
    files = [f"tests/{folder}/test_{name}.py" for folder, names in ON_POSTGRES.items() for name in names]
    done = run(sys.executable, "-m", "pytest", "-m", "sql", *files, DATABASE_URL=postgres_url)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


def test_migrations_run_on_postgresql(postgres_url: str) -> None:
    done = run(sys.executable, "manage.py", "migrate", DATABASE_URL=postgres_url)
    assert done.returncode == 0, done.stderr
    look = "from django.db import connection; print(connection.vendor, connection.introspection.table_names())"
    done = run(sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", look, DATABASE_URL=postgres_url)
    assert done.stdout.startswith("postgresql [")
    assert "jobs_job" in done.stdout, done.stdout + done.stderr
