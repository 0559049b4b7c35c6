"""The page that looks inside a model while it reads: asking, waiting, arrays as bytes, a table, numbers as CSV."""

import struct
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.support.factory import LOOKED_AT, a_look, a_model, a_request, begin
from webapp import files
from webapp.account_deletion import services as accounts
from webapp.accounts import limits
from webapp.accounts.models import User
from webapp.inside import services
from webapp.inside.models import Look, LookKind
from webapp.inside.parts import named
from webapp.inside.services import Wanted
from webapp.inside.views.looks import _figure
from webapp.queue.models import Job, Kind, State
from webapp.studies import services as studies
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(client: Client, alice: User) -> Study:
    client.force_login(alice)
    return a_model(alice)


def ask(client: Client, study: Study, text: str = LOOKED_AT) -> str:
    return str(client.post(f"/models/{study.pk}/inside/", {"text": text})["Location"])


def test_a_text_is_looked_at_once_however_often_it_is_asked_for(client: Client, study: Study) -> None:
    assert ask(client, study) == ask(client, study)
    look = Look.objects.get()
    assert (look.text, look.kind, look.job and look.job.kind) == (LOOKED_AT, LookKind.GATES, Kind.LOOK)
    assert ask(client, study, "another") != ask(client, study)


def test_one_that_was_made_is_shown_at_once_until_the_model_has_learned_more(client: Client, study: Study) -> None:
    look = a_look(study.owner, study)
    assert ask(client, study).endswith(f"?look={look.pk}")
    assert not Job.objects.filter(kind=Kind.LOOK, state=State.QUEUED).exists()
    Study.objects.update(model_sha256="cd" * 32)
    assert not ask(client, study).endswith(f"?look={look.pk}")


def test_one_that_failed_says_so_and_is_tried_again(client: Client, study: Study) -> None:
    address = ask(client, study)
    begin(study, Kind.LOOK).move("fail", reason="It is too long.")
    assert "It could not be looked at. It is too long." in client.get(address).content.decode()
    assert ask(client, study) != address


def test_the_page_waits_and_says_for_what(client: Client, study: Study) -> None:
    page = client.get(ask(client, study)).content.decode()
    look = Look.objects.get()
    assert f'data-viewer="/looks/{look.pk}/"' in page and 'data-poll="150"' in page
    state = client.get(f"/looks/{look.pk}/").json()
    assert state.pop("seen") and state == {
        "over": False,
        "ready": False,
        "sentence": "Waiting for the process that looks inside.",
    }


def test_the_state_names_each_array_and_its_limits(client: Client, study: Study) -> None:
    state = client.get(f"/looks/{a_look(study.owner, study).pk}/").json()
    assert state["ready"] and state["symbols"] == list(LOOKED_AT)
    forget, cell = state["arrays"][:2]
    assert (forget["label"], forget["low"], forget["high"]) == ("forget gate", 0, 1)
    assert (cell["label"], cell["low"], cell["shape"]) == ("cell state", None, [len(LOOKED_AT), 3])


def test_an_array_travels_as_bytes(client: Client, study: Study) -> None:
    look = a_look(study.owner, study)
    response = client.get(f"/looks/{look.pk}/arrays/1/")
    assert response["Content-Type"] == "application/octet-stream"
    size = 3 * len(LOOKED_AT)
    assert struct.unpack(f"<{size}f", response.content) == tuple(range(size, 2 * size))
    assert client.get(f"/looks/{look.pk}/arrays/8/").status_code == 404


def test_the_table_has_all_values_at_one_symbol(client: Client, study: Study) -> None:
    look = a_look(study.owner, study)
    page = client.get(f"/looks/{look.pk}/table/?at=2&layer=1")
    start = 3 * len(LOOKED_AT)
    forget, cell, hidden = ([f"{3 * start + start * part + 6 + unit:.3f}" for unit in range(3)] for part in range(3))
    assert page.context["rows"] == [(n, values) for n, values in enumerate(zip(forget, cell, hidden, strict=True), 1)]
    assert page.context["symbol"] == "t" and "layer=0" in page.content.decode()
    assert client.get(f"/looks/{look.pk}/table/?layer=7").status_code == 404


def test_blanks_and_small_values_can_be_read() -> None:
    symbols = [named(symbol) for symbol in (" ", 48 * " ", "\n", "\n\n", "e")]
    assert symbols == ["blank", "48 blanks", "line break", "⏎⏎", "e"]
    assert [_figure(value) for value in (-0.0001, -0.25, 1)] == ["0.000", "−0.250", "1.000"]


def test_numbers_are_sent_as_csv(client: Client, study: Study) -> None:
    look = a_look(study.owner, study)
    response = client.get(f"/looks/{look.pk}/arrays/0/csv/")
    lines = response.getvalue().decode().splitlines()
    assert lines[:2] == ["number,symbol,unit 1,unit 2,unit 3", "1,O,0,1,2"]
    assert 'filename="banquo-forget-layer-1.csv"' in response["Content-Disposition"]
    response = client.get(f"/looks/{look.pk}/next/csv/")
    first = 18 * len(LOOKED_AT)  # the ids stand behind two layers of three parts, the probabilities behind these
    lines = response.getvalue().decode().split("\r\n")
    assert lines[:3] == [
        "number,symbol,rank,next,probability", f"1,O,1,x,{first + 2 * len(LOOKED_AT)}",
        f"1,O,2,x,{first + 2 * len(LOOKED_AT) + 1}",
    ]  # fmt: skip
    assert len(lines) == 1 + 2 * len(LOOKED_AT) + 1


def test_a_passage_can_be_looked_at(client: Client, study: Study) -> None:
    passage = a_request(study.owner, study).passages.get()
    passage.text = "brief candle"
    passage.save()
    link = f"/models/{study.pk}/inside/?passage={passage.pk}"
    assert link in client.get(passage.get_absolute_url()).content.decode()
    assert "Out, brief candle</textarea>" in client.get(link).content.decode()


def test_the_text_has_a_limit(client: Client, study: Study) -> None:
    refused = client.post(f"/models/{study.pk}/inside/", {"text": "x" * 2_001})
    assert refused.status_code == 422 and "it has 2001" in refused.content.decode()
    assert "maxlength" not in str(refused.context["form"]["text"]), "a browser would cut the text without a word"
    assert not Look.objects.exists()


def test_looks_count_in_the_quota_and_the_oldest_go(client: Client, study: Study) -> None:
    first = a_look(study.owner, study)
    assert limits.stored_bytes(study.owner) == _without_looks(study.owner) + first.bytes
    for number in range(12):
        services.look(study.owner, study, Wanted(LookKind.GATES, f"text {number}"))
        begin(study, Kind.LOOK).move("succeed")
    services.look(study.owner, study, Wanted(LookKind.GATES, "one more"))
    assert not Look.objects.filter(pk=first.pk).exists() and Look.objects.count() == 12


def _without_looks(owner: User) -> int:
    before = Look.objects.values_list("pk", "bytes")
    Look.objects.update(bytes=0)
    size = limits.stored_bytes(owner)
    for pk, count in list(before):
        Look.objects.filter(pk=pk).update(bytes=count)
    return size


def test_a_deleted_account_takes_its_looks_along(
    study: Study, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    a_look(study.owner, study)
    with django_capture_on_commit_callbacks(execute=True):
        accounts.delete(study.owner)
    assert not Look.objects.exists() and not files.keys(f"{study.prefix}/inside")


def test_a_deleted_study_takes_its_looks_along(client: Client, study: Study) -> None:
    look = a_look(study.owner, study)
    assert files.keys(f"{study.prefix}/inside")
    studies.delete(study)
    studies.purge_deleted()
    assert not Look.objects.filter(pk=look.pk).exists() and not files.keys(f"{study.prefix}/inside")
