"""Writing a passage again: the same request, the expected result, and the real one."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.support.factory import a_model, a_request
from webapp.accounts.models import User
from webapp.passages.models import Passage
from webapp.queue.models import Job, Kind, State
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db
SETTINGS: dict[str, Any] = {"length": 300, "unit": "words", "temperature": 0.5, "top_k": 40}
SETTINGS |= {"top_p": 0.9, "penalty": 0.7, "seed": 11}


@pytest.fixture
def sixth(client: Client, alice: User) -> Passage:
    """Return a written passage, the sixth of eight."""
    client.force_login(alice)
    job = a_request(alice, passages=8, **SETTINGS)
    job.passages.update(text="brief candle", complete=True)
    Job.objects.filter(pk=job.pk).update(state=State.SUCCEEDED)
    return job.passages.get(index=5)


def again(client: Client, passage: Passage, **fields: str) -> Any:
    return client.post(f"/passages/{passage.pk}/again/", fields)


def said(client: Client, passage: Passage) -> str:
    return str(client.get(passage.get_absolute_url()).content.decode())


def written_again(client: Client, passage: Passage, **fields: Any) -> str:
    """Write it again as a worker does, and return what its page says."""
    again(client, passage)
    copy = Passage.objects.get(again_of=passage)
    Passage.objects.filter(pk=copy.pk).update(**{"text": "brief candle", "complete": True, **fields})
    return said(client, copy)


def test_the_same_is_asked_for_with_its_own_number_and_the_desk_shows_it(client: Client, sixth: Passage) -> None:
    response = again(client, sixth)
    job = Job.objects.filter(kind=Kind.WRITE).latest("pk")
    copy = job.passages.get()
    assert response["Location"] == f"/passages/write/{sixth.study_id}/?request={job.pk}"
    assert (copy.index, copy.prompt, copy.again_of) == (5, "Out, ", sixth)
    assert {name: getattr(copy, name) for name in SETTINGS} == SETTINGS
    assert f'data-passage="{copy.pk}"' in client.get(response["Location"]).content.decode()


def test_a_double_click_writes_once(client: Client, sixth: Passage) -> None:
    number = str(uuid4())
    first, second = (again(client, sixth, submission=number) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Passage.objects.filter(again_of=sixth).count() == 1
    again(client, sixth, submission="no number")
    assert Passage.objects.filter(again_of=sixth).count() == 2


def test_the_button_has_a_number_of_its_own_each_time(client: Client, sixth: Passage) -> None:
    first, second = (client.get(sixth.get_absolute_url()) for _ in range(2))
    assert first.context["again"]["submission"].value() != second.context["again"]["submission"].value()
    assert "no-store" in first["Cache-Control"]


def test_what_is_to_be_expected_is_said_before(client: Client, sixth: Passage) -> None:
    assert "expect the same text, letter for letter" in said(client, sixth)
    Job.objects.filter(kind=Kind.TRAIN).update(state=State.RUNNING)
    assert "The model is being trained: once it has learned more, expect another text." in said(client, sixth)
    Study.objects.update(model_sha256="cd" * 32)
    assert "The model has learned since this was written: expect another text." in said(client, sixth)


def test_the_same_text_says_that_it_is_and_leads_to_the_first(client: Client, sixth: Passage) -> None:
    page = written_again(client, sixth)
    assert f'<a href="{sixth.get_absolute_url()}">' in page
    assert "The same, letter for letter." in page
    assert "letter for letter." not in said(client, sixth).replace("expect the same text, letter for letter.", "")


def test_another_text_says_why(client: Client, sixth: Passage) -> None:
    assert "the model has learned in between" in written_again(client, sixth, text="x", model_sha256="cd" * 32)
    Passage.objects.filter(again_of=sixth).delete()
    assert "another machine or version" in written_again(client, sixth, text="brief candles")


def test_nothing_is_said_while_it_is_being_written(client: Client, sixth: Passage) -> None:
    page = written_again(client, sixth, complete=False)
    assert ", written again." in page and "The same" not in page and "Another text" not in page


def test_half_a_passage_that_is_written_again_is_compared_as_far_as_it_goes(client: Client, sixth: Passage) -> None:
    Passage.objects.filter(pk=sixth.pk).update(text="brief", complete=False)
    assert "The same as far as that one goes" in written_again(client, sixth)


def test_a_passage_outlives_the_one_that_it_was_written_again_of(client: Client, sixth: Passage) -> None:
    written_again(client, sixth)
    copy = Passage.objects.get(again_of=sixth)
    client.post(f"/passages/{sixth.pk}/delete/")
    assert "written again" not in said(client, copy)


def test_another_model_writes_nothing_of_it(client: Client, sixth: Passage, bob: User) -> None:
    a_model(bob)
    client.force_login(bob)
    assert again(client, sixth).status_code == 404
    assert not Passage.objects.filter(again_of=sixth).exists()
