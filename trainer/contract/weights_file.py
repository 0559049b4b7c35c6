"""The file of a model's weights, weights.safetensors: its arrays, and a check of the file that needs no numpy.

A safetensors file is the length of its header (8 bytes, little-endian), the header (JSON: for each array its type, its
shape and its place), and the arrays, one after the other. Pure Python: the web process checks an uploaded model with
this module.
"""

import json
import math
from collections.abc import Mapping
from typing import Any, BinaryIO

from trainer.contract.procedures import PROCEDURES
from trainer.contract.recipe import GATES, Recipe

Shapes = dict[str, tuple[int, ...]]

_LONGEST_HEADER = 1 << 20
_CHUNK = 1 << 22  # bytes; a multiple of 4
#: The highest byte of float32 numbers from 2**127 on, of infinities and of what is not a number.
_TOO_LARGE = (b"\x7f", b"\xff")


class WeightsProblem(ValueError):
    """A file that does not hold the weights of a model. The message is a sentence for a person."""


def shapes(recipe: Recipe, symbols: int) -> Shapes:
    """Return the names and shapes of a model's weights. `symbols` is the size of its vocabulary, with the escape.

    Names and shapes are Keras's: see docs/models.md.
    """
    embeds = PROCEDURES[recipe.procedure].embeds
    one = _network(recipe, symbols, embeds)
    if not embeds or recipe.networks == 1:
        return one
    return {f"network_{index}/{name}": shape for index in range(recipe.networks) for name, shape in one.items()}


def _network(recipe: Recipe, symbols: int, embeds: bool) -> Shapes:
    found: Shapes = {"inputs/embeddings": (symbols, recipe.embedding)} if embeds else {}
    if embeds and recipe.voice_names:
        found["inputs/voices"] = (len(recipe.voice_names), recipe.embedding)
    width, gates = recipe.embedding if embeds else 1, GATES[recipe.cell] * recipe.units
    for index in range(recipe.layers):
        found |= {
            f"recurrent_{index}/kernel": (width, gates),
            f"recurrent_{index}/recurrent_kernel": (recipe.units, gates),
            f"recurrent_{index}/bias": (2, gates) if recipe.cell == "gru" else (gates,),
        }
        if index == 0:
            turns = (recipe.units, width), (width, recipe.units)
            found |= {f"recurrent_0/mogrifier_{n + 1}": turns[n % 2] for n in range(recipe.mogrifier_rounds)}
        width = recipe.units
    return found | {"outputs/kernel": (width, symbols), "outputs/bias": (symbols,)}


def parameters(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Return the number of weights."""
    return sum(math.prod(shape) for shape in shapes.values())


def check(file: BinaryIO, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Check a file of weights from its beginning to its end.

    Raises WeightsProblem unless it holds float32 arrays with exactly these names and shapes, without gaps, and all
    numbers are finite.
    """
    length = int.from_bytes(file.read(8), "little")
    if length > _LONGEST_HEADER:
        raise WeightsProblem("The weights are damaged.")
    try:
        header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        arrays = sorted(header.items(), key=lambda item: item[1]["data_offsets"][0])
        found = {name: _shape(array) for name, array in arrays}
        places = [_whole(array["data_offsets"]) for _, array in arrays]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise WeightsProblem("The weights are damaged.") from None
    if found != dict(shapes) or places != _places(found):
        raise WeightsProblem("The weights do not fit the recipe.")
    _check_numbers(file, 4 * parameters(shapes))


def _shape(array: dict[str, Any]) -> tuple[int, ...] | None:
    return tuple(_whole(array["shape"])) if array["dtype"] == "F32" else None


def _whole(numbers: list[Any]) -> list[int]:
    if not all(type(number) is int for number in numbers):
        raise ValueError(numbers)
    return list(numbers)


def _places(found: Mapping[str, tuple[int, ...] | None]) -> list[list[int]]:
    """Return the places of arrays that follow each other without gaps."""
    places, start = [], 0
    for shape in found.values():
        stop = start + 4 * math.prod(shape or ())
        places.append([start, stop])
        start = stop
    return places


def _check_numbers(file: BinaryIO, size: int) -> None:
    left = size
    while chunk := file.read(_CHUNK):
        left -= len(chunk)
        highest = chunk[3::4]
        if any(byte in highest for byte in _TOO_LARGE):
            raise WeightsProblem("Some weights are not numbers, or too large.")
    if left:
        raise WeightsProblem("The weights are damaged.")
