"""The archive of a model that nobody has trained, for tests of what becomes of it: whole, or changed in one place."""

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from trainer.contract import sizing, weights_file
from trainer.contract.manifest import Listed, Manifest
from trainer.contract.recipe import Recipe
from webapp import files as storage

CHARACTERS = "\n abcdefghijklmnopqrstuvwxyz"
VOCABULARY = {
    "level": "char",
    "characters": CHARACTERS,
    "longer": [],
    "escape_floor": 0.001,
    "openings": ["once upon"],
}
STUDY = {
    "format": 1,
    "name": "Banquo",
    "corpus": "Macbeth",
    "characters": 5000,
    "best": 1.3862944,
    "learned_before": [{"model": "Novels", "corpus": "Shelf", "characters": 90_000}],
    "history": [["progress", 20, 4000, 1.5, None, None], ["evaluated", 20, 4000, None, 1.4, 1.6]],
    "samples": [[20, "out, out"]],
}


def recipe(**choices: Any) -> dict[str, Any]:
    made = sizing.resolve({"recipe": "quick", "units": 16, "layers": 1, **choices}, 4_500, len(CHARACTERS) + 1)
    return dict(json.loads(made.to_json()))


def weights(found: Mapping[str, tuple[int, ...]], number: float = 0.01) -> bytes:
    """Return a file of weights that are all the same number."""
    header: dict[str, Any] = {}
    place = 0
    for name, shape in sorted(found.items()):
        size = 4 * weights_file.parameters({name: shape})
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [place, place + size]}
        place += size
    data = json.dumps(header).encode()
    return len(data).to_bytes(8, "little") + data + struct.pack("<f", number) * (place // 4)


def files(**changed: bytes) -> dict[str, bytes]:
    """Return the files of a model by their names. `changed` ones have their name without its ending."""
    made = recipe()
    shapes = weights_file.shapes(Recipe.from_json(json.dumps(made)), len(CHARACTERS) + 1)
    found = {
        "recipe.json": json.dumps(made).encode(),
        "vocabulary.json": json.dumps(VOCABULARY).encode(),
        "weights.safetensors": weights(shapes),
        "study.json": json.dumps(STUDY).encode(),
    }
    names = {name.partition(".")[0]: name for name in (*found, "score.json", "model.json")}
    found |= {names[stem]: data for stem, data in changed.items() if stem != "model"}
    return {**found, "model.json": changed.get("model", _manifest(found))}


def _manifest(found: Mapping[str, bytes]) -> bytes:
    listed = {name: Listed(len(data), hashlib.sha256(data).hexdigest()) for name, data in found.items()}
    return Manifest(20, listed).to_json().encode()


def archive(found: Mapping[str, bytes], folder: str = "banquo/") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in found.items():
            packed.writestr(folder + name, data)
    return target.getvalue()


def store(model_key: str) -> None:
    """Store the model under the key of a study's model."""
    storage.delete_tree(model_key)
    for name, data in files().items():
        default_storage.save(f"{model_key}/{name}", ContentFile(data))
