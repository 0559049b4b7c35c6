"""Confinement of a trainer: a few variables of the environment, a limit of memory, and the kernel ends it first."""

import contextlib
import os
import resource
import sys
from pathlib import Path

from django.conf import settings

#: what a trainer needs to run as its worker does; no key and no password is among them
_NAMES = frozenset({"PATH", "HOME", "USER", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV", "XDG_CACHE_HOME"})
_LOADER = ("LD_LIBRARY_PATH", "LD_PRELOAD", "MALLOC_")
_DEVICES = ("CUDA_", "NVIDIA_", "NCCL_", "ROCR_", "HIP_")
_COMPUTING = ("TF_", "XLA_", "KERAS_", "OMP_", "KMP_", "MKL_", "OPENBLAS_")
_BEGINNINGS = ("LC_", "PYTHON", "COVERAGE_", "UNDERSTUDY_", *_LOADER, *_DEVICES, *_COMPUTING)
_FIRST_TO_END = "700"  # of 1000: when the machine's memory runs out, the kernel ends a trainer, and not the site


def environment() -> dict[str, str]:
    """Return what a trainer inherits of this process's environment."""
    return {name: value for name, value in os.environ.items() if name in _NAMES or name.startswith(_BEGINNINGS)}


def confine(process: int) -> None:
    """Limit the memory of a process and of all that it will start, and make it the first that the kernel ends.

    The limit is on its data (private memory that can be written), not on addresses: TensorFlow reserves many
    gigabytes of those, and uses few. Linux only.
    """
    if sys.platform != "linux":
        return
    limit = settings.TRAINER_MEMORY_MB * 1_000_000
    with contextlib.suppress(OSError, ValueError):  # it has ended, or somebody has set a lower limit already
        Path(f"/proc/{process}/oom_score_adj").write_text(_FIRST_TO_END)
        if limit:
            resource.prlimit(process, resource.RLIMIT_DATA, (limit, limit))
