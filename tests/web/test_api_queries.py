"""The number of database queries of each operation that reads: fixed, and the same however much somebody has."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.api import Owned, one_of_everything
from tests.support.plenty import much_more
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db
#: one of them reads the token and its owner
QUERIES = {
    "/account": 4,
    "/corpora": 4,
    "/corpora/{pk}": 4,
    "/corpora/{pk}/doctor": 4,
    "/corpora/{pk}/documents": 6,
    "/documents/{pk}": 4,
    "/documents/{pk}/doctor": 4,
    "/documents/{pk}/encoding": 3,
    "/documents/{pk}/text": 3,
    "/groups": 4,
    "/groups/{pk}": 5,
    "/groups/{pk}/links": 5,
    "/groups/{pk}/members": 5,
    "/groups/{pk}/shares": 5,
    "/looks/{pk}": 3,
    "/models": 12,
    "/models/compared": 5,
    "/models/{pk}": 4,
    "/models/{pk}/changes": 4,
    "/models/{pk}/course": 4,
    "/models/{pk}/history": 4,
    "/models/{pk}/looks": 5,
    "/models/{pk}/opening": 3,
    "/models/{pk}/samples": 5,
    "/passages": 4,
    "/passages/{pk}": 3,
    "/passages/{pk}/trace": 4,
    "/recipes": 6,
    "/requests/{pk}": 4,
    "/uploads": 7,
    "/uploads/{pk}": 6,
}


def counted(client: Client, owned: Owned) -> dict[str, int]:
    """Return the queries of each operation that reads, but for those that send files and streams."""
    found = {}
    doctor = f"/api/v1/corpora/{owned.corpus}/doctor"
    client.get(doctor, headers=owned.headers)  # after a first look it is asked whether the texts are still there
    for path, methods in client.get("/api/v1/openapi.json").json()["paths"].items():
        if "get" not in methods or "{number}" in path or path.endswith(("/events", "/download", "/original")):
            continue
        query = {"model": [owned.model, owned.other_model]} if path.endswith("/compared") else {"corpus": owned.corpus}
        with CaptureQueriesContext(connection) as queries:
            response = client.get(path.replace("{pk}", str(owned.of(path))), query, headers=owned.headers)
        assert response.status_code == 200, path
        found[path.removeprefix("/api/v1")] = len(queries)
    return found


def test_each_operation_has_its_number_of_queries_however_much_there_is(client: Client, alice: User) -> None:
    owned = one_of_everything(alice)
    much_more(alice, owned.corpus, owned.model, owned.group)
    assert counted(client, owned) == QUERIES
    much_more(alice, owned.corpus, owned.model, owned.group)
    assert counted(client, owned) == QUERIES
