"""Who asks."""

from django.http import HttpRequest

from webapp.accounts.models import User


def person(request: HttpRequest) -> User:
    """Return who is logged in; every page but those marked `login_not_required` has somebody."""
    assert isinstance(request.user, User)
    return request.user
