"""The estimates of trainings: the network and the duration, at the speed that workers have measured."""

from collections.abc import Iterable
from typing import Any

from trainer.contract import continuing, documents, pace, procedures, sizing
from trainer.contract import recipe as recipes
from trainer.contract.procedures import PROCEDURES, STREAM, Procedure
from trainer.contract.reasons import reasons
from trainer.contract.recipe import Recipe
from webapp.queue import announced
from webapp.studies.models import Study

_REFERENCE_PARAMETERS = 2_000_000  # of the network of reference, for which the trainer's table gives speeds
_FEWEST_PARAMETERS = 200_000  # the time of smaller networks does not depend on their weights, so it is not used
_LATEST = 10
_NATIVE = "native"  # begins what a training says of its loops, if they are native

Events = tuple[dict[str, Any], dict[str, Any]]  # the newest `started` and `progress` of a training


class Estimator:
    """Estimates with the speed that the workers have measured: with `needs_gpu` those with a GPU, else the others.

    Where none of them was heard of lately, it is the speed of the latest trainings on this site, and before the first
    one that of a typical machine.
    """

    def __init__(self, needs_gpu: bool = False) -> None:
        events = _latest_trainings()
        before = _first(speed_of_reference(*pair) for pair in events)
        self.speed = announced.speed(needs_gpu) or before or pace.TYPICAL_SPEED
        unsized = [procedure for procedure in PROCEDURES.values() if not procedure.is_sized]
        self._has_native_loops = _are_native([started for started, _ in events])
        self._speeds = {one.name: _first(_speed_of_own_network(one, *pair) for pair in events) for one in unsized}

    def seconds(self, choices: dict[str, Any], characters: int) -> float:
        """Return about how many seconds a training takes from its start to its score."""
        speed = self._speeds.get(procedures.of_choices(choices).name)
        if speed and not choices.get("minutes"):
            epochs = choices.get("epochs") or recipes.PRESETS[choices["recipe"]]["epochs"]
            return float(epochs * 0.9 * characters / speed)  # all but the held-out tenth is trained on
        return sizing.estimate_seconds(choices, characters, self.speed)

    def presets(self, characters: int, network: Recipe | None = None, read: int | None = None) -> dict[str, float]:
        """Return the seconds that each recipe takes with its default budget.

        Args:
            network: the recipe of a model whose network is trained, if any.
            read: the characters that an epoch reads, if documents have weights. The tutorial knows no weights.
        """
        kept = {name: getattr(network, name) for name in continuing.OF_THE_MODEL} if network else {}
        sized = {name: procedures.of_choices({"recipe": name}).is_sized for name in recipes.PRESETS}
        return {
            preset: self.seconds({"recipe": preset, **kept}, read or characters if is_sized else characters)
            for preset, is_sized in sized.items()
            if is_sized or not kept
        }

    def seconds_of(self, study: Study) -> float:
        """Return about how many seconds a queued training will take, counted from its checkpoint if it has one."""
        done = (study.progress or {}).get("done", 0.0) if study.checkpoint_key else 0.0
        after = sizing.seconds_to_score(study.characters, self.speed)
        return after + (1 - done) * max(0.0, self.seconds(study.choices, study.characters_an_epoch) - after)

    def recipe(self, preset: str, characters: int, alphabet: int) -> Recipe:
        """Return the recipe that a preset gives for a corpus on this machine.

        Args:
            preset: the name of the preset.
            characters: the number of characters in the corpus.
            alphabet: the number of different characters in the corpus.
        """
        trained = max(documents.MINIMUM_CHARACTERS, characters) * 9 // 10
        is_native = self._has_native_loops
        return sizing.resolve({"recipe": preset}, trained, alphabet + 1, self.speed, is_native=is_native)

    def fine_tuned(self, network: Recipe, preset: str, characters: int, alphabet: int) -> Recipe:
        """Return the recipe that a preset gives for a corpus, if a model with this recipe learns it."""
        trained = max(documents.MINIMUM_CHARACTERS, characters) * 9 // 10
        return continuing.fine_tuned(network, {"recipe": preset}, trained, alphabet + 1, self.speed)


def explained(recipe: Recipe, choices: dict[str, Any], characters: int, alphabet: int) -> dict[str, str]:
    """Return the reason for each value of a recipe that was made for a corpus."""
    return reasons(recipe, choices, characters * 9 // 10, alphabet + 1)


def _latest_trainings() -> list[Events]:
    studies = Study.objects.filter(started__isnull=False, progress__isnull=False).order_by("-pk")
    latest = studies.only("started", "progress")[:_LATEST]
    return [(study.started, study.progress) for study in latest if study.started and study.progress]


def _are_native(begun: list[dict[str, Any]]) -> bool:
    """Whether native loops computed the latest LSTM among trainings; before the first one, they are expected."""
    told = (started["loops"] for started in begun if started.get("loops") and started["recipe"].get("cell") == "lstm")
    return next(told, _NATIVE).startswith(_NATIVE)


def _first(speeds: Iterable[float | None]) -> float | None:
    return next((speed for speed in speeds if speed), None)


def speed_of_reference(started: dict[str, Any], progress: dict[str, Any]) -> float | None:
    """Return the speed of a network of reference, since the work for a character grows with the number of weights."""
    if _kind(started["recipe"]) != (STREAM.name, "char", "lstm") or started["parameters"] < _FEWEST_PARAMETERS:
        return None
    return float(progress["chars_per_s"] * started["parameters"] / _REFERENCE_PARAMETERS)


def _speed_of_own_network(procedure: Procedure, started: dict[str, Any], progress: dict[str, Any]) -> float | None:
    """Return the speed of the procedure's own network. A network of other width, level or cell has another speed."""
    recipe = started["recipe"]
    if _kind(recipe) != (procedure.name, "char", "lstm") or recipe["units"] != procedure.own["units"]:
        return None
    return float(progress["chars_per_s"])


def _kind(recipe: dict[str, Any]) -> tuple[str, str, str]:
    return recipe["procedure"], recipe.get("level", "char"), recipe.get("cell", "lstm")
