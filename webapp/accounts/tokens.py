"""The services of tokens, by which programs use the site in a person's name (docs/api.md).

A token is shown once, when it is made. The database has its SHA-256 alone: a token has 256 random bits, so nobody finds
it from there.
"""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from webapp.accounts import limits
from webapp.accounts.models import ApiToken, User

MOST = 50  # of one person
_PREFIX = "understudy_"  # by which people, and programs that look for lost secrets, recognise one
_BYTES = 32
_USE_IS_WRITTEN_EACH = timedelta(minutes=1)


def make(owner: User, name: str, read_only: bool) -> tuple[ApiToken, str]:
    """Make a token. Return its row, and the token itself, which nobody can get again. Raises LimitReached."""
    secret = _PREFIX + secrets.token_urlsafe(_BYTES)
    with transaction.atomic():
        limits.lock(owner)
        if owner.tokens.count() >= MOST:
            raise limits.LimitReached(
                _("You have %(n)d tokens, and no more are allowed. Revoke one that you no longer need.") % {"n": MOST}
            )
        token = ApiToken.objects.create(
            owner=owner, name=name, read_only=read_only, sha256=_digest(secret), beginning=secret[: len(_PREFIX) + 4]
        )
    return token, secret


def find(secret: str) -> ApiToken | None:
    """Return the token of a request, and note that it was used; None for one that was never made, or was revoked."""
    token = ApiToken.objects.select_related("owner").filter(sha256=_digest(secret), owner__is_active=True).first()
    if token is not None:
        now = timezone.now()
        before = Q(last_used=None) | Q(last_used__lt=now - _USE_IS_WRITTEN_EACH)
        ApiToken.objects.filter(before, pk=token.pk).update(last_used=now)
    return token


def revoke(token: ApiToken) -> None:
    token.delete()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
