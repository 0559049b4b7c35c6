"""Units that are held at a value while a model writes, as `sample` and `serve` take them.

Pure Python: the web process imports this module.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trainer.contract.writing_settings import SettingProblem

MOST = 16
_SHAPE = "as {'layer': 0, 'unit': 37, 'value': -1}"


@dataclass(frozen=True)
class HeldUnit:
    """A unit whose hidden state is held at a value from -1 to 1. 0 silences it. Layers and units count from 0."""

    layer: int
    unit: int
    value: float

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


def check(values: Any) -> tuple[HeldUnit, ...]:
    """Return checked units from a list of JSON objects; None stands for none. Raises SettingProblem."""
    if values is None:
        return ()
    if not isinstance(values, list) or len(values) > MOST:
        raise SettingProblem(f"held has to be a list of at most {MOST} units.")
    return tuple(map(_checked, values))


def _checked(value: Any) -> HeldUnit:
    if not isinstance(value, dict) or value.keys() != {"layer", "unit", "value"}:
        raise SettingProblem(f"A held unit has to be {_SHAPE}.")
    numbers = value["layer"], value["unit"]
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise SettingProblem("The layer and the unit of a held unit have to be whole numbers from 0.")
    amount = value["value"]
    if type(amount) not in (int, float) or not (math.isfinite(amount) and -1 <= amount <= 1):
        raise SettingProblem("The value of a held unit has to be a number from -1 to 1.")
    return HeldUnit(*numbers, float(amount))


def parse(text: str) -> HeldUnit:
    """Return the unit that a text such as “0:37=-1” names: LAYER:UNIT=VALUE. Raises SettingProblem."""
    place, _, value = text.partition("=")
    layer, _, unit = place.partition(":")
    try:
        read = {"layer": int(layer), "unit": int(unit), "value": float(value)}
    except ValueError:
        raise SettingProblem(f"A held unit has to be LAYER:UNIT=VALUE, as 0:37=-1, not {text[:40]!r}.") from None
    return _checked(read)


def check_places(held: Sequence[HeldUnit], layers: int, units: int) -> None:
    """Raise SettingProblem if there are too many, or one is not in a network of so many layers and units."""
    if len(held) > MOST:
        raise SettingProblem(f"At most {MOST} units can be held.")
    for each in held:
        if each.layer >= layers or each.unit >= units:
            raise SettingProblem(
                f"There is no unit {each.layer}:{each.unit}. The layers of the model are 0 to {layers - 1}, and the "
                f"units of each are 0 to {units - 1}."
            )
