"""The interface for programs, in groups: who may do what, and what members may do with what is shared."""

from typing import Any

import pytest

from tests.support.api import LINK_KEY, Owned, Program
from webapp.accounts import tokens
from webapp.accounts.models import User
from webapp.groups.models import Group
from webapp.inside.models import Course, Look
from webapp.passages.models import Passage

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(bob: User, owned: Owned) -> Program:
    """A program of bob's, who has joined the group."""
    _token, secret = tokens.make(bob, "Bob's", False)
    joined = Program(secret)
    assert joined.ask("POST", "/groups/join", {"key": LINK_KEY}).json()["members"] == 3
    return joined


def statuses(program: Program, *asked: tuple[str, str, Any]) -> list[int]:
    answers = [program.ask(*one) for one in asked]
    for answer in answers:
        if answer.streaming:
            answer.getvalue()  # otherwise its file stays open
    return [answer.status_code for answer in answers]


def test_a_group_is_made_by_a_program_and_others_come_in(program: Program, bob: User) -> None:
    group = program.ask("POST", "/groups", {"name": "4b"}).json()
    assert (group["mine"], group["members"], group["owner"]) == (True, 1, "alice")
    link = program.ask("POST", f"/groups/{group['id']}/links", {"places": 1}).json()
    assert link["link"].endswith(f"/groups/join/{link['key']}/") and link["used"] == 0
    _token, secret = tokens.make(bob, "Bob's", False)
    assert Program(secret).ask("POST", "/groups/join", {"key": link["key"]}).json()["mine"] is False
    names = [one["name"] for one in program.ask("GET", f"/groups/{group['id']}/members").json()["items"]]
    assert names == ["alice", "bob"]
    assert program.ask("GET", f"/groups/{group['id']}/links").json()["count"] == 0  # its place is taken
    assert program.ask("POST", f"/groups/{group['id']}/leave").status_code == 409
    assert program.ask("POST", "/groups/join", {"key": "no such key"}).status_code == 404


def test_members_leave_and_only_its_owner_changes_a_group(owned: Owned, member: Program, bob: User) -> None:
    place = f"/groups/{owned.group}"
    refused = [
        ("POST", f"{place}/links", {}),
        ("GET", f"{place}/links", None),
        ("DELETE", f"{place}/links/{owned.link}", None),
        ("DELETE", f"{place}/members/{owned.member}", None),
        ("DELETE", f"{place}/shares/{owned.share}", None),
        ("DELETE", place, None),
        ("POST", f"{place}/shares", {"kind": "corpus", "thing": owned.corpus}),
    ]
    assert statuses(member, *refused) == [404] * len(refused)
    assert member.ask("POST", f"{place}/leave").status_code == 204
    assert member.ask("GET", place).status_code == 404
    assert not Group.objects.get(pk=owned.group).memberships.filter(person=bob).exists()


@pytest.mark.parametrize("may_edit", [False, True])
def test_members_do_with_a_shared_corpus_what_was_said(
    owned: Owned, program: Program, member: Program, may_edit: bool
) -> None:
    place, document = f"/corpora/{owned.corpus}", f"/documents/{owned.document}"
    reading: list[tuple[str, str, Any]] = [
        *(("GET", f"{place}{rest}", None) for rest in ("", "/documents", "/download")),
        *(("GET", f"{document}{rest}", None) for rest in ("", "/text", "/original")),
        ("GET", f"/recipes?corpus={owned.corpus}", None),
    ]
    editing: list[tuple[str, str, Any]] = [
        ("PATCH", place, {"name": "Ours"}),
        ("GET", f"{place}/doctor", None),
        ("POST", f"{place}/doctor/look", None),
        ("GET", f"{document}/doctor", None),
        ("PATCH", f"{place}/documents/{owned.document}", {"weight": 2.0}),
    ]
    own = [("DELETE", place, None), ("DELETE", document, None), ("POST", f"{place}/documents/take", {"documents": [1]})]
    assert set(statuses(member, *reading, *editing, *own)) == {404}
    wanted = {"kind": "corpus", "thing": owned.corpus, "may_edit": may_edit}
    assert program.ask("POST", f"/groups/{owned.group}/shares", wanted).json()["may_edit"] is may_edit
    assert set(statuses(member, *reading)) == {200}
    assert {code < 300 for code in statuses(member, *editing)} == {may_edit}
    assert set(statuses(member, *own)) == {404}
    (listed,) = member.ask("GET", "/corpora").json()["items"]
    assert listed["owner"] == "alice"


def test_a_member_looks_inside_a_shared_model_and_sees_no_looks_of_others(
    owned: Owned, member: Program, bob: User
) -> None:
    place = f"/models/{owned.model}"
    look = member.ask("POST", f"{place}/looks", {"kind": "gates", "text": "Out, out"}).json()
    made = Look.objects.get(pk=look["id"])
    assert (made.owner, made.job and made.job.owner) == (bob, bob)
    assert [one["id"] for one in member.ask("GET", f"{place}/looks").json()["items"]] == [look["id"]]
    assert member.ask("GET", f"/looks/{owned.look}").status_code == 404
    course = member.ask("POST", f"{place}/course", {"text": "Out, damned spot"}).json()
    assert course["gates"]["text"] == "Out, damned spot" and course["link"] == ""
    assert member.ask("POST", f"{place}/course/share").status_code == 404
    member.ask("POST", f"{place}/touch", {"held": [{"unit": 2}], "length": 20})
    assert {passage.owner for passage in Passage.objects.exclude(pk=owned.passage)} == {bob}


def test_looks_of_a_member_end_with_the_share(
    owned: Owned, program: Program, member: Program, bob: User, alice: User
) -> None:
    place = f"/models/{owned.model}"
    member.ask("POST", f"{place}/course", {"text": "Out, damned spot"})
    program.ask("POST", f"{place}/course", {"text": "Out, out"})
    assert Look.objects.filter(owner=bob).count() == 2 and Course.objects.count() == 2
    assert program.ask("DELETE", f"/groups/{owned.group}/shares/{owned.share}").status_code == 204
    assert not Look.objects.filter(owner=bob).exists() and Course.objects.get().owner == alice
    assert Look.objects.filter(owner=alice).count() == 3
