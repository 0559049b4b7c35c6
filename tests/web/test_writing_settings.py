"""The form that asks for passages has the limits of the trainer's table, on the page and on the server."""

import re
import threading
from html import unescape
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.utils.text import capfirst

from tests.support.factory import a_mixed_model, a_request
from trainer.contract.writing_settings import SAMPLING, SETTINGS
from webapp.accounts.models import User
from webapp.passages import downloads
from webapp.passages.forms import WriteForm
from webapp.passages.models import Passage
from webapp.queue.models import Job, Kind
from webapp.workers.writing import Writer

pytestmark = pytest.mark.django_db

#: settings for which the form has no field, and why
NOT_IN_THE_FORM = {
    "first": "decided by the site: a passage that is written again keeps its number",
    "words": "the length, where it is counted in words",
    "paragraph": "the unit, where the text has blank lines",
    "ending": "the unit, where the text has none",
    "trace": "always wanted",
    "voices": "a share for each voice of the model",
}
NUMBERS = {name: SETTINGS[name] for name in SETTINGS if name not in {*NOT_IN_THE_FORM, "prompt"}}


def test_every_setting_has_its_place() -> None:
    assert SETTINGS.keys() == {*NOT_IN_THE_FORM, "prompt", *NUMBERS}
    assert WriteForm().fields.keys() >= {"prompt", *NUMBERS}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_field_and_the_page_have_the_limits_of_the_table(name: str, client: Client, alice: User) -> None:
    setting, field = NUMBERS[name], WriteForm().fields[name]
    most = setting.site_maximum or setting.maximum
    assert isinstance(field, forms.FloatField if setting.kind is float else forms.IntegerField)
    assert (field.min_value, field.max_value) == (setting.minimum, most)
    client.force_login(alice)
    page = client.get(f"/passages/write/{a_mixed_model(alice).pk}/").content.decode()
    tag = re.search(rf'<input[^>]* name="{name}"[^>]*>', page)
    assert tag and f'min="{setting.minimum}"' in tag[0] and f'max="{most}"' in tag[0]


@pytest.mark.parametrize("name", SAMPLING)
def test_a_sampling_setting_is_on_both_forms_with_its_label_and_help(name: str, client: Client, alice: User) -> None:
    client.force_login(alice)
    models = [a_mixed_model(alice) for _ in range(2)]
    for address in (f"/passages/write/{models[0].pk}/", "/passages/compare/"):
        page = unescape(client.get(address).content.decode())
        assert f'<label for="id_{name}">{capfirst(SETTINGS[name].label)}</label>' in page
        assert SETTINGS[name].help in page


@pytest.mark.parametrize("name", sorted(NUMBERS.keys() - {"length", "seed"}))
def test_what_is_left_alone_is_the_tables_default(name: str) -> None:
    assert WriteForm().fields[name].initial == SETTINGS[name].default


def _unusual(name: str) -> float:
    """Return a value within the limits that is not the default."""
    setting = SETTINGS[name]
    assert setting.minimum is not None and setting.maximum is not None
    value: float = setting.kind((setting.minimum + setting.maximum) / 2)
    assert value != setting.default
    return value


def _asked(client: Client, owner: User, **choices: float) -> Passage:
    given = {"prompt": "Out", "length": 300, "temperature": SETTINGS["temperature"].default, "passages": 1, "seed": 7}
    response = client.post(f"/passages/write/{a_mixed_model(owner).pk}/", given | choices)
    assert response.status_code == 302, response.content.decode()
    return Passage.objects.latest("pk")


@pytest.mark.parametrize("name", SAMPLING)
def test_a_sampling_setting_is_kept_written_with_and_told(name: str, client: Client, alice: User) -> None:
    client.force_login(alice)
    value = _unusual(name)
    usual, passage = _asked(client, alice), _asked(client, alice, **{name: value})
    assert getattr(passage, name) == value
    assert passage.job and Writer(passage.job, threading.Event())._request_line("model")[name] == value
    label = SETTINGS[name].label
    told = [said.lower().count(f"{label}: {value:g}") for said in map(downloads.as_text, (passage, usual))]
    assert told == [1, 0]
    again = client.get(f"/passages/write/{passage.study_id}/?request={passage.job_id}").content.decode()
    assert f"{label} {value:g}" in again
    shown = re.search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', again)
    assert shown and float(shown[1]) == value
    client.post(f"/passages/{passage.pk}/again/")
    assert getattr(Passage.objects.get(again_of=passage), name) == value


OLD: list[dict[str, Any]] = [{"temperature": 40.0}, {"top_k": 5_000}, {"top_p": 0.01}, {"penalty": 9.0}]


@pytest.mark.parametrize("kept", OLD)
def test_a_passage_from_before_a_limit_is_shown_and_asked_for_again(
    kept: dict[str, Any], client: Client, alice: User
) -> None:
    client.force_login(alice)
    job = a_request(alice, **kept)
    passage = job.passages.get()
    assert f"{next(iter(kept.values())):g}" in client.get(passage.get_absolute_url()).content.decode().replace(",", "")
    assert client.get(f"/passages/write/{job.study_id}/?request={job.pk}").status_code == 200
    response = client.post(f"/passages/{passage.pk}/again/")
    again = Passage.objects.get(again_of=passage)
    assert {name: getattr(again, name) for name in kept} == kept
    assert client.get(response["Location"]).status_code == 200
    assert Job.objects.filter(kind=Kind.WRITE).count() == 2
