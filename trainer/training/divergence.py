"""When the numbers of a training explode: what counts as that, and how it goes on.

A loss that is no longer a number is one. So is a jump: at an evaluation, both the loss on held-out text and the mean
training loss since the evaluation before are a nat per character worse than their best, or than what knowing nothing
costs where nothing was learned yet. Both, for either alone is no explosion: held-out text gets worse while a short
text is learned by heart, and the training loss rises where a harder part of the text begins. Losses are compared at
evaluations alone, which come at steps that the recipe holds, so that a resumed training finds the same.
"""

import math

from trainer.contract.recipe import Recipe
from trainer.training.state import TrainingState

MOST = 3  # times that a training goes back
SLOWER = 0.5  # each time by so much
_JUMP = 1.0  # nats per character
_SHARES = ("half", "a quarter", "an eighth")


class TrainingFailed(Exception):
    """A training that can't go on: the reason, and what to do about it."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason, self.advice = reason, advice


class Diverged(Exception):
    """The numbers of a training can't be trusted any more. The message says what happened, without a full stop."""


def check_number(loss: float, step: int) -> None:
    """Raise Diverged for a loss that is no number."""
    if not math.isfinite(loss):
        raise Diverged(f"The loss was no longer a number at step {step:,}")


def check_jump(held_out: float, step: int, facts: TrainingState, symbols: int) -> None:
    """Raise Diverged where an evaluation shows a jump. Losses in nats per character."""
    check_number(held_out, step)
    nothing = math.log(symbols)  # what knowing nothing costs
    rises = (
        held_out - min(nothing, math.inf if facts.best is None else facts.best),
        facts.span_sum / facts.span_steps - min(nothing, math.inf if facts.best_span is None else facts.best_span),
    )
    if min(rises) > _JUMP:
        worse = rises[0] / math.log(2)
        raise Diverged(f"The loss jumped by {worse:.1f} bits per character before step {step:,}")


def sentence(explosion: Diverged, back_to: int, times: int) -> str:
    """Say what happened and how it went on, after going back so many times."""
    share = _SHARES[times - 1]
    return f"{explosion}: the training went back to step {back_to:,} and went on with {share} of its learning rate."


def failure(explosion: Diverged, recipe: Recipe) -> TrainingFailed:
    """Return how a training ends that has gone back too often."""
    reason = f"{explosion}, though the training had gone back {MOST} times, each time with a smaller learning rate."
    if recipe.procedure == "tutorial":
        return TrainingFailed(reason, "Train with another recipe, which chooses its learning rate to fit.")
    return TrainingFailed(reason, f"Train with a learning rate below {recipe.rate * SLOWER**MOST:g}, or fewer units.")
