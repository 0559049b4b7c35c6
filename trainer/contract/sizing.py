"""The sizing of a recipe: all choices that a person leaves open are made once, before the first step.

They depend on the text, the budget and the machine. Pure Python: the web process estimates times with this module.

A symbol is one character at the level char, and a word or a part of a word at the level word. In this module
"characters" means symbols, unless a comment says otherwise.

A speed is the number of characters per second at which the reference network trains: 2x384 LSTM units, in batches of 32
streams of 64 characters. `TYPICAL_SPEED` is its speed on two cores of a 2023 server. Recipes with a budget in steps or
epochs are always sized with the typical speed, because they must be the same on every run and on every machine that has
native loops.
"""

import math
from dataclasses import asdict

from trainer.contract import pace, procedures, regularisation
from trainer.contract import recipe as recipes
from trainer.contract.pace import Conditions
from trainer.contract.recipe import Choices, Recipe

_TYPICAL_SYMBOLS = {"char": (1.0, 100), "word": (3.5, 4_000)}  # characters per symbol, and symbols; to estimate times

WIDTHS = (64, 96, 128, 192, 256, 320, 384, 512, 640, 768)
BATCH = 32
#: Sequence lengths in symbols, the longest first. If the budget has too few steps at one length, the next is tried.
SEQUENCES = {"char": (64, 32, 16), "word": (32, 16)}
ENOUGH_STEPS = 2_000
FEWER_STEPS = 1_000  # enough if the sequence is not the longest and the network has at most WIDE units
WIDE = 384  # units; a network does not become narrower than this to get more steps
CHARACTERS_PER_WEIGHT = 0.75  # times the number of layers: the budget has to read at least this for each weight
MUCH_TO_READ = 5_000_000  # symbols; if the budget reads as many, a second layer is worth its time
MANY_READINGS = 30  # if the budget reads the text as often, too
SMALL_ALPHABET = 1_000
MOGRIFIER_ROUNDS = 4  # of an LSTM: two gain less, see docs/benchmarks.md
SLENDER = 400  # units; networks up to this width train with the higher rate


def resolve(
    choices: Choices,
    characters: int,
    vocabulary: int,
    speed: float = pace.TYPICAL_SPEED,
    threads: int = 2,
    half_products: bool = False,
    symbol_length: float = 1.0,
    is_native: bool = True,
) -> Recipe:
    """Return the recipe for the choices: every choice that they leave open gets a value.

    Args:
        choices: the choices of a person. They are checked.
        characters: symbols of the training text, without the held-out part.
        vocabulary: number of different symbols.
        speed: of the reference network on this machine, in characters per second.
        threads: threads that the training may use.
        half_products: whether matrix products are computed in bfloat16.
        symbol_length: code points per symbol, on average.
        is_native: whether the loops of an LSTM are native code. Elsewhere a Mogrifier is slow, so there is none.

    Raises RecipeProblem for choices with which no training is possible.
    """
    asked = recipes.check(choices)
    if asked.get("minutes") is None:
        speed = pace.TYPICAL_SPEED
    given = Conditions(characters, vocabulary, speed, symbol_length)
    procedure = procedures.of_choices(asked)
    values: Choices = {"procedure": procedure.name, "minutes": None, "epochs": None, "steps": None, **asked}
    if procedure.is_sized:
        _fit(values, given, is_native)
    else:
        values["sequence"] = min(values["sequence"], characters - 1)  # a text of 1,000 emoji is short in symbols
    values |= pace.intervals(values, given)
    values |= {"threads": threads, "half_products": half_products}
    return Recipe(**values)


def _fit(values: Choices, given: Conditions, is_native: bool) -> None:
    """Choose what is left open: the network, the batches, the learning rate and the dropout."""
    values.setdefault("embedding", 64 if given.vocabulary <= SMALL_ALPHABET else 128)
    values.setdefault("mogrifier_rounds", MOGRIFIER_ROUNDS if is_native and _gains_by_rounds(values) else 0)
    values.setdefault("layers", _best_layers(values, given))
    values |= _first_with_enough_steps(values, given)
    values.setdefault("rate", _rate(values))
    readings = pace.budget_characters(values, given) / given.characters
    values.update(regularisation.shares(readings, values["layers"], values))
    values["weight_decay"] = regularisation.weight_decay(readings)
    values["sequence_masks"] = values["weight_drop"] > 0
    values["skips"] = regularisation.has_skips(readings, values["layers"])
    values["ends_early"] = values["minutes"] is not None  # who counts steps or epochs gets all of them
    values["most_steps"] = pace.most_steps(values, given)


def _gains_by_rounds(values: Choices) -> bool:
    """Whether a Mogrifier brings something. A model of words only learns by heart sooner with it."""
    return bool(values["cell"] == "lstm" and values["level"] == "char")


def _best_layers(values: Choices, given: Conditions) -> int:
    """Return the number of layers. A second layer needs much reading, or many readings of the text.

    A budget in steps or epochs does not limit the time, so it gets two layers, unless the symbols are words.
    """
    if values["level"] == "word":
        return 1
    tried = {**values, "layers": 1, "units": 384, "batch": BATCH, "sequence": min(SEQUENCES["char"])}
    read = pace.budget_characters(tried, given)
    enough = min(MUCH_TO_READ, MANY_READINGS * given.characters)
    return 1 if values["minutes"] is not None and read < enough else 2


def _first_with_enough_steps(values: Choices, given: Conditions) -> Choices:
    """Choose units, batch and sequence: the longest sequence with which a wide network gets enough steps.

    How much a network learns in a minute depends on how often its weights change: see docs/benchmarks.md.
    """
    sequences = [values["sequence"]] if "sequence" in values else SEQUENCES[values["level"]]
    for sequence in sequences:
        tried = {**values, "sequence": sequence}
        _fill_shape(tried, given.characters)
        widths = [values["units"]] if "units" in values else _widths(tried, given)
        for units in widths:
            tried["units"] = units
            read = pace.budget_characters(tried, given)
            enough = ENOUGH_STEPS if sequence == sequences[0] or units > WIDE else FEWER_STEPS
            if values["steps"] or read >= enough * pace.characters_per_step(tried):
                return tried
    is_timed = values["minutes"] is not None  # only then does a narrow network get more steps than a wide one
    return {**tried, "units": widths[-1 if is_timed else 0]}


def _widths(values: Choices, given: Conditions) -> list[int]:
    """Return the best width, and then the smaller ones that are still wide, which leave time for more steps."""
    best = _best_units(values, given)
    return [best, *(units for units in reversed(WIDTHS) if WIDE <= units < best)]


def _fill_shape(values: Choices, characters: int) -> None:
    """Choose the batch. A short text gets fewer and then shorter streams, even if a person chose other numbers."""
    batch, sequence = values.get("batch", BATCH), values["sequence"]
    while batch > 1 and characters // batch < 4 * sequence:
        batch //= 2
    values["batch"] = batch
    values["sequence"] = max(1, min(sequence, characters // batch))


def _best_units(values: Choices, given: Conditions) -> int:
    """Return the widest network that the text can fill, and with which the budget reads enough characters per weight.

    Measured on Macbeth and tiny-shakespeare: see docs/benchmarks.md. What the text can fill depends on its number
    of code points, at both levels. Of a vocabulary of words only 1,000 are counted as weights, because the row of a
    word is trained only where the word occurs.
    """
    counted = min(given.vocabulary, 1_000) if values["level"] == "word" else given.vocabulary
    best = WIDTHS[0]
    fillable = room(round(given.characters * given.symbol_length), values["layers"])
    per_weight = CHARACTERS_PER_WEIGHT * values["layers"]
    for units in WIDTHS:
        values["units"] = units
        read = pace.budget_characters(values, given)
        if units <= fillable and read >= per_weight * pace.parameters(values, counted):
            best = units
    return best


def room(characters: int, layers: int) -> float:
    """Return how wide a text of this many code points can fill so many layers. One: 400 units for 100,000."""
    return float(64 * (max(characters, 1_000) / 1_000) ** 0.4 / math.sqrt(layers))


def _rate(values: Choices) -> float:
    """Return the learning rate: lower for wide networks, higher for short sequences."""
    is_short = values["level"] == "char" and values["sequence"] < max(SEQUENCES["char"])
    return (0.005 if values["units"] <= SLENDER else 0.004) * (1.6 if is_short else 1.0)


def estimate_seconds(choices: Choices, characters: int, speed: float = pace.TYPICAL_SPEED) -> float:
    """Return an estimate of the seconds from the start of a training to its score.

    Args:
        choices: as for `resolve`.
        characters: characters of the whole corpus, including the held-out part.
        speed: as for `resolve`.
    """
    after = seconds_to_score(characters, speed)
    length, vocabulary = _TYPICAL_SYMBOLS[choices.get("level") or "char"]
    symbols = max(1, round(characters * 0.9 / length))
    recipe = asdict(resolve(choices, symbols, vocabulary, speed, symbol_length=length))
    given = Conditions(symbols, vocabulary, speed)
    read = pace.budget_characters(recipe, given)
    seconds = pace.START_SECONDS + read / pace.speed_of(recipe, given)
    if recipe["minutes"]:  # evaluations and saving are in its time
        seconds = min(recipe["minutes"] * 60, seconds / pace.LEARNING_SHARE)
    return float(seconds + after)


def seconds_to_score(characters: int, speed: float = pace.TYPICAL_SPEED) -> float:
    """Return an estimate of the seconds for the score after a training, and for everything else outside its budget."""
    return 10 + min(characters, 2_000_000) * 0.1 / speed
