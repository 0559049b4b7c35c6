"""The second factor: its secrets are encrypted in the database, and each code of an app works once.

The key is derived from SECRET_KEY, so a copy of the database alone is not enough to make codes. SECRET_KEY_FALLBACKS
reads what was encrypted before SECRET_KEY was changed, until `renew` has encrypted all of it anew.
"""

import base64
import logging
import re
from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext_lazy as _

log = logging.getLogger(__name__)

_MARK = "fernet:"  # before what is encrypted; rows of earlier versions are not
_SECRETS = ("secret", "seed")  # of an app; of the codes for a lost phone
_PERIOD = 30  # seconds in which an app shows a code
_UNREADABLE = "unreadable"


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """The decisions that allauth leaves to the site: how secrets are stored."""

    error_messages = DefaultMFAAdapter.error_messages | {
        _UNREADABLE: _("This site can’t read your second factor any more: ask whoever runs it."),
    }

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return decrypt(encrypted_text)
        except InvalidToken:
            log.error("a second factor can't be read: no key in SECRET_KEY and SECRET_KEY_FALLBACKS fits")
            raise self.validation_error(_UNREADABLE) from None


def encrypt(text: str, present: str = "") -> str:
    """Encrypt a secret (Fernet: AES-128-CBC with an HMAC-SHA-256). `present` is the key of today, else SECRET_KEY."""
    return _MARK + _fernet(present or settings.SECRET_KEY).encrypt(text.encode()).decode()


def decrypt(stored: str, *older: str) -> str:
    """Return a secret. `older` are further values that SECRET_KEY once had. Raises InvalidToken."""
    if not stored.startswith(_MARK):
        return stored  # of an earlier version
    keys = MultiFernet(_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS, *older))
    return keys.decrypt(stored.removeprefix(_MARK).encode()).decode()


def _fernet(secret_key: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"webapp.accounts.second_factor").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def changed(data: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """Return the data of an authenticator with another form of its secret."""
    return {name: change(value) if name in _SECRETS else value for name, value in data.items()}


def renew(*older: str, present: str = "") -> tuple[int, int]:
    """Encrypt all secrets with the key of today. Return how many there are, and how many no key could read.

    `older` are further values that SECRET_KEY once had, `present` is its next value. It may run while people log in.
    """
    done = unreadable = 0
    for pk in list(Authenticator.objects.values_list("pk", flat=True)):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None:  # removed meanwhile
                continue
            try:
                row.data = changed(row.data, lambda secret: encrypt(decrypt(secret, *older), present))
            except InvalidToken:
                unreadable += 1
                continue
            row.save(update_fields=["data"])
            done += 1
    return done, unreadable


def is_first_use(authenticator: Authenticator, code: str) -> bool:
    """Whether a right code was not used before, for as long as it is right.

    allauth notes a used code for 30 seconds. With MFA_TOTP_TOLERANCE it is right for longer, so that whoever has looked
    over a shoulder could use it once more.
    """
    if authenticator.type != Authenticator.Type.TOTP:
        return True  # allauth strikes out the codes for a lost phone
    seconds = (2 * settings.MFA_TOTP_TOLERANCE + 1) * _PERIOD
    digits = re.sub(r"\D", "", code)
    return bool(cache.add(f"second-factor:{authenticator.pk}:used:{digits}", True, seconds))
