"""Units that are held while a passage is written: as texts in forms and addresses, and in words."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from trainer.contract import held_units

Held = dict[str, Any]  # {"layer": 0, "unit": 36, "value": -1.0}, counted from 0, as `Passage.held` has them


def as_text(one: Held) -> str:
    """Return a held unit as the trainer's command line takes it: "0:36=-1"."""
    return f"{one['layer']}:{one['unit']}={one['value']!r}".removesuffix(".0")


def of_texts(texts: Iterable[str], network: tuple[int, int]) -> list[Held]:
    """Return the held units that such texts name, each text perhaps several, with commas between.

    Raises SettingProblem for what can't be read, and for a unit that is not in a network of so many layers and units.
    """
    found = [held_units.parse(part) for text in texts for part in text.split(",") if part]
    held_units.check_places(found, *network)
    return [one.to_json() for one in found]


def told(held: Iterable[Held]) -> str:
    """Return in words what is held, with layers and units counted from 1; an empty text where nothing is."""
    return ", ".join(one_told(one) for one in held)


def one_told(one: Held) -> str:
    """Return one held unit in words."""
    named = {"unit": one["unit"] + 1, "layer": one["layer"] + 1, "value": f"{one['value']:g}"}
    if not one["value"]:
        return _("unit %(unit)s of layer %(layer)s silenced") % named
    return _("unit %(unit)s of layer %(layer)s held at %(value)s") % named
