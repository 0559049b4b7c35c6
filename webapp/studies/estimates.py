"""How long a recipe takes on this machine: the trainer's estimate, at the speed that was measured here."""

from collections.abc import Iterable
from typing import Any

from trainer import recipe as recipes
from trainer import sizing
from webapp.studies.models import Study

_REFERENCE_PARAMETERS = 2_000_000  # of the network that the trainer's speeds are of
_TELLING_PARAMETERS = 200_000  # smaller networks spend their time on other things than their weights
_TUTORIAL_UNITS = recipes.PRESETS["tutorial"]["units"]
_LATEST = 10

Events = tuple[dict[str, Any], dict[str, Any]]  # the newest `started` and `progress` of a training


def estimates(characters: int) -> dict[str, float]:
    """Return about how many seconds each recipe takes with its own budget.

    At the speeds of the latest trainings here; before the first, at a typical machine's.
    """
    events = _latest_trainings()
    speed = _first(_speed_of_reference(*pair) for pair in events) or sizing.TYPICAL_SPEED
    seconds = {preset: sizing.estimate_seconds(preset, characters, speed) for preset in recipes.PRESETS}
    windows_per_second = _first(_tutorial_speed(*pair) for pair in events)
    if windows_per_second:
        seconds["tutorial"] = 0.9 * characters / windows_per_second  # a window for each character trained on
    return seconds


def _latest_trainings() -> list[Events]:
    studies = Study.objects.filter(started__isnull=False, progress__isnull=False).order_by("-pk")
    latest = studies.only("started", "progress")[:_LATEST]
    return [(study.started, study.progress) for study in latest if study.started and study.progress]


def _first(speeds: Iterable[float | None]) -> float | None:
    return next((speed for speed in speeds if speed), None)


def _speed_of_reference(started: dict[str, Any], progress: dict[str, Any]) -> float | None:
    """The work on a character grows with the weights: scale to the network of reference."""
    if _kind(started["recipe"]) != ("stream", "char", "lstm") or started["parameters"] < _TELLING_PARAMETERS:
        return None
    return float(progress["chars_per_s"] * started["parameters"] / _REFERENCE_PARAMETERS)


def _tutorial_speed(started: dict[str, Any], progress: dict[str, Any]) -> float | None:
    recipe = started["recipe"]
    if _kind(recipe) != ("tutorial", "char", "lstm") or recipe["units"] != _TUTORIAL_UNITS:
        return None
    return float(progress["chars_per_s"])


def _kind(recipe: dict[str, Any]) -> tuple[str, str, str]:
    return recipe["procedure"], recipe.get("level", "char"), recipe.get("cell", "lstm")
