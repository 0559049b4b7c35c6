"""The device on which this worker's trainers compute. No TensorFlow is loaded here."""

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_ASKING_SECONDS = 10.0
_LONGEST = 120


@dataclass(frozen=True)
class Device:
    """The name of a GPU with its memory, or of the processor."""

    name: str
    is_gpu: bool


@cache
def own() -> Device:
    """Return the GPU that this worker's trainers see, or else the processor."""
    gpu = _gpu()
    return Device((gpu or _processor())[:_LONGEST], bool(gpu))


def _gpu() -> str:
    program, chosen = shutil.which("nvidia-smi"), os.environ.get("CUDA_VISIBLE_DEVICES")
    if program is None or chosen == "" or chosen == "-1":
        return ""
    which = ["-i", chosen.split(",")[0]] if chosen else []
    try:
        command = [program, *which, "--query-gpu=name,memory.total", "--format=csv,noheader"]
        said = subprocess.run(command, capture_output=True, text=True, timeout=_ASKING_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.splitlines()[0].strip() if said.strip() else ""


def _processor(file: Path = Path("/proc/cpuinfo")) -> str:
    try:
        lines = file.read_text().splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "") or platform.processor() or platform.machine()
