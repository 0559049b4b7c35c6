"""People sign up with a name and a password; an email address is optional and resets a password."""

import re
import socket
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from webapp.accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def sign_up(client: Client, **fields: str) -> object:
    return client.post("/accounts/signup/", {"username": "dora", "password1": PASSWORD, **fields}, follow=True)


def test_a_name_and_a_password_are_enough_and_the_first_page_says_what_to_do(client: Client) -> None:
    response = sign_up(client)
    assert response.redirect_chain[-1][0] == "/"  # type: ignore[attr-defined]
    assert "Add a text" in response.content.decode()  # type: ignore[attr-defined]
    assert User.objects.get().email == ""


def test_a_name_that_is_taken_gets_a_sentence(client: Client, alice: User) -> None:
    response = sign_up(client, username="Alice")
    assert "already exists" in response.content.decode()  # type: ignore[attr-defined]
    assert User.objects.count() == 1


def test_a_name_with_a_blank_gets_a_sentence_and_the_form_has_said_so(client: Client) -> None:
    assert "no blanks" in client.get("/accounts/signup/").content.decode()
    assert "may contain only letters" in sign_up(client, username="Lady Macbeth").content.decode()  # type: ignore[attr-defined]
    assert not User.objects.exists()


def test_registration_can_be_closed(client: Client, settings: object) -> None:
    settings.REGISTRATION_OPEN = False  # type: ignore[attr-defined]
    sign_up(client)
    assert not User.objects.exists()


def test_logging_in_and_out(client: Client, alice: User) -> None:
    client.post("/accounts/login/", {"login": "alice", "password": "alices own password"})
    assert "Good to see you, alice" in client.get("/").content.decode()
    client.post("/accounts/logout/")
    assert "Good to see you" not in client.get("/").content.decode()


def test_a_page_that_polls_after_logging_out_is_loaded_anew_instead_of_holding_a_login_form(client: Client) -> None:
    response = client.get("/models/1/status/", headers={"HX-Request": "true"}, follow=True)
    assert (response["HX-Refresh"], response.content) == ("true", b"")
    assert "Log in" in client.get("/models/1/", follow=True).content.decode()


def test_changing_the_password(client: Client, alice: User) -> None:
    client.force_login(alice)
    fields = {"oldpassword": "alices own password", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/password/change/", fields)
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_a_forgotten_password_is_reset_by_email(client: Client) -> None:
    sign_up(client, email="dora@example.org")
    client.post("/accounts/logout/")
    client.post("/accounts/password/reset/", {"email": "dora@example.org"})
    link = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert link
    assert mail.outbox[-1].subject.startswith("[Understudy] ")
    assert "Understudy, at testserver" in mail.outbox[-1].body
    form = client.get(link[1], follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": "another " + PASSWORD, "password2": "another " + PASSWORD})
    assert User.objects.get().check_password("another " + PASSWORD)


def test_a_wrong_password_tried_again_and_again_is_slowed_down(client: Client, alice: User, settings: object) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/5m/key"}  # type: ignore[attr-defined]
    said = [
        client.post("/accounts/login/", {"login": "alice", "password": f"guess {n}"}).content.decode() for n in range(5)
    ]
    assert "Too many failed login attempts" in said[-1]


@pytest.mark.parametrize("path", ["login", "signup", "password/reset", "password/change", "email", "logout", ""])
def test_every_page_of_an_account_wears_the_sites_clothes(client: Client, alice: User, path: str) -> None:
    if path not in ("login", "signup", "password/reset"):
        client.force_login(alice)
    response = client.get(f"/accounts/{path}/" if path else "/accounts/", follow=True)
    assert response.status_code == 200
    assert 'class="word-mark"' in response.content.decode()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("login/", "No account yet?"),
        ("signup/", "Only to reset a forgotten password."),
        ("password/reset/", "a link to a new password is sent there"),
        ("password/reset/done/", "is on its way"),
        ("password/reset/key/1-set-password/", "This link is spent"),
        ("password/reset/key/done/", "It holds from now on"),
        ("inactive/", "closed by whoever runs this site"),
        ("confirm-email/", "Look into your mail"),
        ("confirm-email/nonsense/", "This link is spent"),
    ],
)
def test_pages_for_nobody_speak_the_sites_words(client: Client, path: str, words: str) -> None:
    page = client.get(f"/accounts/{path}").content.decode()
    assert words in page and 'class="word-mark"' in page and "Sign In" not in page


def prove(client: Client, password: str = "alices own password") -> Any:
    return client.post("/accounts/reauthenticate/", {"password": password})


def test_an_address_can_be_added_later_and_resets_the_password(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert "a forgotten password could not be reset" in client.get("/accounts/email/").content.decode()
    prove(client)
    client.post("/accounts/email/", {"email": "alice@example.org", "action_add": ""})
    assert '<span class="row-facts">alice@example.org' in client.get("/accounts/").content.decode()
    Client().post("/accounts/password/reset/", {"email": "alice@example.org"})
    assert "/accounts/password/reset/key/" in mail.outbox[-1].body


def test_confirming_an_address(client: Client, alice: User) -> None:
    client.force_login(alice)
    prove(client)
    client.post("/accounts/email/", {"email": "alice@stage.example", "action_add": ""})
    link = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert link and "Is this your address?" in client.get(link[1]).content.decode()
    client.post(link[1])
    assert alice.emailaddress_set.get().verified  # type: ignore[attr-defined]


def test_an_address_that_nobody_has_gets_the_same_answer(client: Client, alice: User) -> None:
    response = client.post("/accounts/password/reset/", {"email": "nobody@example.org"}, follow=True)
    assert "If an account has that address" in response.content.decode()


def test_closed_registration_says_so_and_offers_no_form(client: Client, settings: object) -> None:
    settings.REGISTRATION_OPEN = False  # type: ignore[attr-defined]
    page = client.get("/accounts/signup/").content.decode()
    assert "takes no new people" in page and "password1" not in page


def test_a_button_pressed_after_the_session_has_ended_leads_back_to_its_page(client: Client) -> None:
    answer = client.post("/models/9/stop/", headers={"referer": "http://testserver/models/9/?a=1"})
    assert answer["Location"] == "/accounts/login/?next=/models/9/%3Fa%3D1"
    elsewhere = client.post("/models/9/stop/", headers={"referer": "http://elsewhere.example/models/9/"})
    assert elsewhere["Location"] == "/accounts/login/?next=/"
    assert client.get("/models/9/")["Location"] == "/accounts/login/?next=/models/9/"


@pytest.mark.parametrize("answers", [False, True], ids=["nobody listens", "it says nothing"])
def test_a_mail_server_that_is_away_is_said_and_stops_nothing(
    client: Client, alice: User, settings: Any, answers: bool
) -> None:
    EmailAddress.objects.create(user=alice, email="alice@example.org", verified=True, primary=True)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if answers:
            server.listen()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        assert settings.EMAIL_TIMEOUT
        settings.EMAIL_TIMEOUT = 0.1
        page = client.post("/accounts/password/reset/", {"email": "alice@example.org"}, follow=True)
    assert page.status_code == 200
    assert "No letter could be sent" in page.content.decode()
