"""The context that every template gets: whether people may register, and the name of the single sign-on if it is on."""

from django.conf import settings
from django.http import HttpRequest


def registration(request: HttpRequest) -> dict[str, bool | str]:
    sign_on = settings.OIDC_NAME if settings.OIDC else ""
    return {"registration_open": settings.REGISTRATION_OPEN, "single_sign_on": sign_on}
