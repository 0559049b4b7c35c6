"""The connection to PostgreSQL: it is checked without a query, and a lost one is replaced before it is used."""

import select
from collections.abc import Iterator
from typing import Any

import environ
import psycopg
import pytest
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker


@pytest.fixture
def connection(postgres_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
    settings = {**environ.Env.db_url_config(postgres_url), "ENGINE": "webapp.postgresql"}
    handler = ConnectionHandler({"default": settings | {"CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": None}})
    with django_db_blocker.unblock():  # it is another database than that of the tests
        yield handler["default"]
        handler.close_all()


@pytest.fixture
def asked(connection: Any, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """The answers that the server gave when it was asked whether a connection is there."""
    answers = []

    def is_usable() -> bool:
        answers.append(bool(DatabaseWrapper.is_usable(connection)))
        return answers[-1]

    monkeypatch.setattr(connection, "is_usable", is_usable)
    return answers


def server_process(connection: Any) -> int:
    """Begin a request as Django does, and return the number of the server's process that answers it."""
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_request_after_another_asks_nothing(connection: Any, asked: list[bool]) -> None:
    assert len({server_process(connection) for _ in range(3)}) == 1
    assert asked == []


def test_a_connection_that_was_not_asked_for_a_while_is_asked_once(
    connection: Any, asked: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = server_process(connection)
    monkeypatch.setattr(connection, "_next_question", 0.0)
    assert {server_process(connection) for _ in range(2)} == {first}
    assert asked == [True]


def test_a_connection_that_the_server_has_ended_is_replaced(
    connection: Any, asked: list[bool], postgres_url: str
) -> None:
    before = server_process(connection)
    with psycopg.connect(postgres_url) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [before])
    select.select([connection.connection], [], [])  # until the news of it is here
    assert server_process(connection) != before
    assert asked == [False]
