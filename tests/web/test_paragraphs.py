"""The unit "paragraph", on every page, with a real model of a text whose blank lines contain blanks."""

from collections.abc import Iterator

import pytest
from django.test import Client

from tests.support.factory import a_corpus, a_model, a_request
from tests.support.learning import a_learned, bring, end_of_writing, write
from webapp import markdown
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("warm_trainers")]

BLANKS = [" ", "\t", "\u00a0 ", "\u3000", "\u200b"]
TEXT = "".join(f"One line,\nand its rhyme.\n{blank}\n" for blank in BLANKS * 80)


@pytest.fixture(scope="module", autouse=True)
def writer() -> Iterator[None]:
    yield
    end_of_writing()


def test_a_paragraph_ends_at_a_line_of_nothing_but_blanks(client: Client, alice: User) -> None:
    client.force_login(alice)
    study = a_learned(alice, bring(alice, TEXT), steps=150, units=32, rate=0.02)
    wanted = {"prompt": "One li", "temperature": 0.0}
    (whole,) = write(a_request(alice, study, length=60, **wanted))
    assert whole.text.startswith("ne,\nand its rhyme.\n") and "\n\n" not in whole.text
    (paragraph,) = write(a_request(alice, study, length=5_000, unit="paragraph", **wanted))
    assert paragraph.text == "ne,\nand its rhyme." and not paragraph.is_endless


def test_the_last_lines_of_a_text_are_those_that_can_be_seen(client: Client, alice: User) -> None:
    client.force_login(alice)
    end = "One\n \nTwo\n\u3000\n\u200b\n  Three\n\u00a0\nFour\n\t\n\u200b\n"
    study = a_model(alice, corpus=a_corpus(alice, "It begins.\n" * 100 + end))
    found = client.get(f"/passages/write/{study.pk}/opening/?opening=end").json()["text"]
    assert found == "One\n \nTwo\n\u3000\n\u200b\n  Three\n\u00a0\nFour\n"


@pytest.mark.parametrize("blank", BLANKS)
def test_a_download_in_markdown_parts_paragraphs_there(blank: str) -> None:
    assert markdown.paragraphs(f"{blank}\nOne,\ntwo.\n{blank}\n{blank}\nThree.\n") == "One,\\\ntwo.\n\nThree."
