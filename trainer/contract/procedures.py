"""The descriptions of the two training procedures: all that recipes, sizing, reasons, form and estimates ask of them.

`trainer.procedures` does the training. This module is pure Python, and the web process imports it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Procedure:
    """The description of one procedure.

    name: the value of the field `procedure` in recipe.json.
    presets: the presets that train by this procedure.
    own: the choices that belong to the procedure. If there are none, sizing fits all choices to the text.
    changeable: the only choices that a person may make. None: all.
    refusal: the sentence that refuses other choices, with {names}.
    reason: the reason for a choice that neither a person nor sizing has made.
    further_rate: the share of the learning rate with which a model is trained further.
    learns_whole_sequences: whether a step learns every symbol of its sequences, or only the last one.
    embeds: whether the network reads a symbol through an embedding, or else as its number, scaled to 0 … 1.
    speed: symbols learned per second on a typical machine. None: it follows from the number of weights.
    evaluation_seconds: the time of a short evaluation and its sample on a typical machine.
    evaluation_characters: the fewest and the most characters that an evaluation reads.
    offered_epochs: the numbers of epochs that the form offers.
    opening_characters: the length of an opening that is taken from the text. None: it begins with a sentence or a line.
    sample_temperature: the temperature of the samples that are written during a training.
    writing: the writing settings that the form shows first, if they differ from the usual ones.
    """

    name: str
    presets: tuple[str, ...]
    own: Mapping[str, Any]
    changeable: frozenset[str] | None
    refusal: str
    reason: str
    further_rate: float
    learns_whole_sequences: bool
    embeds: bool
    speed: float | None
    evaluation_seconds: float
    evaluation_characters: tuple[int, int]
    offered_epochs: tuple[int, ...]
    opening_characters: int | None
    sample_temperature: float
    writing: Mapping[str, float]

    @property
    def is_sized(self) -> bool:
        """Whether sizing fits the network and the batches to the text, the budget and the machine."""
        return not self.own

    def may_change(self, name: str) -> bool:
        """Whether a person may make this choice."""
        return self.changeable is None or name in self.changeable

    def symbols_per_step(self, batch: int, sequence: int) -> int:
        """Return how many symbols one step learns."""
        return batch * sequence if self.learns_whole_sequences else batch


STREAM = Procedure(
    name="stream",
    presets=("quick", "balanced", "best"),
    own={},
    changeable=None,
    refusal="",
    reason="The recipe's own.",
    further_rate=0.5,  # the weights are already good
    learns_whole_sequences=True,
    embeds=True,
    speed=None,
    evaluation_seconds=0.6,
    evaluation_characters=(6_000, 50_000),
    offered_epochs=(),
    opening_characters=None,
    sample_temperature=0.8,
    writing={},
)

TUTORIAL = Procedure(
    name="tutorial",
    presets=("tutorial",),
    own={
        "layers": 2, "units": 300, "embedding": 1, "dropout": 0.2, "sequence": 50, "batch": 30, "rate": 0.001,
        "lowercase": True,
    },
    changeable=frozenset(
        {"recipe", "level", "cell", "seed", "units", "threads", "patience", "minutes", "epochs", "steps"}
    ),
    refusal="The tutorial recipe is the tutorial's own network, so {names} can't be chosen: "
    "take another recipe to change it.",
    reason="The tutorial's own.",
    further_rate=1.0,
    learns_whole_sequences=False,
    embeds=False,
    speed=400.0,
    evaluation_seconds=2.5,
    evaluation_characters=(1_024, 1_024),
    offered_epochs=(1, 100),
    opening_characters=50,  # a window
    sample_temperature=0.0,
    writing={"temperature": 0, "length": 50},  # always the likeliest character
)  # fmt: skip

PROCEDURES = {procedure.name: procedure for procedure in (STREAM, TUTORIAL)}
_OF_PRESET = {preset: procedure for procedure in PROCEDURES.values() for preset in procedure.presets}


def of_choices(choices: Mapping[str, Any]) -> Procedure:
    """Return the procedure by which a person's choices train: that of their preset, else the stream."""
    return _OF_PRESET.get(choices.get("recipe") or "", STREAM)
