"""The operation about the person who asks."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from webapp.accounts.access import person
from webapp.api import shown
from webapp.api.schemas.account import Account

router = Router(tags=["account"])


@router.get("/account", response=Account)
def get_account(request: HttpRequest) -> Any:
    """Return whose token this is, what is used, and the limits."""
    return shown.account(person(request))
