"""Checkpoints: all that an exact resume of a training needs, in `checkpoints/step-N/`.

A checkpoint is a folder with `state.safetensors` (the arrays) and `manifest.json` (the training state, the size and
SHA-256 of the arrays, and the SHA-256 of the manifest). It is written under a hidden name, flushed to the disk and then
renamed, so a folder `step-N` is never incomplete. The last two are kept: if the newest is damaged, the one before it is
used.
"""

import hashlib
import json
import logging
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from trainer.contract.layout import CHECKPOINT_MANIFEST, CHECKPOINT_STATE, checkpoint_name
from trainer.storage.files import flush, sha256, write_whole

log = logging.getLogger(__name__)

_KEPT = 2


class Unsound(ValueError):
    """A checkpoint that is damaged: it differs from what was written."""


@dataclass(frozen=True)
class Checkpoint:
    """The content of a checkpoint: arrays by name, and the training state in values that JSON keeps exactly."""

    step: int
    arrays: dict[str, np.ndarray]
    training_state: dict[str, Any]


def save(folder: Path, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint and return its path. Delete all but the last two, and those of later steps.

    Checkpoints of later steps exist after a rollback, or if they are damaged.

    Raises OSError if it can't be written. Then no part of it stays, and the others are unchanged.
    """
    path = folder / checkpoint_name(checkpoint.step)
    partial = folder / f".writing-{path.name}"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        _write(partial, checkpoint)
        if path.exists():  # this one is damaged, so the training resumed before it and has reached its step again
            shutil.rmtree(path)
        partial.rename(path)
        flush(folder)
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    found = _newest_first(folder)
    later = found.index(path)
    for old in found[:later] + found[later + _KEPT :]:
        shutil.rmtree(old, ignore_errors=True)
    return path


def newest_sound(folder: Path) -> Checkpoint | None:
    """Return the newest checkpoint that is not damaged; None if there is none."""
    for path in _newest_first(folder):
        try:
            return load(path)
        except (OSError, Unsound) as problem:
            log.warning("checkpoint %s is not used: %s", path.name, problem)
    return None


def load(path: Path) -> Checkpoint:
    """Read one checkpoint. Raises Unsound or OSError if it is damaged."""
    manifest = _read_manifest(path)
    state = path / CHECKPOINT_STATE
    if state.stat().st_size != manifest["state_bytes"] or sha256(state) != manifest["state_sha256"]:
        raise Unsound("its arrays are not those that were written")
    training_state = manifest["facts" if "facts" in manifest else "training_state"]  # earlier versions wrote "facts"
    return Checkpoint(manifest["step"], load_file(state), training_state)


def _write(folder: Path, checkpoint: Checkpoint) -> None:
    state = folder / CHECKPOINT_STATE
    try:
        save_file(checkpoint.arrays, state)
    except SafetensorError as error:  # raised for a full disk, instead of an OSError
        raise _as_os_error(error) from error
    flush(state)
    manifest = {
        "step": checkpoint.step,
        "training_state": checkpoint.training_state,
        "state_bytes": state.stat().st_size,
        "state_sha256": sha256(state),
    }
    write_whole(folder / CHECKPOINT_MANIFEST, json.dumps({**manifest, "sha256": _digest(manifest)}, indent=1))
    flush(folder)


def _as_os_error(error: SafetensorError) -> OSError:
    """Return the OSError that the library reports only in its message, with the number of the error."""
    number = re.search(r"os error (\d+)", str(error))
    return OSError(int(number[1]), os.strerror(int(number[1]))) if number else OSError(str(error))


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((path / CHECKPOINT_MANIFEST).read_bytes())
        digest = manifest.pop("sha256")
    except (ValueError, KeyError, AttributeError):
        raise Unsound("its manifest is damaged") from None
    if digest != _digest(manifest):
        raise Unsound("its manifest was altered")
    return dict(manifest)


def _digest(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("step-*"), reverse=True)
