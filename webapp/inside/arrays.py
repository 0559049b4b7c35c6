"""The stored arrays of looks: little-endian float32, one after the other. A look's `result` says what stands where."""

import array
import math
import sys
from dataclasses import dataclass

from django.http import Http404

from webapp import files
from webapp.inside.models import Look

BYTES = 4  # of a number


@dataclass(frozen=True)
class Stored:
    """One array of a look: its name, layer (from 0; −1: of none) and shape, and where it stands in the file."""

    name: str
    layer: int
    shape: tuple[int, int]  # (time, units)
    offset: int

    @property
    def size(self) -> int:
        return math.prod(self.shape) * BYTES


def all_of(look: Look) -> list[Stored]:
    """Return the arrays of a look, in their order. A look that is not ready has none."""
    listed = (look.result or {}).get("arrays", [])
    return [Stored(one["name"], one["layer"], tuple(one["shape"]), one["offset"]) for one in listed]


def numbered_or_404(look: Look, number: int) -> Stored:
    found = all_of(look)
    if number >= len(found) or not look.key:
        raise Http404
    return found[number]


def read(look: Look, stored: Stored) -> bytes:
    """Return the bytes of one array. Raises OutOfReach when they are gone, or the storage is away."""
    return files.read_part(look.key, stored.offset, stored.size)


def rows(look: Look, stored: Stored, first: int = 0, count: int | None = None) -> list[list[float]]:
    """Return rows of one array, each with a number for each unit. Without `count`, all rows from the first on."""
    time, units = stored.shape
    count = time - first if count is None else count
    data = files.read_part(look.key, stored.offset + first * units * BYTES, count * units * BYTES)
    numbers = array.array("f", data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return [list(numbers[start : start + units]) for start in range(0, len(numbers), units)]
