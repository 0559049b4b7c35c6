"""The second factor and the list of log-ins: switched on with an app's code, asked for, replaced, ended."""

import importlib
import re
import time
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from webapp.accounts import second_factor
from webapp.accounts.models import User
from webapp.accounts.templatetags.browsers import browser_name

pytestmark = pytest.mark.django_db

PASSWORD = "alices own password"


def code_of(secret: str) -> str:
    """Return the code that an app shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def log_in(client: Client) -> Any:
    return client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD}, follow=True)


@pytest.fixture
def secret(client: Client, alice: User) -> str:
    """Let alice switch her second factor on, and return its secret."""
    log_in(client)
    asked = client.get(reverse("mfa_activate_totp")).headers["Location"]  # whether it is still alice
    page = client.post(asked, {"password": PASSWORD}, follow=True).content.decode()
    found = re.search(r'class="secret" id="secret">(\w+)</code>', page)
    assert found and "<svg" in page
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(found[1])}, follow=True)
    assert answer.status_code == 200
    assert "It is on." in client.get(reverse("mfa_index")).content.decode()
    client.logout()
    return found[1]


def test_the_password_alone_is_not_enough(client: Client, secret: str) -> None:
    page = log_in(client)
    assert "Your second factor" in page.content.decode()
    assert client.get(reverse("account")).status_code == 302
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200
    assert client.get(reverse("account")).status_code == 302


def test_a_code_for_a_lost_phone_logs_in_once(client: Client, secret: str, alice: User) -> None:
    codes = Authenticator.objects.get(user=alice, type="recovery_codes").wrap().get_unused_codes()
    for code, expected in ((codes[0], 200), (codes[0], 302)):
        log_in(client)
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert client.get(reverse("account")).status_code == expected
        client.post(reverse("account_logout"))


def test_a_password_that_was_reset_is_not_enough_either(client: Client, secret: str, alice: User) -> None:
    EmailAddress.objects.create(user=alice, email="alice@example.org", primary=True, verified=True)
    client.post(reverse("account_reset_password"), {"email": "alice@example.org"})
    link = re.search(r"http://testserver(/\S+/key/\S+)", str(mail.outbox[-1].body))
    assert link
    form = client.get(link[1], follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": f"another {PASSWORD}", "password2": f"another {PASSWORD}"})
    assert client.get(reverse("account")).status_code == 302
    page = client.post(reverse("account_login"), {"login": "alice", "password": f"another {PASSWORD}"}, follow=True)
    assert "Your second factor" in page.content.decode()
    assert client.get(reverse("account")).status_code == 302


def enter(client: Client, secret: str) -> None:
    """Log alice in with her password and the code that her app shows now, and let her say once more that it is she."""
    log_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def enters(client: Client, code: str) -> bool:
    """Log alice in with her password and a code, and return whether she is in. Then log her out."""
    log_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code})
    is_in = client.get(reverse("account")).status_code == 200
    client.post(reverse("account_logout"))
    return is_in


def test_a_code_works_once_for_as_long_as_it_is_right(client: Client, secret: str, alice: User) -> None:
    code = code_of(secret)
    assert enters(client, code)
    noted = f"allauth.mfa.totp.used?user={alice.pk}&code={code}"
    assert cache.get(noted)
    cache.delete(noted)  # allauth forgets it after 30 seconds, and the code is right for longer
    assert not enters(client, code)
    assert not enters(client, f"{code[:3]} {code[3:]}")


def stored() -> str:
    return str(list(Authenticator.objects.values_list("data", flat=True)))


def test_its_secrets_are_encrypted_in_the_database(client: Client, secret: str, alice: User) -> None:
    app, codes = Authenticator.objects.order_by("-type")
    assert secret not in stored()
    assert second_factor.decrypt(app.data["secret"]) == secret
    assert len(second_factor.decrypt(codes.data["seed"])) == 80 and stored().count("fernet:") == 2


@pytest.mark.sql
def test_those_of_earlier_versions_still_work_and_an_update_encrypts_them(client: Client, secret: str) -> None:
    for row in Authenticator.objects.all():
        row.data = second_factor.changed(row.data, second_factor.decrypt)
        row.save()
    assert secret in stored()
    assert enters(client, code_of(secret))
    migration = importlib.import_module("webapp.accounts.migrations.0005_encrypt_second_factors")
    migration.encrypt(apps, None)
    assert secret not in stored() and stored().count("fernet:") == 2
    cache.clear()
    assert enters(client, code_of(secret))
    migration.decrypt(apps, None)
    assert secret in stored()


@pytest.mark.sql
def test_another_secret_key_reads_them_by_its_fallbacks_until_all_are_renewed(
    client: Client, secret: str, settings: Any
) -> None:
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another key, of forty characters or more"
    assert not enters(client, code_of(secret))
    with pytest.raises(CommandError, match="2 more could not be read"):
        call_command("second_factors", "--renew", stdout=StringIO())
    settings.SECRET_KEY_FALLBACKS = [before]
    assert enters(client, code_of(secret))
    said = StringIO()
    call_command("second_factors", "--renew", stdout=said)
    assert "2 secrets of second factors are encrypted with the present SECRET_KEY." in said.getvalue()
    settings.SECRET_KEY_FALLBACKS = []
    cache.clear()
    assert enters(client, code_of(secret))


def test_where_no_key_reads_it_a_sentence_says_so(client: Client, secret: str, settings: Any) -> None:
    settings.SECRET_KEY = "another key, of forty characters or more"
    log_in(client)
    answer = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert "This site can’t read your second factor any more" in answer.content.decode()


def test_whoever_runs_the_site_removes_that_of_somebody_who_has_lost_all(client: Client, secret: str) -> None:
    with pytest.raises(CommandError, match="There is nobody called"):
        call_command("second_factors", "--remove", "zoe")
    call_command("second_factors", "--remove", "Alice", stdout=StringIO())
    log_in(client)
    assert client.get(reverse("account")).status_code == 200
    with pytest.raises(CommandError, match="alice has no second factor"):
        call_command("second_factors", "--remove", "alice")


def test_log_ins_elsewhere_are_listed_and_ended(client: Client, alice: User) -> None:
    other = Client(headers={"user-agent": "A browser in the library"})
    for one in (client, other):
        log_in(one)
    assert "A browser in the library" in client.get(reverse("usersessions_list")).content.decode()
    client.post(reverse("usersessions_list"))
    assert client.get(reverse("account")).status_code == 200
    assert other.get(reverse("account")).status_code == 302


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Safari/537.36",
            "Chrome on Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) Mobile/15E Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "an unknown browser"),
    ],
)
def test_a_browser_is_named_as_people_know_it(told: str, shown: str) -> None:
    assert browser_name(told) == shown
