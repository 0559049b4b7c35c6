"""The description of the machine of a benchmark, and of the software on it, in one line."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "numpy")
_FLAGS = ("amx_bf16", "avx512_bf16")


def describe(peer: Path) -> str:
    """Return the cores that are used, their load before the benchmark, and the versions of the software."""
    processor = _processor()
    flags = [name if name in _instructions() else f"no {name}" for name in _FLAGS]
    cores = f"{len(os.sched_getaffinity(0))} of {os.cpu_count()} cores of {processor.get('model name', 'a processor')}"
    load = "load {:.1f}, {:.1f}, {:.1f} before".format(*os.getloadavg())
    versions = [f"Python {platform.python_version()}", *_versions(), f"PyTorch {_torch(peer)}"]
    return f"{cores} ({', '.join(flags)}); {load}; {', '.join(versions)}"


def has_amx() -> bool:
    """Whether programs may use AMX on bfloat16 here. Targets are higher where they may."""
    return "amx_bf16" in _instructions()


def _instructions() -> list[str]:
    return _processor().get("flags", "").split()


def _processor() -> dict[str, str]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    pairs = (line.partition(":") for line in lines)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _versions() -> list[str]:
    found = []
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return found


def _torch(peer: Path) -> str:
    command = [str(peer), "-c", "from importlib.metadata import version; print(version('torch'))"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "not found"
