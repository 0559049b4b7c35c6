"""The headers of every page: no inline code, no copies in caches, HTTPS from now on; and HEAD is answered as GET."""

import re
import sys
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.environment import run
from tests.web.test_every_url_is_the_owners import (
    OPERATORS,
    OWNED,
    PERSONAL,
    POST_ONLY,
    PUBLIC,
    SIGN_ON,
    WITH_SECOND_FACTOR,
    Things,
    go,
    operators_address,
)
from tests.web.test_every_url_is_the_owners import things as things  # a fixture
from tests.web.test_refusals import visitor as visitor  # a fixture
from tests.web.test_second_factor import enter
from tests.web.test_second_factor import secret as secret  # a fixture
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

ALL = sorted({*PUBLIC, *PERSONAL, *OWNED})
READ = sorted({*ALL} - POST_ONLY)
BROKEN = {"/broken/": 500, "/forbidden/": 403, "/no-such-page/": 404, "/corpora/999999/": 404}


class Inline(HTMLParser):
    """A parser that finds the inline code that the content security policy forbids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "style" or (tag == "script" and not dict(attrs).get("src")):
            self.found.append(tag)
        for name, value in attrs:
            is_code = name == "style" or name.startswith(("on", "hx-on")) or (value or "").startswith("javascript:")
            if is_code or (name.startswith("hx-") and (value or "").startswith(("js:", "javascript:"))):
                self.found.append(f"{tag} {name}={value}")


def check(response: Any, name: str = "") -> None:
    policy = dict(part.split(" ", 1) for part in response.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "no-store" in response.headers["Cache-Control"]
    if response.headers["Content-Type"].startswith("text/html"):
        assert not Inline(response.content.decode()).found, name


def test_what_a_button_copies_is_on_its_page(client: Client, alice: User, things: Things) -> None:
    client.force_login(alice)
    for name in ("passages:detail", "inside:course", "groups:detail"):
        page = go(client, things, name).content.decode()
        copied = set(re.findall(r'data-copy="([^"]+)"', page))
        assert copied and copied <= set(re.findall(r'\bid="([^"]+)"', page))
        assert re.search(r'src="/static/js/pages/', page)


def test_every_page_forbids_inline_code_and_has_none(client: Client, alice: User, things: Things) -> None:
    for name in ALL:
        check(go(client, things, name), name)
    client.force_login(alice)
    for name in READ:
        check(go(client, things, name), name)


@pytest.mark.parametrize("name", sorted(POST_ONLY))
def test_what_answers_a_button_forbids_it_too(client: Client, alice: User, things: Things, name: str) -> None:
    client.force_login(alice)
    check(go(client, things, name))


def test_those_of_whoever_runs_the_site_do_too(client: Client, alice: User, things: Things, settings: Any) -> None:
    settings.METRICS_TOKEN = "a token of many characters"
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client.force_login(alice)
    for name in sorted(OPERATORS):
        address = operators_address(name, things)
        asked = client.get(address, headers={"authorization": f"Bearer {settings.METRICS_TOKEN}"})
        for response in (asked, client.post(address, {"places": "many"}), client.post(address, follow=True)):
            check(response, name)


def test_those_of_the_second_factor_do_too(client: Client, secret: str) -> None:
    enter(client, secret)
    for name in sorted(WITH_SECOND_FACTOR):
        response = client.get(reverse(name))
        assert response.status_code == 200, name
        check(response, name)


def test_those_of_single_sign_on_do_too(client: Client, settings: Any) -> None:
    settings.OIDC = True
    for name in ("socialaccount_login_cancelled", "socialaccount_login_error"):
        assert name in SIGN_ON
        response = client.get(reverse(name))
        assert response.status_code in (200, 302), name
        check(response, name)


@pytest.mark.parametrize(("path", "status"), BROKEN.items())
def test_pages_that_refuse_do_too(visitor: Client, alice: User, path: str, status: int) -> None:
    visitor.force_login(alice)
    response = visitor.get(path)
    assert response.status_code == status
    check(response)


def test_a_form_without_its_token_and_a_host_that_is_not_ours_do_too(visitor: Client) -> None:
    for response in (visitor.post(reverse("account_login")), visitor.get("/", headers={"host": "elsewhere.example"})):
        assert response.status_code in (400, 403)
        check(response)


def test_inline_code_would_be_found() -> None:
    html = '<style></style><p style="x" onclick="y" hx-on:click="z"><script>1</script><a href="javascript:1">'
    assert len(Inline(html).found) == 6


def test_head_is_answered_as_get_without_a_body(client: Client, alice: User, things: Things) -> None:
    client.force_login(alice)
    for name in READ:
        address = things.address(name)
        headers = {"hx-request": "true"} if name.endswith(("status", "samples", "timeline")) else {}
        got, asked = client.get(address, headers=headers), client.head(address, headers=headers)
        assert got.getvalue() or got.status_code != 200, name
        assert asked.status_code == got.status_code, name
        assert not asked.getvalue(), name
        assert asked.headers.get("Content-Type") == got.headers.get("Content-Type"), name


def test_head_does_nothing_where_only_post_does(client: Client, alice: User, things: Things) -> None:
    client.force_login(alice)
    found = {name: client.head(things.address(name)).status_code for name in POST_ONLY}
    assert found == dict.fromkeys(POST_ONLY, 405)


def test_static_files_are_kept_long(client: Client) -> None:
    sheet = re.search(r"/static/css/base\.\w+\.css", client.get("/").content.decode())
    assert sheet
    response = client.get(sheet[0])
    assert "max-age=315360000" in response.headers["Cache-Control"]
    assert "no-store" not in response.headers["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in response.headers
    assert response.getvalue()
    head = client.head(sheet[0])
    assert head.status_code == 200 and not head.getvalue()


def test_logging_out_has_the_browser_forget(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert "Clear-Site-Data" not in client.get(reverse("account_logout")).headers
    response = client.post(reverse("account_logout"))
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get(reverse("account")).status_code == 302


@pytest.mark.parametrize("https", [{}, {"HTTPS": "true", "TRUSTED_PROXIES": "1"}])
def test_django_has_nothing_to_warn_of_when_it_is_deployed(https: dict[str, str]) -> None:
    of_tests = {"DJANGO_ALLOW_ASYNC_UNSAFE": ""}
    done = run(sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **of_tests, **https)
    assert done.returncode == 0, done.stderr
