"""Invitations: the session keeps the key of the link by which somebody came, until that person has signed up."""

from django.http import HttpRequest

from webapp.accounts.models import Invitation

_IN_SESSION = "invitation"


def accept(request: HttpRequest, key: str) -> bool:
    """Keep an invitation for the sign-up that follows. Return whether it still has a place."""
    if not Invitation.objects.open().filter(key=key).exists():
        return False
    request.session[_IN_SESSION] = key
    return True


def is_invited(request: HttpRequest) -> bool:
    """Whether the visitor came by an invitation that still has a place."""
    key = request.session.get(_IN_SESSION)
    return bool(key) and Invitation.objects.open().filter(key=key).exists()


def take_place(request: HttpRequest) -> bool:
    """Take one of the places of the visitor's invitation. Return False when the last one is taken meanwhile."""
    key = request.session.pop(_IN_SESSION, None)
    return bool(key) and Invitation.objects.open().take(key)
