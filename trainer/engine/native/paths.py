"""Paths of the native LSTM: which instructions its products use, and which of them this processor has."""

import os
from dataclasses import dataclass

from trainer.engine import processor

SETTING = "UNDERSTUDY_NATIVE"  # 0 switches the native LSTM off; the name of a path allows only that one
_AVX2 = ("avx2", "fma")
_AVX512 = (*_AVX2, "avx512f", "avx512bw", "avx512dq", "avx512vl")


@dataclass(frozen=True)
class Path:
    """One way to compute products.

    name: as in `UNDERSTUDY_NATIVE`.
    label: for people.
    half: whether products are computed in bfloat16.
    instructions: what the processor must have, as Linux names it and as the compiler's flags do.
    """

    name: str
    label: str
    half: bool
    instructions: tuple[str, ...]

    @property
    def flags(self) -> tuple[str, ...]:
        """The compiler's flags for these instructions."""
        return tuple("-m" + name.replace("amx_", "amx-").replace("_", "") for name in self.instructions)


PATHS = (
    Path("amx", "AMX, bfloat16", True, (*_AVX512, "avx512_bf16", "amx_tile", "amx_bf16")),
    Path("avx512_bf16", "AVX-512, bfloat16", True, (*_AVX512, "avx512_bf16")),
    Path("avx512", "AVX-512, float32", False, _AVX512),
    Path("avx2", "AVX2, float32", False, _AVX2),
)


def is_off() -> bool:
    """Whether the setting switches the native LSTM off."""
    return os.environ.get(SETTING, "").strip().lower() in ("0", "no", "off", "false")


def of_processor(half: bool) -> list[Path]:
    """Return the paths with these products that the processor has, the best first; none if the setting is off."""
    known = processor.instructions()
    return [path for path in PATHS if not is_off() and path.half == half and known.issuperset(path.instructions)]


def available(half: bool) -> list[Path]:
    """Return those of them that the setting names; if it names none, all of them."""
    only = _named()
    return [path for path in of_processor(half) if only in ("", path.name)]


def why_none(half: bool) -> str:
    """Return why no path is available: the setting, or the processor."""
    if of_processor(half):
        kind = "bfloat16" if half else "float32"
        return f"{SETTING} is {_named()}, and that path does not compute {kind} products on this processor"
    return "there are no native loops for this processor"


def _named() -> str:
    """Return the name of a path that the setting has; empty if it names none."""
    only = os.environ.get(SETTING, "").strip()
    return only if any(path.name == only for path in PATHS) else ""
