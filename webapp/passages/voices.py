"""The voices of a model in a form and in words. In a form, each voice has a field with its share in percent."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from trainer.contract.writing_settings import SettingProblem, checked

Shares = dict[str, float]  # of voices by their names; empty for their mean, in which a model writes without a choice


def field_name(number: int) -> str:
    """Return the name of a voice's field, by its place among the voices of the model."""
    return f"voice_{number}"


def field_names(voices: Sequence[str]) -> list[str]:
    return [field_name(number) for number in range(len(voices))]


def alike(voices: Sequence[str]) -> dict[str, int]:
    """Return the values of the fields when all voices have the same share, together 100."""
    least, rest = divmod(100, max(1, len(voices)))
    return {name: least + (number < rest) for number, name in enumerate(field_names(voices))}


def in_fields(voices: Sequence[str], shares: Mapping[str, float]) -> dict[str, int]:
    """Return the values of the fields for these shares. Voices that the model does not have are left out."""
    if not any(name in shares for name in voices):
        return alike(voices)
    return {field_name(number): round(100 * shares.get(name, 0.0)) for number, name in enumerate(voices)}


def in_query(voices: Sequence[str], shares: Mapping[str, float]) -> str:
    """Return these shares as the query of a page whose form has the fields; empty for no voice."""
    return urlencode(in_fields(voices, shares)) if shares else ""


def shares(voices: Sequence[str], given: Mapping[str, Any]) -> Shares:
    """Return the shares that the fields say, which add up to 1. They are empty if all voices have the same share.

    A voice without a value has the share 0. Raises ValueError if there are values, and all of them are 0.
    """
    percents = [given.get(name) for name in field_names(voices)]
    if all(percent is None for percent in percents):
        return {}
    known = [percent or 0 for percent in percents]
    whole = sum(known)
    if not whole:
        raise ValueError("All shares are 0.")
    are_alike = max(known) - min(known) <= 1  # as `alike` makes them
    return {} if are_alike else {name: share / whole for name, share in zip(voices, known, strict=True) if share}


def of_request(voices: Sequence[str], given: Shares) -> Shares:
    """Return shares that a program sent, divided by their sum. Raises SettingProblem if the model can't have them."""
    shares = checked("voices", given)
    for name in shares:
        if name not in voices:
            raise SettingProblem(f"voices: the model has none called {name!r}.")
    whole = sum(shares.values())
    return {name: share / whole for name, share in shares.items() if share}


def told(of_passage: Mapping[str, float]) -> str:
    """Return shares in words, the largest first; an empty text if there are none."""
    found = sorted(of_passage.items(), key=lambda share: -share[1])
    if len(found) == 1:
        return found[0][0]
    named = (_("%(voice)s %(percent)s %%") % {"voice": name, "percent": f"{100 * share:.0f}"} for name, share in found)
    return ", ".join(named)
