"""The recipes that compare the cells: a plain RNN, a GRU and an LSTM with equally many weights and equal reading.

A plain RNN has one matrix where a GRU has three and an LSTM four, so with the same number of weights it is wider.
"""

from dataclasses import replace

from trainer.contract import pace
from trainer.contract.recipe import FIELDS, Choices, Recipe

CELLS = ("rnn", "gru", "lstm")
_OF_THE_LSTM = ("layers", "embedding", "sequence", "batch", "dropout", "input_dropout", "weight_drop", "seed")


def choices_of(lstm: Recipe, characters: int, vocabulary: int) -> dict[str, Choices]:
    """Return the choices for each cell.

    Args:
        lstm: the recipe of the LSTM, in minutes. The others get its layers, its streams and its dropout.
        characters: symbols of the training text, without the held-out part.
        vocabulary: number of different symbols.

    All three make the same number of steps, as many as the LSTM's minutes are worth, and read the same text in them.
    None has a Mogrifier, which only an LSTM can have.
    """
    values: Choices = {name: getattr(lstm, name) for name in _OF_THE_LSTM} | {"mogrifier_rounds": 0}
    lstm = replace(lstm, mogrifier_rounds=0)
    known = vars(lstm)
    read = pace.budget_characters(dict(known), pace.Conditions(characters, vocabulary, pace.TYPICAL_SPEED))
    steps = max(1, round(read / pace.characters_per_step(dict(known))))
    wanted = pace.parameters(dict(known), vocabulary)
    return {
        cell: {
            **values,
            "recipe": "quick",
            "cell": cell,
            "units": _units(cell, wanted, lstm, vocabulary),
            "steps": steps,
        }
        for cell in CELLS
    }


def _units(cell: str, wanted: int, lstm: Recipe, vocabulary: int) -> int:
    """Return the width at which a network of this cell has the number of weights that comes nearest to `wanted`."""

    def weights(units: int) -> int:
        return pace.parameters({**vars(lstm), "cell": cell, "units": units}, vocabulary)

    low, high = int(FIELDS["units"].minimum or 1), int(FIELDS["units"].maximum or 1)
    while low < high:  # the first width with at least so many weights
        middle = (low + high) // 2
        low, high = (middle + 1, high) if weights(middle) < wanted else (low, middle)
    return min((max(int(FIELDS["units"].minimum or 1), low - 1), low), key=lambda units: abs(weights(units) - wanted))
