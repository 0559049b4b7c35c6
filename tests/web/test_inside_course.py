"""The course: its pictures, its link for anybody until that is taken back, and a model of the sample."""

import re
from html import unescape

import pytest
from django.test import Client

from tests.support.factory import LOOKED_AT, MEMORY, a_look, a_model, a_study
from tests.web.test_every_url_is_the_owners import without_token
from webapp.accounts.models import User
from webapp.inside.models import Course, Look, LookKind
from webapp.queue.models import Job, Kind
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(client: Client, alice: User) -> Study:
    client.force_login(alice)
    return a_model(alice)


@pytest.fixture
def visitor() -> Client:
    """Return the client of somebody who is not logged in."""
    return Client()


def drawn(study: Study) -> Course:
    """Return a course whose pictures are there."""
    gates = a_look(study.owner, study)
    memory = Look.objects.create(
        owner=study.owner, study=study, kind=LookKind.MEMORY, result=MEMORY, model_sha256=study.model_sha256
    )
    return Course.objects.create(owner=study.owner, study=study, gates=gates, memory=memory)


def share(client: Client, study: Study) -> str:
    client.post(f"/models/{study.pk}/inside/course/share/")
    key = Course.objects.get(study=study).share_key
    assert key and len(key) == 43
    return f"/shared/course/{key}/"


def test_its_chapters_can_be_read_before_there_is_anything_to_see(client: Client, alice: User) -> None:
    client.force_login(alice)
    page = client.get(f"/models/{a_study(alice).pk}/inside/course/").content.decode()
    assert page.count('<section class="chapter"') == 7 and page.count('<math display="block">') == 7
    assert page.count("Try it.") == 7 and "The pictures come when the model has learned something" in page


def test_a_model_of_windows_is_told_what_differs(client: Client, alice: User, visitor: Client) -> None:
    client.force_login(alice)
    tutorial, other = a_model(alice, recipe="tutorial"), a_model(alice)
    page = client.get(f"/models/{tutorial.pk}/inside/course/").content.decode()
    assert page.count("In this model") == 4 and 'data-window="50"' in page
    assert "one number from 0 to 1" in page and "a table of learned numbers" not in page
    assert len(unescape(re.findall(r"<textarea[^>]*>\n([^<]*)", page)[0])) <= 50
    drawn(tutorial)
    shown = visitor.get(share(client, tutorial)).content.decode()
    assert shown.count("In this model") == 4
    usual = client.get(f"/models/{other.pk}/inside/course/").content.decode()
    assert "In this model" not in usual and "a table of learned numbers" in usual


def test_drawing_asks_for_two_looks_and_drawing_again_for_the_new_line(client: Client, study: Study) -> None:
    address = f"/models/{study.pk}/inside/course/"
    assert client.post(address, {"text": "Out, out"})["Location"] == address
    course = Course.objects.get()
    assert course.gates and course.memory
    assert (course.gates.text, course.memory.kind) == ("Out, out", LookKind.MEMORY)
    client.post(address, {"text": "brief candle"})
    assert [look.kind for look in Look.objects.order_by("pk")] == ["gates", "memory", "gates"]
    assert client.post(address, {"text": "x" * 161}).status_code == 422


def test_the_page_shows_the_models_own_pictures(client: Client, study: Study) -> None:
    course = drawn(study)
    page = client.get(f"/models/{study.pk}/inside/course/").content.decode()
    assert course.gates and f'data-viewer="/looks/{course.gates.pk}/"' in page
    assert "<polyline" in page and "The memory of Banquo" in page


def test_whoever_has_the_link_sees_course_and_pictures(client: Client, study: Study, visitor: Client) -> None:
    drawn(study)
    link = share(client, study)
    page = visitor.get(link).content.decode()
    assert page.count('<section class="chapter"') == 7 and "<polyline" in page
    state = visitor.get(f"{link}look/").json()
    assert state["text"] == LOOKED_AT and state["address"] == f"{link}arrays/"
    assert len(visitor.get(f"{link}arrays/0/").content) == 4 * 3 * len(LOOKED_AT)


def test_nothing_leads_from_it_to_anything_of_its_owner(client: Client, study: Study, visitor: Client) -> None:
    drawn(study)
    response = visitor.get(share(client, study))
    page = response.content.decode()
    links = re.findall(r'(?:href|src|action)="([^"]+)"', page)
    assert all(link.startswith(("/static/", "#")) for link in links)
    for secret in ("alice", "Macbeth", "macbeth.txt", "/models/", "/looks/", "ab" * 6, "<form", "csrf"):
        assert secret not in page
    assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("no-referrer", "noindex")
    assert not response.cookies


def test_a_link_that_was_taken_back_is_like_one_that_never_was(client: Client, study: Study, visitor: Client) -> None:
    drawn(study)
    link = share(client, study)
    client.post(f"/models/{study.pk}/inside/course/unshare/")
    for part in ("", "look/", "arrays/0/"):
        gone, never = visitor.get(link + part), visitor.get(f"/shared/course/{'x' * 43}/{part}")
        assert gone.status_code == never.status_code == 404
        assert without_token(gone) == without_token(never)
    assert share(client, study) != link


def test_looks_that_a_course_shows_are_kept(client: Client, study: Study) -> None:
    course = drawn(study)
    for number in range(14):
        client.post(f"/models/{study.pk}/inside/", {"text": f"text {number}"})
        Look.objects.filter(result__isnull=True).update(result={"symbols": []})
    assert course.gates and Look.objects.filter(pk=course.gates.pk).exists()
    assert Look.objects.filter(kind="gates").count() == 13


def test_the_sample_gets_a_model_once(client: Client, alice: User) -> None:
    client.force_login(alice)
    first = client.post("/course/sample/")["Location"]
    assert client.post("/course/sample/")["Location"] == first
    study = Study.objects.get()
    assert first == f"/models/{study.pk}/inside/course/" and study.corpus and study.corpus.is_sample
    assert Job.objects.filter(kind=Kind.TRAIN).count() == 1
