"""Confinement of a trainer: it gets few environment variables and limited memory, and the kernel ends it first."""

import contextlib
import os
import resource
import sys
from pathlib import Path

from django.conf import settings

#: the variables that a trainer needs; keys and passwords are not among them
_NAMES = frozenset({"PATH", "HOME", "USER", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV", "XDG_CACHE_HOME"})
_LOADER = ("LD_LIBRARY_PATH", "LD_PRELOAD", "MALLOC_")
_DEVICES = ("CUDA_", "NVIDIA_", "NCCL_", "ROCR_", "HIP_")
_COMPUTING = ("TF_", "XLA_", "KERAS_", "OMP_", "KMP_", "MKL_", "OPENBLAS_")
_BEGINNINGS = ("LC_", "PYTHON", "COVERAGE_", "UNDERSTUDY_", *_LOADER, *_DEVICES, *_COMPUTING)
_OOM_SCORE = "700"  # of 1000: when the machine runs out of memory, the kernel ends a trainer before the site


def environment() -> dict[str, str]:
    """Return the variables of this process's environment that a trainer gets."""
    return {name: value for name, value in os.environ.items() if name in _NAMES or name.startswith(_BEGINNINGS)}


def confine(process: int) -> None:
    """Limit the memory of a process and of its future children, and make it the first that the kernel ends.

    The limit counts private writable memory (RLIMIT_DATA) and not address space, since TensorFlow reserves many
    gigabytes of address space and uses little of it. Linux only.
    """
    if sys.platform != "linux":
        return
    limit = settings.TRAINER_MEMORY_MB * 1_000_000
    with contextlib.suppress(OSError, ValueError):  # the process has ended, or a lower limit is already set
        Path(f"/proc/{process}/oom_score_adj").write_text(_OOM_SCORE)
        if limit:
            resource.prlimit(process, resource.RLIMIT_DATA, (limit, limit))
