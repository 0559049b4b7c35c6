"""The layout of a model directory: names of its files and folders, and of the checkpoints in it."""

import re
from pathlib import Path

RECIPE, VOCABULARY, WEIGHTS = "recipe.json", "vocabulary.json", "weights.safetensors"
MANIFEST = "model.json"  # names, sizes and SHA-256 of the model's files
SCORE = "score.json"  # at the end of the training
HISTORY, SAMPLES = "history.jsonl", "samples.jsonl"  # what it told, one JSON object a line
CHECKPOINTS = "checkpoints"  # a folder, with a folder for each checkpoint
CHECKPOINT_STATE, CHECKPOINT_MANIFEST = "state.safetensors", "manifest.json"

_CHECKPOINT = re.compile(r"step-(\d+)")


def checkpoint_name(step: int) -> str:
    """Return what the folder of a step's checkpoint is called. Names in order are steps in order."""
    return f"step-{step:09d}"


def checkpoint_step(folder: Path) -> int | None:
    """Return the step that a checkpoint's folder is called after; None where it is no checkpoint's name."""
    named = _CHECKPOINT.fullmatch(folder.name)
    return int(named[1]) if named else None
