"""The layout of a model directory: the names of its files, its folders and its checkpoints."""

import re
from pathlib import Path

RECIPE, VOCABULARY, WEIGHTS = "recipe.json", "vocabulary.json", "weights.safetensors"
MANIFEST = "model.json"  # names, sizes and SHA-256 of the model's files
SCORE = "score.json"  # written at the end of the training
HISTORY, SAMPLES = "history.jsonl", "samples.jsonl"  # the events of the training, one JSON object per line
CHECKPOINTS = "checkpoints"  # a folder that has one folder for each checkpoint
CHECKPOINT_STATE, CHECKPOINT_MANIFEST = "state.safetensors", "manifest.json"

_CHECKPOINT = re.compile(r"step-(\d+)")


def checkpoint_name(step: int) -> str:
    """Return the name of the folder for the checkpoint of a step. The order of the names is the order of the steps."""
    return f"step-{step:09d}"


def checkpoint_step(folder: Path) -> int | None:
    """Return the step in the name of a checkpoint's folder; None if it is not the name of a checkpoint."""
    named = _CHECKPOINT.fullmatch(folder.name)
    return int(named[1]) if named else None
