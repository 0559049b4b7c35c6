"""Writing settings: all that a request for passages may set, each with its type, its default value and its limits.

`SETTINGS` is the only table of them. The command line and `serve` read it, and `check` turns their values into a
`WritingRequest`. The site reads it for its form, the page's address, its request to `serve`, and the description of a
passage on pages and in downloads. To add a setting, add one field to one of the two classes.

Pure Python: the web process imports this module.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

_MOST = 10_000_000
_SHOWN = 40  # characters of a wrong value


class SettingProblem(ValueError):
    """A value that a setting can't have. The message is one sentence for the person who chose it."""


@dataclass(frozen=True)
class Setting:
    """One setting: its type, its default value, a line of help for the command line and the site, and its limits.

    Args:
        site_maximum: the maximum on a site, where many people share one writer; None if it is the same as `maximum`.
        option: its name on the command line, if that is different.
        label: its name on the site, in lower case.
        step: by how much the slider of a number that is not whole moves.
        is_common: whether many people choose it: then the site always shows it, and a passage always tells it.
    """

    kind: type
    default: Any
    help: str
    minimum: float | None = None
    maximum: float | None = None
    site_maximum: int | None = None
    option: str = ""
    label: str = ""
    step: float = 0.05
    is_common: bool = False


def _setting(default: Any, help: str, minimum: float | None = None, maximum: float | None = None, **rest: Any) -> Any:
    """Return a field for a dataclass, with its `Setting` as metadata."""
    return field(default=default, metadata={"setting": Setting(type(default), default, help, minimum, maximum, **rest)})


@dataclass(frozen=True)
class SamplingOptions:
    """How the next symbol is chosen.

    Args:
        temperature: the logits are divided by it; at 0 the likeliest symbol is always chosen.
        top_k: choose only among the k likeliest symbols; 0 for all.
        top_p: choose only among the likeliest symbols that together have this probability (Holtzman et al. 2020). With
            top_k or top_p, only the 1,000 likeliest symbols are considered.
        penalty: against loops. If the last n code points are a repetition of text within the last 256 symbols, the
            symbol that came next there becomes less likely: its logit is lowered by penalty · (n - 12) / 4, if that is
            positive. If the repeated text is d symbols back and 2d + 1 is less than 12, then 2d + 1 replaces 12.
        counting: the share of the mixture of the network and the n-grams of its text: see
            `trainer.evaluation.mixture`. Above 0, the request has to name the text.
    """

    temperature: float = _setting(
        0.8,
        "0 takes the likeliest character; 1 is as varied as the text; more is wilder.",
        0,
        2,
        label="temperature",
        is_common=True,
    )
    top_k: int = _setting(0, "Choose among this many likeliest characters only. 0: among all.", 0, 1_000, label="top-k")
    top_p: float = _setting(
        1.0,
        "Choose among the likeliest that together have this probability: 0.9 leaves out the odd ones. 1: all.",
        0.05,
        1,
        label="top-p",
    )
    penalty: float = _setting(
        0.0,
        "Makes it less likely to say again what it has just said. 0: nothing is done about it; 1 breaks most loops.",
        0,
        2,
        label="penalty against loops",
    )

    counting: float = _setting(
        0.0,
        "How much counting letters helps the network: 0 not at all; 1 as both together predict the text best.",
        0,
        1,
        label="counting",
    )

    @property
    def filters(self) -> bool:
        return self.temperature > 0 and (self.top_k > 0 or self.top_p < 1)


_VOICES = Setting(
    dict, {}, "write in the voice of a document; several times, each with a share, for a mixture", option="voice"
)


@dataclass(frozen=True)
class WritingRequest:
    """A checked request for passages.

    Args:
        prompt: the text that each passage continues; it is not part of the passage. At most its last OPENING_SYMBOLS
            and its last OPENING_CHARACTERS are read.
        length, words, ending, paragraph: where a passage ends. The first limit that it reaches counts: see
            `endings.Passage`.
        sampling: how symbols are chosen.
        passages, first: the numbers of the passages are first … first + passages - 1. A passage depends on its number
            and the seed, but not on the other passages that are written with it.
        trace: also return how likely each symbol was: see `passages.Piece`. It takes a fifth of the time.
        voices: the shares of the voices in which it is written, by their names; empty for no voice. They are divided by
            their sum.
    """

    prompt: str = _setting("", "what to go on from")
    length: int = _setting(500, "characters to write", 1, _MOST, site_maximum=100_000, label="length")
    sampling: SamplingOptions = SamplingOptions()
    seed: int = _setting(1, "The same seed and settings write the same again.", 0, 2**32 - 1, label="seed")
    passages: int = _setting(
        1, "passages to write, each of them different", 1, 10_000, site_maximum=8, label="passages"
    )
    first: int = _setting(0, "number of the first passage, which decides what it becomes", 0, 2**31)
    words: int = _setting(0, "words to write at most; 0: any number", 0, _MOST, site_maximum=20_000)
    ending: str = _setting("", "end before TEXT", option="until")
    paragraph: bool = _setting(False, "end with the paragraph, before a blank line")
    trace: bool = _setting(False, "with --json: how likely each symbol was, and what else was likely")
    voices: dict[str, float] = field(default_factory=dict, metadata={"setting": _VOICES})


def _settings_of(kind: type) -> dict[str, Setting]:
    return {field.name: field.metadata["setting"] for field in fields(kind) if "setting" in field.metadata}


SAMPLING: dict[str, Setting] = _settings_of(SamplingOptions)
SETTINGS: dict[str, Setting] = _settings_of(WritingRequest) | SAMPLING


def check(values: Mapping[str, Any]) -> WritingRequest:
    """Return a checked request. A setting that is missing or None gets its default value.

    Raises SettingProblem for an unknown name, and for a value of another type or outside its limits.
    """
    found = {name: checked(name, value) for name, value in values.items() if value is not None}
    sampling = SamplingOptions(**{name: found.pop(name) for name in list(found) if name in SAMPLING})
    return WritingRequest(sampling=sampling, **found)


def checked(name: str, value: Any) -> Any:
    """Return the value of a setting in the type of the setting. Raises SettingProblem if it is not allowed."""
    setting = SETTINGS.get(name)
    if setting is None:
        raise SettingProblem(f"There is no writing setting called {_shown(name)}.")
    if not _is_of_kind(setting.kind, value) or not _is_within(setting, value):
        raise SettingProblem(f"{name} has to be {_wanted(setting)}, not {_shown(value)}.")
    return setting.kind(value)


def _is_of_kind(kind: type, value: Any) -> bool:
    return type(value) is kind or (kind is float and type(value) is int)


def _is_within(setting: Setting, value: Any) -> bool:
    """Whether a value is within the limits of a setting. NaN never is."""
    if setting.kind is dict:
        return _are_shares(value)
    if setting.minimum is None or setting.maximum is None:
        return True
    return bool(setting.minimum <= value <= setting.maximum)


def _are_shares(value: dict[Any, Any]) -> bool:
    """Whether these are shares by name, of which one at least is above 0."""
    are_numbers = all(type(share) in (int, float) and 0 <= share < math.inf for share in value.values())
    are_named = all(type(name) is str for name in value)
    return are_named and are_numbers and (not value or 0 < sum(value.values()) < math.inf)


def _wanted(setting: Setting) -> str:
    if setting.kind is dict:
        return "names, each with a share that is not negative, and not all 0"
    if setting.kind in (str, bool):
        return "text" if setting.kind is str else "true or false"
    number = "a whole number" if setting.kind is int else "a number"
    return f"{number} from {setting.minimum:,} to {setting.maximum:,}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
