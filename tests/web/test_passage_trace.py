"""The trace of a passage: the model's probabilities are stored, and loaded when the page needs them."""

import json

import pytest
from django.test import Client

from tests.support.factory import a_request
from webapp.accounts.models import User
from webapp.passages import traces
from webapp.passages.models import Passage, Trace

pytestmark = pytest.mark.django_db
SYMBOLS = [[1, 0.5, [["e", 0.25], ["é", 0.125]]], [2, 3.25, [["👩‍🚀", 0.5]]]]


@pytest.fixture
def passage(client: Client, alice: User) -> Passage:
    client.force_login(alice)
    return a_request(alice).passages.get()


def test_what_was_packed_comes_back(client: Client, passage: Passage) -> None:
    Trace.objects.create(passage=passage, data=traces.pack(SYMBOLS))
    assert client.get(f"/passages/{passage.pk}/trace/").json() == {"symbols": SYMBOLS}


def test_a_passage_without_a_trace_has_no_symbols(client: Client, passage: Passage) -> None:
    assert client.get(f"/passages/{passage.pk}/trace/").json() == {"symbols": []}


def test_a_trace_is_packed_as_it_comes(client: Client, passage: Passage) -> None:
    packer = traces.Packer()
    for symbol in SYMBOLS:
        packer.add([symbol])
        packer.add([])
    assert json.loads(traces.as_json(packer.packed())) == SYMBOLS
    assert json.loads(traces.as_json(traces.Packer().packed())) == []


@pytest.mark.parametrize(
    ("text", "circles"),
    [
        ("the world of the " * 40, True),
        ("a" * 500, True),
        ("\n" * 500, False),  # blanks have a notice of another kind
        ("so so so", False),
        ("He said. " + "and the " * 8, True),
        ("".join(f"Verse of a song, line {n}.\n" for n in range(8)) * 12, True),
        ("Once upon a time " + "and then the " * 60 + "an", True),
        ("".join(f"line {n} of a list\n" for n in range(60)), False),
    ],
)
def test_a_text_that_goes_in_circles_is_told_from_one_that_does_not(text: str, circles: bool) -> None:
    assert Passage(text=text).goes_in_circles is circles
