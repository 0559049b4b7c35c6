"""The person who makes a request, and the page from which it was made."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from webapp.accounts.models import User


def person(request: HttpRequest) -> User:
    """Return the person who is logged in. Only pages marked `login_not_required` may have none."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def page_before(request: HttpRequest) -> str:
    """Return the address of the page whose button was pressed, or an empty text if it is not a page of this site."""
    page = request.headers.get("Referer", "")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()) else ""
