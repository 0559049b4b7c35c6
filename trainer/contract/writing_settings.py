"""Writing settings: what a request for passages may say, each with its kind, its default and its limits.

`SETTINGS` is the one table of them. The command line, `serve` and the site's form read it, and `check` turns what was
given to any of them into a `WritingRequest`. A new setting is one more field of one of the two classes.

Pure Python: the web process imports it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

_MOST = 10_000_000
_SHOWN = 40  # characters of a wrong value


class SettingProblem(ValueError):
    """A setting that can't be written with. The message is one sentence for the person who chose it."""


@dataclass(frozen=True)
class Setting:
    """One setting: its kind, its default, a line of help and its limits.

    Args:
        site_maximum: the most on a site, where many people share one writer; None for the maximum itself.
        option: its name on the command line, where that is another.
    """

    kind: type
    default: Any
    help: str
    minimum: float | None = None
    maximum: float | None = None
    site_maximum: int | None = None
    option: str = ""


def _setting(default: Any, help: str, minimum: float | None = None, maximum: float | None = None, **rest: Any) -> Any:
    """Make a field of a dataclass that is a setting as well."""
    return field(default=default, metadata={"setting": Setting(type(default), default, help, minimum, maximum, **rest)})


@dataclass(frozen=True)
class SamplingOptions:
    """How the next symbol is chosen.

    Args:
        temperature: logits are divided by it; 0 takes the likeliest symbol always.
        top_k: only the k likeliest symbols; 0 for all.
        top_p: only the likeliest symbols that together have this probability (Holtzman et al. 2020). With either, only
            the 1,000 likeliest are looked at.
        penalty: against loops. Where the last n code points stand within the last 256 symbols already, what came after
            them there is made less likely: its logit is lowered by penalty · (n - 12) / 4, if that is above 0. If they
            stand there d symbols ago, where 2d + 1 is less than 12, that takes its place.
    """

    temperature: float = _setting(0.8, "0 takes the likeliest symbol, 1 is as varied as the text", 0, 2)
    top_k: int = _setting(0, "choose among the N likeliest symbols only; 0: among all", 0, 1_000)
    top_p: float = _setting(1.0, "choose among the likeliest symbols that together have this probability", 0.05, 1)
    penalty: float = _setting(0.0, "against loops: lower what would repeat the text; 0: don't", 0, 2)

    @property
    def filters(self) -> bool:
        return self.temperature > 0 and (self.top_k > 0 or self.top_p < 1)


@dataclass(frozen=True)
class WritingRequest:
    """What is to be written.

    Args:
        prompt: what each passage goes on from; it is not part of the passage. Its last 5,000 symbols are read, and
            no more than OPENING_CHARACTERS.
        length, words, ending, paragraph: where each passage ends, whatever comes first: see `endings.Passage`.
        sampling: how symbols are chosen.
        passages, first: the passages' numbers are first … first + passages - 1. A passage depends on its number
            and the seed, and not on which others are written with it.
        trace: tell of each symbol how likely it was: see `passages.Piece`. It takes a fifth of the time.
    """

    prompt: str = _setting("", "what to go on from")
    length: int = _setting(500, "characters to write", 1, _MOST, site_maximum=100_000)
    sampling: SamplingOptions = SamplingOptions()
    seed: int = _setting(1, "the same seed writes the same again", 0, 2**32 - 1)
    passages: int = _setting(1, "passages to write, each of them different", 1, 10_000, site_maximum=8)
    first: int = _setting(0, "number of the first passage, which decides what it becomes", 0, 2**31)
    words: int = _setting(0, "words to write at most; 0: any number", 0, _MOST, site_maximum=20_000)
    ending: str = _setting("", "end before TEXT", option="until")
    paragraph: bool = _setting(False, "end with the paragraph, before a blank line")
    trace: bool = _setting(False, "with --json: how likely each symbol was, and what else was likely")


def _settings_of(kind: type) -> dict[str, Setting]:
    return {field.name: field.metadata["setting"] for field in fields(kind) if "setting" in field.metadata}


_SAMPLING = _settings_of(SamplingOptions)
SETTINGS: dict[str, Setting] = _settings_of(WritingRequest) | _SAMPLING


def check(values: Mapping[str, Any]) -> WritingRequest:
    """Return what was asked for, checked. What is left out, or None, is the default.

    Raises SettingProblem for an unknown name, and for a value of another kind or out of its limits.
    """
    found = {name: checked(name, value) for name, value in values.items() if value is not None}
    sampling = SamplingOptions(**{name: found.pop(name) for name in list(found) if name in _SAMPLING})
    return WritingRequest(sampling=sampling, **found)


def checked(name: str, value: Any) -> Any:
    """Return a setting's value in its own kind. Raises SettingProblem."""
    setting = SETTINGS.get(name)
    if setting is None:
        raise SettingProblem(f"There is no writing setting called {_shown(name)}.")
    if not _is_of_kind(setting.kind, value) or not _is_within(setting, value):
        raise SettingProblem(f"{name} has to be {_wanted(setting)}, not {_shown(value)}.")
    return setting.kind(value)


def _is_of_kind(kind: type, value: Any) -> bool:
    return type(value) is kind or (kind is float and type(value) is int)


def _is_within(setting: Setting, value: Any) -> bool:
    """Whether a value is within its limits. What is no number (NaN) is not."""
    if setting.minimum is None or setting.maximum is None:
        return True
    return bool(setting.minimum <= value <= setting.maximum)


def _wanted(setting: Setting) -> str:
    if setting.kind in (str, bool):
        return "text" if setting.kind is str else "true or false"
    number = "a whole number" if setting.kind is int else "a number"
    return f"{number} from {setting.minimum:,} to {setting.maximum:,}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
