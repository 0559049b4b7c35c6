"""The processor of this machine and its memory. This module imports no framework."""

import ctypes
import functools
import os
from pathlib import Path


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def instructions() -> frozenset[str]:
    """Return the instructions that programs may use, by Linux's names; none on another system."""
    return frozenset(_told("flags").split())


def maker() -> str:
    """Return the processor's maker as it names itself, such as `AuthenticAMD`; empty on another system than Linux."""
    return _told("vendor_id")


@functools.cache
def _told(name: str) -> str:
    """Return what Linux tells of the first processor under this name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.startswith(name)), "").partition(":")[2].strip()


def multiplies_bfloat16() -> bool:
    """Whether bfloat16 products are faster here than float32 ones (docs/benchmarks.md).

    They are with AMX. With AVX-512's instruction for pairs they are on AMD's processors, and not on Intel's.
    """
    known = instructions()
    return "amx_bf16" in known or ("avx512_bf16" in known and maker() == "AuthenticAMD")


def keep_memory() -> None:
    """Let the C library keep freed memory for later, instead of giving it to the system and asking for it again.

    A training step allocates the same 30 MB every time. The system clears every page that it gives: 6,000 pages a step,
    20 of 110 ms of processor time with 2×384 units. It does nothing if the C library is not glibc.
    """
    trim_threshold, mmap_threshold = -1, -3  # names of mallopt's parameters
    if option := getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None:
        option(mmap_threshold, 1 << 25)
        option(trim_threshold, (1 << 31) - 1)


def give_memory_back() -> None:
    """Return freed memory, which the C library keeps for later, to the system: about 100 MB after a training.

    It does nothing if the C library is not glibc.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)
