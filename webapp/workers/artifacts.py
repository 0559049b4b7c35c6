"""The artifacts of a training, which are its model and its checkpoint, copied from and to the storage.

Each key contains the attempt and the step. Only an UPDATE that names the lease's token changes the keys in the
study's row: a worker that has lost its lease can leave files in the storage, but nothing will ever use them.
"""

import json
import logging
import shutil
from pathlib import Path
from typing import Any

from django.db import DatabaseError, close_old_connections

from trainer.contract.layout import (
    CHECKPOINT_MANIFEST,
    CHECKPOINT_STATE,
    CHECKPOINTS,
    MANIFEST,
    WEIGHTS,
    checkpoint_step,
)
from webapp import files
from webapp.queue.models import Job
from webapp.studies.models import Study
from webapp.workers.checksums import ArtifactProblem, check_sha256
from webapp.workers.lease_holder import LeaseHolder

log = logging.getLogger(__name__)

_TRIES = 5


def store(study_id: int, job: Job, folder: Path, holder: LeaseHolder) -> bool:
    """Store the newest model and the newest checkpoint, and write their keys into the study's row.

    Return whether the storage and the row have them now. Raises LeaseLost.
    """
    staging = folder.parent / "staging"
    try:
        with holder.renewing():
            study = Study.objects.get(pk=study_id)
            changed = _store_model(study, job, folder, staging) | _store_checkpoint(study, job, folder, staging)
            changed |= {"kept_bytes": _size(study, changed)} if changed else {}
    except (OSError, DatabaseError) as error:
        log.warning("job %s: its files could not be stored now (%s)", job.pk, error)
        close_old_connections()
        return False
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    if changed and not holder.write(lambda: _point_to(study, changed, holder)):
        return False
    if changed:
        log.info("job %s: its model or checkpoint is stored", job.pk, extra={"stored": sorted(changed)})
    for key in {study.model_key, study.checkpoint_key} - {"", *changed.values()} if changed else ():
        _delete(key)
    return True


def _point_to(study: Study, changed: dict[str, object], holder: LeaseHolder) -> None:
    """Write the new keys. Lost attempts are counted anew from a checkpoint of another step.

    Its step may be smaller than the last one's, after training diverged and returned to earlier weights.
    """
    Study.objects.filter(pk=study.pk).update(**changed)
    if changed.get("checkpoint_step", study.checkpoint_step) != study.checkpoint_step:
        holder.lease.reset_lost_attempts()


def _size(study: Study, changed: dict[str, object]) -> int:
    keys = {name: changed.get(name, getattr(study, name)) for name in ("model_key", "checkpoint_key")}
    return sum(files.size(str(key)) for key in keys.values() if key)


def _delete(key: str) -> None:
    try:
        files.delete_tree(key)
    except OSError as error:  # `manage.py orphans` finds it
        log.warning("%s is no longer needed, and could not be deleted (%s)", key, error)


def _store_model(study: Study, job: Job, folder: Path, staging: Path) -> dict[str, object]:
    target = staging / "model"
    manifest = _consistent_copy(folder, target)
    if manifest is None:
        return {}
    step, digest = manifest["step"], files.sha256_of(target / MANIFEST)
    key = f"{study.prefix}/models/{job.pk}-{job.attempt}-{step}-{digest[:8]}"
    if key == study.model_key:
        return {}
    files.copy_tree_out(target, key)  # replaces what an earlier copy that was broken off has left under this key
    return {"model_key": key, "model_step": step, "model_sha256": manifest["files"][WEIGHTS]["sha256"]}


def _consistent_copy(folder: Path, target: Path) -> dict[str, Any] | None:
    """Copy the model's files, which the trainer may replace meanwhile. Return None while there is no model."""
    for _ in range(_TRIES):
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        try:
            shutil.copy2(folder / MANIFEST, target)
            manifest: dict[str, Any] = json.loads((target / MANIFEST).read_text())
            for name, expected in manifest["files"].items():
                shutil.copy2(folder / name, target)
                check_sha256(target / name, expected["sha256"])
        except FileNotFoundError:
            if not (folder / MANIFEST).exists():
                return None
        except ArtifactProblem:
            continue
        else:
            return manifest
    raise OSError("the model's files changed faster than they could be copied")


def _store_checkpoint(study: Study, job: Job, folder: Path, staging: Path) -> dict[str, object]:
    step, newest = _newest_checkpoint(folder)
    if newest is None:
        return {}
    key = f"{study.prefix}/checkpoints/{job.pk}-{job.attempt}-{step}"
    if key == study.checkpoint_key:
        return {}
    target = staging / "checkpoint"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder, target, ignore=lambda path, names: names if path == str(folder / CHECKPOINTS) else [])
    shutil.copytree(newest, target / CHECKPOINTS / newest.name)
    files.copy_tree_out(target, key)
    return {"checkpoint_key": key, "checkpoint_step": step}


def _newest_checkpoint(folder: Path) -> tuple[int, Path | None]:
    """Return the step and the folder of the newest undamaged checkpoint; (-1, None) where there is none."""
    named = ((checkpoint_step(path), path) for path in (folder / CHECKPOINTS).glob("*"))
    found = sorted(((step, path) for step, path in named if step is not None), reverse=True)
    return next(((step, path) for step, path in found if _is_sound(path)), (-1, None))


def _is_sound(checkpoint: Path) -> bool:
    try:
        manifest = json.loads((checkpoint / CHECKPOINT_MANIFEST).read_bytes())
        return bool(files.sha256_of(checkpoint / CHECKPOINT_STATE) == manifest["state_sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def restore(study: Study, attempts: Path, target: Path) -> bool:
    """Copy the newest checkpoint into the folder of a new attempt, from an earlier local attempt or from the storage.

    Return whether it comes from a local attempt, so that the storage does not have it yet.
    """
    local = [p / "model" for p in attempts.iterdir() if (p / "model").is_dir() and p / "model" != target]
    newest = max(local, key=_progress, default=None)
    partial = target.with_name("partial")
    shutil.rmtree(partial, ignore_errors=True)
    is_local = newest is not None and _progress(newest) > study.checkpoint_step
    if newest is not None and is_local:
        shutil.copytree(newest, partial)
    elif study.checkpoint_key:
        files.copy_tree_in(study.checkpoint_key, partial)
    if partial.exists():
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    return is_local


def _progress(folder: Path) -> int:
    return _newest_checkpoint(folder)[0]
