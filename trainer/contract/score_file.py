"""The file of a model's score, score.json, as it is checked before a page shows it.

Pure Python: the web process checks an uploaded model with this module.
"""

import json
import math
import re
from collections.abc import Callable
from typing import Any

Check = Callable[[Any], bool]
_LONGEST_TEXT = 10_000
_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # databases and UTF-8 have no place for them


class ScoreProblem(ValueError):
    """A file that is not a valid score."""


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and 0 <= value <= 1e6


def _is_difference(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and abs(value) <= 1e6


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**53


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_TEXT and not _NO_TEXT.search(value)


def _is_loss(value: Any) -> bool:
    return value is None or _is_number(value)


def _are_losses(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 100 and all(map(_is_loss, value))


def _is_positive(value: Any) -> bool:
    return _is_number(value) and value > 0


_PART: dict[str, Any] = {"carried": _is_loss, "cold": _is_loss}
_NEEDED: dict[str, Any] = {
    "held_out": {"whole": _PART, "first_half": _PART, "second_half": _PART},
    "baselines": {"ngram": _is_positive, "ngram_order": _is_count, "xz": _is_number, "note": _is_text},
    "verdict": _is_text,
}
_OPTIONAL: dict[str, Any] = {  # scores of earlier versions do not have them
    "characters": _is_count,
    "held_out_characters": _is_count,
    "held_out_shares": {"unseen": _is_number, "copied": _is_number, "repeated": _is_number},
    "held_out_note": _is_text,
    "judged": lambda value: type(value) is bool,
    "earlier": {"step": _is_count, "behind": _is_difference},
    "logit_scale": _is_positive,
    "mixture": {
        "order": _is_count,
        "network": _is_number,
        "counting": _is_number,
        "second_half": _is_number,
        "network_second_half": _is_number,
    },
}
_OPTIONAL_BASELINES: dict[str, Any] = {"ngram_orders": _are_losses, "characters_read": _is_count, "passage": _is_text}


def read(data: bytes) -> dict[str, Any]:
    """Return the score that a file holds, with its known fields alone. Raises ScoreProblem."""
    try:
        content = json.loads(data)
        given = {name: _OPTIONAL[name] for name in _OPTIONAL if content.get(name) is not None}
        baselines = {name: check for name, check in _OPTIONAL_BASELINES.items() if name in content["baselines"]}
        expected = {**_NEEDED, **given, "baselines": {**_NEEDED["baselines"], **baselines}}
        score: dict[str, Any] = _checked(content, expected)
        return score
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ScoreProblem("The score is damaged.") from None


def _checked(value: Any, expected: Any) -> Any:
    if isinstance(expected, dict):
        return {name: _checked(value[name], inner) for name, inner in expected.items()}
    if not expected(value):
        raise ValueError(value)
    return value
