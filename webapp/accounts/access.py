"""The person who asks, and the page that they come from."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from webapp.accounts.models import User


def person(request: HttpRequest) -> User:
    """Return who is logged in; every page but those marked `login_not_required` has somebody."""
    assert isinstance(request.user, User)
    return request.user


def page_before(request: HttpRequest) -> str:
    """Return the address of the page whose button was pressed; nothing where it is not one of this site."""
    page = request.headers.get("Referer", "")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()) else ""
