"""The pace of a training: how fast a network trains, what a budget reads, and how often it is evaluated.

A speed is the number of characters per second at which the reference network trains: 2x384 LSTM units, in batches of 32
streams of 64 characters. `TYPICAL_SPEED` is its speed on two cores of a 2023 server. In this module "characters" means
symbols. Pure Python.
"""

import math
from dataclasses import dataclass

from trainer.contract.procedures import PROCEDURES, Procedure
from trainer.contract.recipe import GATES, Choices

TYPICAL_SPEED = 16_000.0
REFERENCE = "2x384 LSTM units, batches of 32 streams of 64 characters"
_REFERENCE_PARAMETERS = 2_000_000
_STEP_OVERHEAD = 0.005  # seconds of every step, however small the network is
START_SECONDS = 6.0  # from the command to the first step
LEARNING_SHARE = 0.9  # of the time; the rest goes into evaluations and saving
_EVALUATION_SHARE = 0.06  # of the time, for all evaluations; more in a short budget, which has at least four
_SAMPLE_SECONDS = 0.1  # for the sample of an evaluation
_READING_SPEED = 1.2  # how many characters an evaluation reads while training reads one
MOST_EPOCHS = 200  # readings of the text, after which a budget in minutes is over
# Time per weight. Keras's loops multiply the input at every step; our LSTM multiplies all inputs at once.
_CELL_WORK = {"lstm": 1.0, "gru": 1.7, "rnn": 1.6}


@dataclass(frozen=True)
class Conditions:
    """All that sizes depend on besides the choices, named as the arguments of `resolve`."""

    characters: int
    vocabulary: int
    speed: float
    symbol_length: float = 1.0


def parameters(values: Choices, vocabulary: int) -> int:
    """Return about how many weights one network has: exact enough to size it."""
    units, embedding = values["units"], values["embedding"]
    gates = GATES[values["cell"]]
    first = gates * units * (embedding + units + 1) + values.get("mogrifier_rounds", 0) * units * embedding
    others = (values["layers"] - 1) * gates * units * (2 * units + 1)
    return int(vocabulary * embedding + first + others + (units + 1) * vocabulary)


def procedure_of(values: Choices) -> Procedure:
    return PROCEDURES[values["procedure"]]


def most_steps(values: Choices, given: Conditions) -> int | None:
    """Return the steps after which a budget in minutes is over, whatever time is left; None for other budgets."""
    if values["minutes"] is None or not procedure_of(values).is_sized:
        return None
    return math.ceil(MOST_EPOCHS * given.characters / characters_per_step(values))


def speed_of(values: Choices, given: Conditions) -> float:
    """Return the characters per second at which this network trains, from the speed of the reference network."""
    if (own_speed := procedure_of(values).speed) is not None:
        return own_speed * given.speed / TYPICAL_SPEED
    batch_characters = values["batch"] * values["sequence"]
    reference_step = 32 * 64 / given.speed - _STEP_OVERHEAD
    weights = parameters(values, given.vocabulary) * _CELL_WORK[values["cell"]] * values.get("networks", 1)
    work = weights / _REFERENCE_PARAMETERS * batch_characters / (32 * 64)
    return float(batch_characters / (_STEP_OVERHEAD + max(0.01, reference_step) * work))


def budget_characters(values: Choices, given: Conditions) -> float:
    """Return how many characters the budget reads."""
    if values.get("minutes") is not None:
        seconds = max(1.0, values["minutes"] * 60 - START_SECONDS)
        most = MOST_EPOCHS * given.characters if procedure_of(values).is_sized else math.inf
        return float(min(most, LEARNING_SHARE * seconds * speed_of(values, given)))
    if values.get("epochs") is not None:
        return float(values["epochs"] * given.characters)
    return float(values["steps"] * characters_per_step(values))


def characters_per_step(values: Choices) -> int:
    return procedure_of(values).symbols_per_step(values["batch"], values["sequence"])


def intervals(values: Choices, given: Conditions) -> dict[str, int]:
    """Choose the intervals of progress reports and evaluations, in steps, and the characters of an evaluation.

    Progress is reported about twice a second, and at most about 2,000 times. All evaluations and their samples together
    take about _EVALUATION_SHARE of the time.
    """
    step_characters = characters_per_step(values)
    steps_per_second = speed_of(values, given) / step_characters
    total = max(1.0, budget_characters(values, given) / step_characters)
    seconds = total / steps_per_second
    slowness = TYPICAL_SPEED / given.speed
    all_held_out = given.characters / 9 / (_READING_SPEED * speed_of(values, given))  # seconds to read it
    once = min(procedure_of(values).evaluation_seconds * slowness, _SAMPLE_SECONDS * slowness + all_held_out)
    evaluate_every = max(1, math.ceil(total / min(24, max(4, _EVALUATION_SHARE * seconds / once))))
    each = _EVALUATION_SHARE * seconds * evaluate_every / total
    allowed = (each - _SAMPLE_SECONDS * slowness) * _READING_SPEED * speed_of(values, given)
    fewest, most = procedure_of(values).evaluation_characters
    return {
        "progress_every": max(1, round(0.5 * steps_per_second), math.ceil(total / 2000)),
        "evaluate_every": evaluate_every,
        "first_evaluation": min(evaluate_every, max(1, round(4 * steps_per_second))),
        "evaluate_characters": int(min(most, max(fewest, allowed))),
    }
