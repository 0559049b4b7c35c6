"""Random requests of schemathesis, by the interface's own description: none of them makes an error of the server's.

It prints which share of the requests to each operation was answered by 2xx (`-s` shows it).
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from tests.support import model_files
from tests.support.api import LINK_KEY, Owned, one_of_everything
from webapp.accounts.models import User
from webapp.groups.models import Group
from webapp.queue.models import Job, Kind, State
from webapp.wsgi import application

pytestmark = pytest.mark.django_db
_EXAMPLES = int(os.environ.get("API_EXAMPLES", "8"))  # of each operation
_FEW = settings(
    max_examples=_EXAMPLES,
    phases=[Phase.generate],
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
_NUMBERS = {"corpus": "corpus", "base": "model", "model": "model", "goes_on_from": "passage"}


@pytest.fixture
def owned(alice: User) -> Iterator[Owned]:
    """One of everything of alice. A request leaves the connection to the database open, as with Django's client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield one_of_everything(alice)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _aimed(case: Any, owned: Owned, number: int) -> None:
    """Let two of three requests name and send what is there: random numbers and files never would."""
    if number % 3 == 0:
        return
    parameters = case.path_parameters or {}
    if "pk" in parameters:
        parameters["pk"] = owned.of(case.path)
    known = {"number": _numbered(case.path, owned), "document": owned.document, "member": owned.member}
    parameters |= {name: found for name, found in known.items() if name in parameters}
    for given_names in (case.body, case.query):
        if isinstance(given_names, dict):
            named = {name: getattr(owned, kind) for name, kind in _NUMBERS.items() if given_names.get(name) is not None}
            given_names |= named
            if "models" in given_names:
                given_names["models"] = [owned.model, owned.other_model]
            if "held" in given_names:
                given_names["held"] = [{"layer": 1, "unit": number, "value": 0.5}]
            if "thing" in given_names:
                given_names |= {"kind": "corpus", "thing": owned.corpus}
            if "key" in given_names:
                given_names["key"] = LINK_KEY
            if "voices" in given_names:
                given_names["voices"] = {}  # the model has none
            if "sha256" in given_names:
                given_names |= {"sha256": owned.sha256, "start": 0, "end": number}
    if case.path.endswith("/models/compared"):
        case.query["model"] = [owned.model, owned.other_model]
    elif case.path.endswith("/models/upload"):
        case.body["archive"] = model_files.archive(model_files.files())
    elif case.path.endswith("/documents") and case.method == "POST":
        case.body = {"pasted": "A text to add. " * number}
    elif case.path.endswith("/leave"):  # its owner can't
        Group.objects.filter(pk=owned.group).update(owner=User.objects.get(username="macduff"))
    elif case.path.endswith("/take"):
        case.body = {"documents": [owned.document]}
    elif case.path.endswith("/resume"):
        Job.objects.filter(study=owned.model, kind=Kind.TRAIN).update(state=State.CANCELLED)
    elif "/uploads/" in case.path and case.method == "DELETE":
        Job.objects.filter(extraction=owned.upload).update(state=State.FAILED)


def _numbered(path: str, owned: Owned) -> int:
    """Return the second number of a path: of a share or a link of a group, or the first of a list."""
    return owned.share if "/shares/" in path else owned.link if "/links/" in path else 0


def _whole(environ: Any, start_response: Any) -> Iterator[bytes]:
    """Answer as the site does, and close what belongs to the answer, as a web server does."""
    answer = application(environ, start_response)
    try:
        yield from [b"".join(answer)]
    finally:
        answer.close()


def test_no_request_is_an_error_of_the_servers(owned: Owned) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", _whole)
    answers: dict[str, Counter[int]] = defaultdict(Counter)
    found: Any
    for found in schema.get_all_operations():
        _ask(found.ok(), owned, answers)
    print(_table(answers))
    assert not [label for label, found in answers.items() if not _share(found)]


def _ask(operation: Any, owned: Owned, answers: dict[str, Counter[int]]) -> None:
    """Send random requests to one operation, and count the statuses of their answers."""

    @settings(_FEW)
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        with transaction.atomic():  # what it changes is as before for the next one
            _aimed(case, owned, answers[operation.label].total())
            response = case.call(headers=owned.headers)
            transaction.set_rollback(True)
        answers[operation.label][response.status_code] += 1
        case.validate_response(response, checks=[not_a_server_error])

    ask()


def _share(found: Counter[int]) -> float:
    return sum(count for status, count in found.items() if 200 <= status < 300) / found.total()


def _table(answers: dict[str, Counter[int]]) -> str:
    lines = [f"{_share(found):4.0%}  {label}  {dict(found)}" for label, found in sorted(answers.items())]
    return "\n".join(["share of 2xx answers of each operation", *lines])
