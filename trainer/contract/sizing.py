"""Sizing: what a recipe leaves open, chosen once, before the first step: from the text, the budget and the machine.

Pure Python: the web process estimates times with it.

A symbol is a character at the level char, and some characters at the level word. What is written here of characters
and measured in them is so many symbols, unless it says otherwise.

Speeds are in characters per second of a network of reference, 2x384 LSTM units trained in batches of 32 streams
of 64 characters (`TYPICAL_SPEED` on two cores of a 2023 server). Recipes with a budget in steps or epochs are
sized with the typical speed and never with a measured one: they have to be the same on every run.
"""

import math
from dataclasses import asdict
from typing import Any

from trainer.contract import recipe as recipes
from trainer.contract.recipe import Choices, Recipe, RecipeProblem

TYPICAL_SPEED = 16_000.0
_REFERENCE_PARAMETERS = 2_000_000
_STEP_OVERHEAD = 0.005  # seconds of a step that no smaller network saves
_TYPICAL_SYMBOLS = {"char": (1.0, 100), "word": (3.5, 4_000)}  # their length and number, for estimates of time
_START_SECONDS = 6.0  # from the command to the first step
_EVALUATION_SHARE = 0.06  # of the time, for all evaluations together; in a short budget more: there are at least four
_EVALUATION_SECONDS = 0.6  # for a short evaluation and its sample, at the typical speed
_SAMPLE_SECONDS = 0.1  # for the sample alone
_READING_SPEED = 1.2  # characters that an evaluation reads in the time that training takes for one
_TUTORIAL_EVALUATION_SECONDS = 2.5
_TUTORIAL_WINDOWS_PER_SECOND = 400.0  # at the typical speed

WIDTHS = (64, 96, 128, 192, 256, 320, 384, 512, 640, 768)
#: dropout of texts that are read fewer times than the limit, and of those that are read more often
DROPOUTS = ((3, 0.05), (4, 0.1), (16, 0.2), (30, 0.3), (60, 0.4), (math.inf, 0.5))
BATCH = 32
#: how far an error is followed back, the furthest first; a budget of too few steps takes the next
SEQUENCES = {"char": (64, 32, 16), "word": (32, 16)}
ENOUGH_STEPS = 2_000
FEWER_STEPS = 1_000  # that are enough where the sequence is short already, and the network no wider than it has to be
WIDE = 384  # units, which a network does not give up for steps
CHARACTERS_PER_WEIGHT = 0.75  # that a budget reads, at least, of one layer; of two twice as many
MUCH_TO_READ = 5_000_000  # symbols of a budget, from which on a second layer is worth its time
SMALL_ALPHABET = 1_000
SLENDER = 400  # units, up to which the higher rate suits
_CELL_GATES = {"lstm": 4, "gru": 3, "rnn": 1}
_CELL_WORK = {"lstm": 1.0, "gru": 1.7, "rnn": 1.6}  # of a weight: Keras's loops multiply at every step, ours at once


def resolve(
    choices: Choices,
    characters: int,
    vocabulary: int,
    speed: float = TYPICAL_SPEED,
    threads: int = 2,
    half_products: bool = False,
    symbol_length: float = 1.0,
) -> Recipe:
    """Fill what the choices leave open.

    Args:
        choices: as asked for; checked here.
        characters: symbols that are trained on (the held-out part not among them).
        vocabulary: different symbols.
        speed: of the network of reference on this machine, characters per second.
        threads: threads that the training may use.
        half_products: whether products are taken in bfloat16.
        symbol_length: code points that a symbol stands for, on average.

    Raises RecipeProblem for choices that can't be trained with.
    """
    asked = recipes.check(choices)
    if asked.get("minutes") is None:
        speed = TYPICAL_SPEED
    tutorial = asked["recipe"] == "tutorial"
    fill = _fill_tutorial if tutorial else _fill_stream
    values: dict[str, Any] = {"minutes": None, "epochs": None, "steps": None, **asked}
    fill(values, characters, vocabulary, speed, symbol_length)
    values |= _intervals(values, characters, vocabulary, speed)
    values |= {"threads": threads, "half_products": half_products}
    return Recipe(procedure="tutorial" if tutorial else "stream", **values)


def further(recipe: Recipe, step: int, choices: Choices, characters: int, vocabulary: int, speed: float) -> Recipe:
    """Return the recipe of more training of the model that `recipe` had made at `step`.

    The network and the reading of the text stay. The budget is new, and with it the schedule, from half the rate:
    the weights are good already. Arguments as for `resolve`; `choices` may hold a budget and a patience, and nothing
    else. Raises RecipeProblem.
    """
    asked = {name: value for name, value in choices.items() if value is not None}
    if len(set(asked) - {"patience"}) != 1 or not set(asked) <= {*recipes.BUDGETS, "patience"}:
        raise RecipeProblem("Training further takes a budget, minutes, epochs or steps, and patience; all else stays.")
    recipes.check(asked)
    open_again = dict.fromkeys((*recipes.BUDGETS, "patience"))
    values: dict[str, Any] = {**asdict(recipe), **open_again, **asked, "first_step": step}
    if recipe.procedure == "stream":
        values["rate"] = max(recipe.rate / 2, recipes.FIELDS["rate"].minimum or 0)
    return Recipe(**{**values, **_intervals(values, characters, vocabulary, speed)})


def parameters(values: dict[str, Any], vocabulary: int) -> int:
    """Count the weights of a network, near enough to size it."""
    units, embedding = values["units"], values["embedding"]
    gates = _CELL_GATES[values["cell"]]
    first = gates * units * (embedding + units + 1)
    others = (values["layers"] - 1) * gates * units * (2 * units + 1)
    return int(vocabulary * embedding + first + others + (units + 1) * vocabulary)


def _fill_tutorial(values: dict[str, Any], characters: int, vocabulary: int, speed: float, length: float) -> None:
    values["embedding"] = 1
    values["sequence"] = min(values["sequence"], characters - 1)  # a text of 1,000 emoji is short in symbols


def _fill_stream(values: dict[str, Any], characters: int, vocabulary: int, speed: float, length: float) -> None:
    values.setdefault("embedding", 64 if vocabulary <= SMALL_ALPHABET else 128)
    values.setdefault("layers", _best_layers(values, characters, vocabulary, speed))
    values |= _first_with_enough_steps(values, characters, vocabulary, speed, length)
    values.setdefault("rate", _rate(values))
    values.setdefault("dropout", _dropout(_budget_characters(values, characters, vocabulary, speed) / characters))


def _best_layers(values: dict[str, Any], characters: int, vocabulary: int, speed: float) -> int:
    """A second layer learns more from much text, and nothing from little. Who counts steps or epochs has the time."""
    if values["level"] == "word":
        return 1
    tried = {**values, "layers": 1, "units": 384, "batch": BATCH, "sequence": min(SEQUENCES["char"])}
    read = _budget_characters(tried, characters, vocabulary, speed)
    return 1 if values["minutes"] is not None and read < MUCH_TO_READ else 2


def _first_with_enough_steps(
    values: dict[str, Any], characters: int, vocabulary: int, speed: float, length: float
) -> dict[str, Any]:
    """Choose units, batch and sequence: the longest sequence at which a wide network has enough steps.

    What is learned in a minute depends on how often the weights change: docs/benchmarks.md.
    """
    sequences = [values["sequence"]] if "sequence" in values else SEQUENCES[values["level"]]
    for sequence in sequences:
        tried = {**values, "sequence": sequence}
        _fill_shape(tried, characters)
        widths = [values["units"]] if "units" in values else _widths(tried, characters, vocabulary, speed, length)
        for units in widths:
            tried["units"] = units
            read = _budget_characters(tried, characters, vocabulary, speed)
            enough = ENOUGH_STEPS if sequence == sequences[0] or units > WIDE else FEWER_STEPS
            if values["steps"] or read >= enough * _characters_per_step(tried):
                return tried
    is_timed = values["minutes"] is not None  # where not, narrow networks have no more steps than wide ones
    return {**tried, "units": widths[-1 if is_timed else 0]}


def _widths(values: dict[str, Any], characters: int, vocabulary: int, speed: float, length: float) -> list[int]:
    """Return the best width, and those that are wide too and leave more steps."""
    best = _best_units(values, characters, vocabulary, speed, length)
    return [best, *(units for units in reversed(WIDTHS) if WIDE <= units < best)]


def _fill_shape(values: dict[str, Any], characters: int) -> None:
    """Choose the batch; a short text has fewer, then shorter streams, also where they were asked for."""
    batch, sequence = values.get("batch", BATCH), values["sequence"]
    while batch > 1 and characters // batch < 4 * sequence:
        batch //= 2
    values["batch"] = batch
    values["sequence"] = max(1, min(sequence, characters // batch))


def _best_units(values: dict[str, Any], characters: int, vocabulary: int, speed: float, length: float) -> int:
    """The widest network that the text can fill and that the budget reads the text often enough with.

    Measured on Macbeth and tiny-shakespeare: see docs/benchmarks.md. What the text can fill depends on its code
    points, words or not. Of words, whose rows are learned where they occur, a thousand count.
    """
    counted = min(vocabulary, 1_000) if values["level"] == "word" else vocabulary
    best = WIDTHS[0]
    per_weight = CHARACTERS_PER_WEIGHT * values["layers"]
    for units in WIDTHS:
        values["units"] = units
        read = _budget_characters(values, characters, vocabulary, speed)
        if units <= room(round(characters * length)) and read >= per_weight * parameters(values, counted):
            best = units
    return best


def room(characters: int) -> float:
    """Return how many units a text can fill: 64 at 1,000 characters, 400 at 100,000, 1,000 at a million."""
    return float(64 * (max(characters, 1_000) / 1_000) ** 0.4)


def _rate(values: dict[str, Any]) -> float:
    """Wide networks take smaller steps, and short sequences larger ones."""
    is_short = values["level"] == "char" and values["sequence"] < max(SEQUENCES["char"])
    return (0.005 if values["units"] <= SLENDER else 0.004) * (1.6 if is_short else 1.0)


def _dropout(epochs: float) -> float:
    """The more often a text is read, the more it has to be kept from being learned by heart."""
    return next(dropout for limit, dropout in DROPOUTS if epochs < limit)


def _speed_of(values: dict[str, Any], vocabulary: int, speed: float) -> float:
    """Return characters per second that the network trains, given the speed of the one of reference."""
    if values["recipe"] == "tutorial":
        return _TUTORIAL_WINDOWS_PER_SECOND * speed / TYPICAL_SPEED
    batch_characters = values["batch"] * values["sequence"]
    reference_step = 32 * 64 / speed - _STEP_OVERHEAD
    weights = parameters(values, vocabulary) * _CELL_WORK[values["cell"]]
    work = weights / _REFERENCE_PARAMETERS * batch_characters / (32 * 64)
    return float(batch_characters / (_STEP_OVERHEAD + max(0.01, reference_step) * work))


def _budget_characters(values: dict[str, Any], characters: int, vocabulary: int, speed: float) -> float:
    """Return how many characters the budget trains on."""
    if values.get("minutes") is not None:
        seconds = max(1.0, values["minutes"] * 60 - _START_SECONDS)
        return float(0.9 * seconds) * _speed_of(values, vocabulary, speed)  # the rest goes into evaluations and saving
    if values.get("epochs") is not None:
        return float(values["epochs"] * characters)
    return float(values["steps"] * _characters_per_step(values))


def _characters_per_step(values: dict[str, Any]) -> int:
    return int(values["batch"] * (1 if values["recipe"] == "tutorial" else values["sequence"]))


def _intervals(values: dict[str, Any], characters: int, vocabulary: int, speed: float) -> dict[str, int]:
    """Choose, in steps, how often progress is told and the model is evaluated, and on how many characters.

    Progress about twice a second, and at most some 2,000 times. Evaluations, each with a sample, have about their share
    of the time together.
    """
    step_characters = _characters_per_step(values)
    steps_per_second = _speed_of(values, vocabulary, speed) / step_characters
    total = max(1.0, _budget_characters(values, characters, vocabulary, speed) / step_characters)
    seconds = total / steps_per_second
    tutorial = values["recipe"] == "tutorial"
    slowness = TYPICAL_SPEED / speed
    once = (_TUTORIAL_EVALUATION_SECONDS if tutorial else _EVALUATION_SECONDS) * slowness
    evaluate_every = max(1, math.ceil(total / min(24, max(4, _EVALUATION_SHARE * seconds / once))))
    each = _EVALUATION_SHARE * seconds * evaluate_every / total
    allowed = (each - _SAMPLE_SECONDS * slowness) * _READING_SPEED * _speed_of(values, vocabulary, speed)
    return {
        "progress_every": max(1, round(0.5 * steps_per_second), math.ceil(total / 2000)),
        "evaluate_every": evaluate_every,
        "first_evaluation": min(evaluate_every, max(1, round(4 * steps_per_second))),
        "evaluate_characters": 1024 if tutorial else int(min(50_000, max(6_000, allowed))),
    }


def estimate_seconds(choices: Choices, characters: int, speed: float = TYPICAL_SPEED) -> float:
    """Return about how long a training takes from its start to its score, for people who choose or wait.

    Args:
        choices: as for `resolve`.
        characters: of the whole corpus, the held-out part among them.
        speed: as for `resolve`.
    """
    after = seconds_to_score(characters, speed)
    if choices.get("minutes"):
        return float(choices["minutes"] * 60 + after)
    length, vocabulary = _TYPICAL_SYMBOLS[choices.get("level") or "char"]
    symbols = max(1, round(characters * 0.9 / length))
    recipe = asdict(resolve(choices, symbols, vocabulary, symbol_length=length))
    if recipe["minutes"]:
        return float(recipe["minutes"] * 60 + after)
    read = _budget_characters(recipe, symbols, vocabulary, speed)
    return float(_START_SECONDS + read / _speed_of(recipe, vocabulary, speed) + after)


def seconds_to_score(characters: int, speed: float = TYPICAL_SPEED) -> float:
    """Return about how long the score takes after a training, and what else is not training."""
    return 10 + min(characters, 2_000_000) * 0.1 / speed
