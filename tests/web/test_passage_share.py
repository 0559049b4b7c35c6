"""The link that shares a passage: it shows the passage and nothing else, until it is taken back."""

import re
from dataclasses import asdict

import pytest
from django.test import Client

from tests.support.factory import a_request
from tests.web.test_every_url_is_the_owners import without_token
from trainer.contract import sizing
from webapp.accounts.models import User
from webapp.passages import services
from webapp.passages.models import Passage

pytestmark = pytest.mark.django_db


@pytest.fixture
def passage(client: Client, alice: User) -> Passage:
    client.force_login(alice)
    passage = a_request(alice).passages.get()
    recipe = asdict(sizing.resolve({"recipe": "quick", "layers": 2, "units": 96}, 4_500, 70))
    Passage.objects.filter(pk=passage.pk).update(text="brief <b>candle</b>", complete=True, recipe=recipe)
    return passage


@pytest.fixture
def visitor() -> Client:
    """Return the client of somebody who is not logged in."""
    return Client()


def share(client: Client, passage: Passage) -> str:
    """Share the passage, and return the link's path."""
    client.post(f"/passages/{passage.pk}/share/")
    key = Passage.objects.get(pk=passage.pk).share_key
    assert key and len(key) == 43
    return f"/shared/{key}/"


def read(visitor: Client, link: str) -> str:
    response = visitor.get(link)
    assert response.status_code == 200
    return response.content.decode()


def test_a_passage_has_no_link_until_one_is_made(client: Client, passage: Passage) -> None:
    page = client.get(passage.get_absolute_url()).content.decode()
    assert "Make a link" in page and "/shared/" not in page
    link = share(client, passage)
    page = client.get(passage.get_absolute_url()).content.decode()
    assert f'<a id="share-link" href="http://testserver{link}">' in page
    assert "Stop sharing" in page and "Make a link" not in page


def test_sharing_twice_gives_the_same_link(client: Client, passage: Passage) -> None:
    link = share(client, passage)
    services.share(passage)  # a second click, on a page that was loaded before the first one
    assert share(client, passage) == link


def test_anybody_may_read_it_and_what_it_was_written_with(client: Client, passage: Passage, visitor: Client) -> None:
    page = read(visitor, share(client, passage))
    for words in (
        '<span class="opening">Out, </span>brief &lt;b&gt;candle&lt;/b&gt;</div>',
        "A machine wrote this: Banquo,",
        "LSTM of characters, 2 layers of 96 units",
        "<dt>Temperature</dt><dd>0.8</dd>",
        "<dt>Seed</dt><dd>7</dd>",
    ):
        assert words in page


def test_nothing_leads_from_it_to_anything_of_its_owner(client: Client, passage: Passage, visitor: Client) -> None:
    Passage.objects.update(copied={"spans": [[6, 13, 0, 5]], "new": 0.996}, title="A <i>candle</i>")
    link = share(client, passage)
    for who in (visitor, client):  # its owner sees the same
        page = read(who, link)
        assert all(link.startswith("/static/") for link in re.findall(r'(?:href|src|action)="([^"]+)"', page))
        for secret in ("alice", "Macbeth", "macbeth.txt", "/passages/", "/models/", "ab" * 6, "<nav", "<form", "csrf"):
            assert secret not in page
        assert "A &lt;i&gt;candle&lt;/i&gt;</h1>" in page
        assert 'brief <mark class="copied">&lt;b&gt;candle&lt;/b&gt;</mark></div>' in page
        assert "What is underlined is copied" in page and "99 % of it is new." in page


def test_it_says_what_is_new_only_where_that_is_known(client: Client, passage: Passage, visitor: Client) -> None:
    link = share(client, passage)
    page = read(visitor, link)
    assert "compared" not in page and "underlined" not in page
    Passage.objects.update(copied={"spans": [], "new": 1.0})
    page = read(visitor, link)
    assert "Nothing of 20 characters or more in it stands in the text" in page and "underlined" not in page


def test_it_is_not_indexed_not_referred_from_and_not_kept(client: Client, passage: Passage, visitor: Client) -> None:
    response = visitor.get(share(client, passage))
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.content.decode()
    assert "no-store" in response["Cache-Control"] and "private" in response["Cache-Control"]
    assert not response.cookies


def test_a_link_that_was_taken_back_is_like_one_that_never_was(
    client: Client, passage: Passage, visitor: Client
) -> None:
    link = share(client, passage)
    client.post(f"/passages/{passage.pk}/unshare/")
    gone, never = visitor.get(link), visitor.get(f"/shared/{'x' * 43}/")
    assert gone.status_code == never.status_code == 404
    assert without_token(gone) == without_token(never)
    assert share(client, passage) != link
    assert visitor.get(link).status_code == 404


def test_a_deleted_passage_is_shared_no_more(client: Client, passage: Passage, visitor: Client) -> None:
    link = share(client, passage)
    client.post(f"/passages/{passage.pk}/delete/")
    assert visitor.get(link).status_code == 404


def test_passages_that_are_not_shared_have_no_address(client: Client, passage: Passage, visitor: Client) -> None:
    for key in ("None", "null", "0", str(passage.pk)):
        assert visitor.get(f"/shared/{key}/").status_code == 404


def test_half_a_passage_says_so(client: Client, passage: Passage, visitor: Client) -> None:
    link = share(client, passage)
    assert "Half written" not in read(visitor, link)
    Passage.objects.update(complete=False)
    assert "Still being written." in read(visitor, link)
    Passage.objects.update(job=None)
    assert "Half written. Asked for: 100 characters." in read(visitor, link)
