"""The model directory: the files that a training writes, and that reading and writing with a model needs.

    recipe.json  vocabulary.json  weights.safetensors     the model
    model.json                                            the manifest: names, sizes and SHA-256 of the model's files
    score.json                                            written at the end of the training
    history.jsonl  samples.jsonl                          grow during the training; they are not in model.json
    checkpoints/

No file in it can run code. Every file is checked before it is used.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from trainer.contract import manifest as manifests
from trainer.contract.file_errors import explain
from trainer.contract.layout import CHECKPOINTS, HISTORY, MANIFEST, RECIPE, SAMPLES, SCORE, VOCABULARY, WEIGHTS
from trainer.contract.manifest import MODEL_FILES, Listed, Manifest, ManifestProblem
from trainer.contract.recipe import Recipe, RecipeProblem
from trainer.contract.vocabulary_file import VocabularyProblem
from trainer.storage.files import flush, sha256, write_whole
from trainer.text.vocabulary import Vocabulary


class ModelProblem(ValueError):
    """A model directory that can't be used. The message is a sentence for a person."""


class ModelDirectory:
    """Writes and reads the files of one model."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoints = path / CHECKPOINTS

    def holds_a_study(self) -> bool:
        return (self.path / RECIPE).exists()

    def has_checkpoints(self) -> bool:
        return any(self.checkpoints.glob("step-*"))

    def begin(self, recipe: Recipe, vocabulary: Vocabulary) -> None:
        """Write the files that are known before the first step."""
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        for name in (HISTORY, SAMPLES):
            (self.path / name).write_bytes(b"")
        write_whole(self.path / VOCABULARY, vocabulary.to_json())
        write_whole(self.path / RECIPE, recipe.to_json())  # last, because its presence means that there is a study

    def begin_further(self, base: "ModelDirectory", recipe: Recipe) -> None:
        """Write the files that are known before the first step of a training that continues the model `base`.

        The history and the samples of the base are copied up to the step of its best weights, if it has them. A model
        is complete without them.
        """
        self.begin(recipe, base.vocabulary())
        for name in (HISTORY, SAMPLES):
            path = base.path / name
            # Bytes are split only at \n and \r; a string would also be split at the line ends inside its texts.
            lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
            kept = [line for line in lines if line.endswith(b"\n") and json.loads(line)["step"] <= recipe.first_step]
            if name == SAMPLES:  # the best weights may have two: what they wrote last was written after calibration
                kept = list({json.loads(line)["step"]: line for line in kept}.values())
            write_whole(self.path / name, b"".join(kept))

    def step(self) -> int:
        """Return the step of the weights. Raises ModelProblem."""
        self.check()
        return int(json.loads(_read(self.path / MANIFEST))["step"])

    def recipe(self) -> Recipe:
        """Read the recipe. Raises ModelProblem."""
        try:
            return Recipe.from_json(_read(self.path / RECIPE).decode())
        except (RecipeProblem, UnicodeDecodeError) as problem:
            raise ModelProblem(f"{self.path / RECIPE} is damaged: {problem}") from None

    def vocabulary(self) -> Vocabulary:
        """Read the vocabulary. Raises ModelProblem."""
        try:
            return Vocabulary.from_json(_read(self.path / VOCABULARY).decode())
        except (VocabularyProblem, UnicodeDecodeError) as problem:
            raise ModelProblem(f"{self.path / VOCABULARY} is damaged: {problem}") from None

    def keep_weights(self, weights: Mapping[str, np.ndarray], step: int) -> None:
        """Replace the weights, and then the manifest with their checksum. Raises OSError if the disk is full.

        While the weights are replaced, both the old and the new manifest exist. So a reader in between, or after a
        power cut, finds a manifest that fits the weights.
        """
        temporary = self.path / (WEIGHTS + ".new")
        temporary.write_bytes(save(dict(weights)))
        flush(temporary)
        manifest = self._manifest(step, {WEIGHTS: temporary})
        (self.path / _NEXT_MANIFEST).write_text(manifest)
        flush(self.path / _NEXT_MANIFEST)
        temporary.replace(self.path / WEIGHTS)
        (self.path / _NEXT_MANIFEST).replace(self.path / MANIFEST)
        flush(self.path)

    def keep_score(self, score: Mapping[str, Any]) -> None:
        """Write score.json, and the manifest with its checksum."""
        step = json.loads((self.path / MANIFEST).read_text())["step"]
        write_whole(self.path / SCORE, json.dumps(score, indent=2) + "\n")
        write_whole(self.path / MANIFEST, self._manifest(step, {}))

    def score(self) -> dict[str, Any]:
        """Return the score from the end of the training; an empty dictionary if it can't be read."""
        try:
            return dict(json.loads((self.path / SCORE).read_bytes()))
        except (OSError, ValueError, TypeError):
            return {}

    def _manifest(self, step: int, replacing: Mapping[str, Path]) -> str:
        names = [*MODEL_FILES, *([SCORE] if (self.path / SCORE).exists() else [])]
        paths = {name: replacing.get(name, self.path / name) for name in names}
        files = {name: Listed(path.stat().st_size, sha256(path)) for name, path in paths.items()}
        return Manifest(step, files).to_json()

    def check(self) -> str:
        """Check the model's files against the manifest, and return the SHA-256 of the weights.

        Raises ModelProblem if a file is missing, or differs from what was written.
        """
        problem = ModelProblem(f"There is no model in {self.path}{self._why_none()}.")
        for name in (MANIFEST, _NEXT_MANIFEST):
            if (self.path / name).exists():
                try:
                    return self._check_against(name)
                except ModelProblem as found:
                    problem = found
        raise problem

    def _why_none(self) -> str:
        if self.path.is_dir():
            return ""
        if self.path.exists():
            return ": it is a file. Name the folder that a model is in"
        return ": there is no such folder. Check its name"

    def _check_against(self, manifest_name: str) -> str:
        try:
            expected = manifests.read(_read(self.path / manifest_name)).files
        except ManifestProblem:
            raise ModelProblem(f"{self.path / manifest_name} is damaged.") from None
        for name in MODEL_FILES:
            path = self.path / name
            if not path.is_file():
                raise ModelProblem(f"The model in {self.path} has no {name}.")
            if (path.stat().st_size, sha256(path)) != expected[name]:
                raise ModelProblem(f"{path} is not the file that the training wrote.")
        return expected[WEIGHTS].sha256

    def weights(self, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
        """Read the weights. Raises ModelProblem unless they are float32 with exactly these names and shapes."""
        try:
            weights = load(_read(self.path / WEIGHTS))
        except (SafetensorError, ValueError):
            raise ModelProblem(f"{self.path / WEIGHTS} is damaged.") from None
        found = {name: array.shape for name, array in weights.items()}
        if found != dict(shapes) or any(array.dtype != np.float32 for array in weights.values()):
            raise ModelProblem(f"{self.path / WEIGHTS} does not fit its recipe.")
        return weights


_NEXT_MANIFEST = MANIFEST + ".next"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelProblem(" ".join(explain(error, path)).strip()) from None
