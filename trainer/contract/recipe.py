"""The recipe of a training: its fixed choices, their limits, and the presets.

A person makes `Choices`, a plain dictionary that may leave much open. `sizing.resolve` turns them into a `Recipe`,
which leaves nothing open. Pure Python: the web process imports this module to build and check its form.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

from trainer.contract import procedures
from trainer.contract.procedures import PROCEDURES, TUTORIAL

Choices = dict[str, Any]


class RecipeProblem(ValueError):
    """A choice with which no training is possible. The message is one sentence for the person who made it."""


@dataclass(frozen=True)
class Field:
    """One choice: its type, its limits, a sentence of help for the form, and what it is a multiple of, if anything."""

    kind: type
    help: str
    minimum: float | None = None
    maximum: float | None = None
    options: tuple[str, ...] = ()
    step: int | None = None


#: The cells, each with its number of gates: the matrices of a layer's width that it has, the candidate's with them.
GATES = {"lstm": 4, "gru": 3, "rnn": 1}

FIELDS: dict[str, Field] = {
    "level": Field(str, "What the model reads and writes at a time. Characters suit most texts; words read further and "
                   "keep to real words, where there is much text.", options=("char", "word")),
    "cell": Field(
        str, "The recurrent cell: LSTM remembers longest; GRU and plain RNN are there to compare.",
        options=tuple(GATES),
    ),
    "layers": Field(int, "Recurrent layers, one above the other: one wide one learns more in little time, two in much.",
                    1, 4),
    "units": Field(int, "Memory cells in each layer: more learn more, and train more slowly.", 8, 2048),
    "networks": Field(int, "Networks that learn the text apart from each other; what they expect is averaged. Two or "
                      "three expect better than one, and write two or three times as slowly.", 1, 3),
    "embedding": Field(int, "Numbers that stand for each character or word at the network's input.", 1, 512),
    "dropout": Field(float, "Share of values hidden at random while training, so that a short text is not "
                     "learned by heart.", 0.0, 0.9),
    "input_dropout": Field(float, "Share of the numbers that stand for a character or word that is hidden at random "
                           "while training.", 0.0, 0.9),
    "weight_drop": Field(float, "Share of the weights from one character or word to the next that is hidden at random "
                         "in each step, so that a short text can be read a hundred times.", 0.0, 0.9),
    "mogrifier_rounds": Field(int, "Rounds in which what an LSTM reads and its last output scale each other before "
                              "each step (a Mogrifier), so that it expects better: 4, or 0 for a plain LSTM.", 0, 8,
                              step=2),
    "sequence": Field(int, "Characters or words that the error is followed back through.", 4, 1024),
    "batch": Field(int, "Places in the text that are read at the same time.", 1, 1024),
    "rate": Field(float, "Learning rate: the size of the steps at their largest.", 1e-5, 0.1),
    "minutes": Field(float, "Train for this long.", 0.05, 7 * 24 * 60),
    "epochs": Field(int, "Read the whole text this often.", 1, 10_000),
    "steps": Field(int, "Change the weights this often.", 1, 100_000_000),
    "patience": Field(int, "Stop early, once so many evaluations in a row brought nothing better.", 1, 1000),
    "seed": Field(int, "The same seed gives the same training again.", 0, 2**32 - 1),
    "lowercase": Field(bool, "Read the text in lower case."),
    "voices": Field(bool, "Tell the documents apart while it learns, so that it writes in the voice of each of them, "
                    "and in mixtures."),
}  # fmt: skip


def option(name: str) -> str:
    """Return the option of the command line for a choice."""
    return "--" + name.replace("_", "-")


LEAST_WEIGHT, MOST_WEIGHT = 0.01, 100.0  # of a document: how often it is read in an epoch
MOST_VOICES, LONGEST_VOICE = 64, 200  # of a model; characters of a name
BUDGETS = ("minutes", "epochs", "steps")
MINUTES_OF_A_NETWORK = 5  # a budget in minutes has at least as many for each of several networks
_MAY_BE_NONE = (*BUDGETS, "patience")

# The choices that each preset fixes. `sizing` fits all others to the text, the budget and the machine.
PRESETS: dict[str, Choices] = {
    "quick": {"minutes": 2.0},
    "balanced": {"minutes": 10.0},
    "best": {"minutes": 30.0},
    "tutorial": {"epochs": TUTORIAL.offered_epochs[0], **TUTORIAL.own},
}


@dataclass(frozen=True)
class Recipe:
    """All values that decide a training, with nothing left open. It is saved as recipe.json.

    Exactly one of the budgets `minutes`, `epochs` and `steps` is set. The fields that `FIELDS` does not explain:

    procedure: "stream" (truncated backpropagation through time along contiguous streams) or "tutorial" (windows).
    progress_every, evaluate_every: intervals in steps.
    first_evaluation: steps before one additional early evaluation, so that a model can soon be used.
    evaluate_characters: the most characters that one evaluation reads.
    patience: the training ends early after this number of evaluations without a better model (None: never).
    ends_early: whether it also ends once the held-out loss has risen for long.
    most_steps: the steps after which a budget in minutes is over, whatever time is left (None: only time limits it).
    sequence_masks: whether dropout hides the same values at every symbol of a sequence (variational dropout).
    skips: whether the output layer reads the sum of all recurrent layers, or else the last one.
    weight_decay: the share of each weight that is taken off in a step, as a share of the learning rate.
    weights: how often each document is read in an epoch, in the order of the files (empty: each once).
    voice_names: the voices that the model knows, in the order of their rows in the network (empty: no voices).
    document_voices: the voice of each document, in the order of the files.
    first_step: the step of the model that is trained further (0: a new model, or one that learns another text).
    fine_tuned: whether it began with a model of another text.
    threads, half_products: recorded because the last bits of the weights depend on them. With `half_products`, the LSTM
        computes its matrix products in bfloat16.
    """

    recipe: str
    procedure: str
    level: str
    cell: str
    layers: int
    units: int
    embedding: int
    dropout: float
    sequence: int
    batch: int
    rate: float
    seed: int
    lowercase: bool
    minutes: float | None
    epochs: int | None
    steps: int | None
    threads: int
    half_products: bool
    progress_every: int
    evaluate_every: int
    first_evaluation: int
    evaluate_characters: int
    networks: int = 1
    input_dropout: float = 0.0
    weight_drop: float = 0.0
    sequence_masks: bool = False
    skips: bool = False
    mogrifier_rounds: int = 0
    weight_decay: float = 0.01
    weights: tuple[float, ...] = ()
    voices: bool = False
    voice_names: tuple[str, ...] = ()
    document_voices: tuple[str, ...] = ()
    first_step: int = 0
    fine_tuned: bool = False
    patience: int | None = None
    ends_early: bool = False
    most_steps: int | None = None

    def voice_number(self, name: str) -> int:
        """Return the number of a voice, from 1 on, as in `trainer.text.voices`; 0 if the model does not know it."""
        return self.voice_names.index(name) + 1 if name in self.voice_names else 0

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        """Return the recipe of a recipe.json. Raises RecipeProblem if the text is not a complete and valid recipe."""
        try:
            values = json.loads(text)
        except ValueError:
            raise RecipeProblem("The recipe is not JSON.") from None
        names = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or set(completed(values)) != names:
            raise RecipeProblem("The recipe does not hold the fields of a recipe.")
        values = completed(values)
        _check_saved(values)
        return cls(**values | {name: tuple(values[name]) for name in ("weights", "voice_names", "document_voices")})


def completed(saved: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a saved recipe, and of the fields that versions of the trainer after it have added."""
    added = {field.name: field.default for field in fields(Recipe) if field.default is not MISSING}
    lists = {name: list(value) for name, value in added.items() if isinstance(value, tuple)}
    return {**added, **lists, **saved}


def _check_saved(values: Mapping[str, Any]) -> None:
    if sum(values[budget] is not None for budget in BUDGETS) != 1:
        raise RecipeProblem("A recipe has one budget: minutes, epochs or steps.")
    for name, field in FIELDS.items():
        if values[name] is not None or name not in _MAY_BE_NONE:
            check_value(name, field, values[name])
    if values["recipe"] not in PRESETS or values["procedure"] not in PROCEDURES:
        raise RecipeProblem("The recipe names a preset or procedure that does not exist.")
    for name in ("threads", "progress_every", "evaluate_every", "first_evaluation", "evaluate_characters"):
        if type(values[name]) is not int or values[name] < 1:
            raise RecipeProblem(f"The recipe's {name} has to be a whole number of at least 1.")
    if values["most_steps"] is not None and (type(values["most_steps"]) is not int or values["most_steps"] < 1):
        raise RecipeProblem("The recipe's most_steps has to be a whole number of at least 1, or null.")
    if type(values["first_step"]) is not int or values["first_step"] < 0:
        raise RecipeProblem("The recipe's first_step has to be a whole number.")
    if type(values["weight_decay"]) is not float or not 0 <= values["weight_decay"] <= 1:
        raise RecipeProblem("The recipe's weight_decay has to be a number from 0 to 1.")
    if not isinstance(values["weights"], list | tuple) or not all(map(is_weight, values["weights"])):
        raise RecipeProblem("The recipe's weights have to be numbers from 0.01 to 100.")
    for name in ("half_products", "sequence_masks", "skips", "ends_early", "fine_tuned"):
        if type(values[name]) is not bool:
            raise RecipeProblem(f"The recipe's {name} has to be true or false.")
    check_mogrifier(values)
    _check_saved_voices(values["voices"], values["voice_names"], values["document_voices"])


def _check_saved_voices(has_voices: bool, names: Any, of_documents: Any) -> None:
    are_lists = all(isinstance(each, list | tuple) for each in (names, of_documents))
    if not are_lists or not all(type(name) is str and 0 < len(name) <= LONGEST_VOICE for name in names):
        raise RecipeProblem("The recipe's voices have to be names.")
    is_sound = len(set(names)) == len(names) <= MOST_VOICES and all(name in names for name in of_documents)
    if not is_sound or {bool(names), bool(of_documents)} != {has_voices}:
        raise RecipeProblem("The recipe's voices do not fit each other.")


def is_weight(weight: Any) -> bool:
    """Whether a document may be read so often in an epoch."""
    return type(weight) in (int, float) and LEAST_WEIGHT <= weight <= MOST_WEIGHT


def check_mogrifier(values: Mapping[str, Any]) -> None:
    """Raise RecipeProblem if there are rounds of a Mogrifier in a cell that has none."""
    if values.get("mogrifier_rounds") and values["cell"] != "lstm":
        raise RecipeProblem("Only an LSTM has rounds of a Mogrifier: choose LSTM, or 0 rounds.")


def check(choices: Mapping[str, Any]) -> Choices:
    """Return the choices, checked, together with those that the preset fixes. None means that a choice is left open.

    Raises RecipeProblem for an unknown name, for a value of the wrong type or outside its limits, and for choices that
    exclude each other.
    """
    asked = {name: value for name, value in choices.items() if value is not None}
    preset = asked.pop("recipe", "quick")
    if preset not in PRESETS:
        raise RecipeProblem(f"There is no recipe called {preset!r}: choose one of {', '.join(PRESETS)}.")
    for name, value in asked.items():
        if name not in FIELDS:
            raise RecipeProblem(f"A recipe has no choice called {name!r}.")
        check_value(name, FIELDS[name], value)
    _check_together(preset, asked)
    fixed = dict(PRESETS[preset])
    if any(budget in asked for budget in BUDGETS):
        fixed = {name: value for name, value in fixed.items() if name not in BUDGETS}
    return {"recipe": preset, "level": "char", "cell": "lstm", "seed": 1, "lowercase": False, **fixed, **asked}


def check_value(name: str, field: Field, value: Any) -> None:
    """Raise RecipeProblem unless the value has the type of the field and is within its limits."""
    if field.options:
        if value not in field.options:
            raise RecipeProblem(f"{name} has to be one of {', '.join(field.options)}, not {value!r}.")
        return
    if field.kind is bool:
        if type(value) is not bool:
            raise RecipeProblem(f"{name} has to be true or false, not {value!r}.")
        return
    is_number = type(value) is int or (field.kind is float and type(value) is float and math.isfinite(value))
    if not is_number:
        wanted = "a whole number" if field.kind is int else "a number"
        raise RecipeProblem(f"{name} has to be {wanted}, not {value!r}.")
    assert field.minimum is not None and field.maximum is not None
    if not field.minimum <= value <= field.maximum:
        raise RecipeProblem(f"{name} has to be from {field.minimum:,} to {field.maximum:,}, not {value:,}.")
    if field.step and value % field.step:
        raise RecipeProblem(f"{name} has to be a multiple of {field.step}, not {value:,}.")


def _check_together(preset: str, asked: Mapping[str, Any]) -> None:
    check_mogrifier({"cell": "lstm", **asked})
    budgets = [budget for budget in BUDGETS if budget in asked]
    if len(budgets) > 1:
        raise RecipeProblem(f"Choose one budget: {' or '.join(budgets)}.")
    networks = asked.get("networks", 1)
    minutes = asked.get("minutes", PRESETS[preset].get("minutes") if not budgets else None)
    if networks > 1 and minutes is not None and minutes < MINUTES_OF_A_NETWORK * networks:
        raise RecipeProblem(
            f"{networks} networks need {MINUTES_OF_A_NETWORK * networks} minutes or more: choose more minutes, or one "
            "network."
        )
    procedure = procedures.of_choices({"recipe": preset})
    fixed = sorted(name for name in asked if not procedure.may_change(name) and asked[name] != procedure.own.get(name))
    if fixed:
        raise RecipeProblem(procedure.refusal.format(names=", ".join(fixed)))
