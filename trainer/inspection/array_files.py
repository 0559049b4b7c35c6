"""Files of arrays: little-endian float32, one after the other, for the site; or numpy's .npz, for programs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from trainer.storage import files

OF_ALL = -1  # the layer of an array that belongs to no layer


class NamedArray(NamedTuple):
    """An array, and the layer that it belongs to, counted from 0."""

    name: str
    layer: int
    values: np.ndarray


def write(file: Path, arrays: Sequence[NamedArray]) -> list[dict[str, Any]]:
    """Write arrays one after the other, and return for each its name, layer, shape, and its offset in bytes.

    Raises OSError.
    """
    places, parts, offset = [], [], 0
    for array in arrays:
        parts.append(array.values.astype("<f4").tobytes())
        shape = list(array.values.shape)
        places.append({"name": array.name, "layer": array.layer, "shape": shape, "offset": offset})
        offset += len(parts[-1])
    files.write_whole(file, b"".join(parts))
    return places


def write_npz(file: Path, arrays: Sequence[NamedArray], symbols: Sequence[str]) -> None:
    """Write arrays as numpy does, by names such as "layer_0/forget", and the symbols of the text. Raises OSError."""
    named: dict[str, Any] = {
        array.name if array.layer == OF_ALL else f"layer_{array.layer}/{array.name}": array.values for array in arrays
    }
    with file.open("wb") as stream:
        np.savez_compressed(stream, symbols=np.array(symbols), **named)
