"""The context that every template gets: whether people may register."""

from django.conf import settings
from django.http import HttpRequest


def registration(request: HttpRequest) -> dict[str, bool]:
    return {"registration_open": settings.REGISTRATION_OPEN}
