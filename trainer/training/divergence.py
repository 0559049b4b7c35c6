"""The rules of divergence: when the losses of a training show it, and what follows.

A loss that is not a finite number is divergence. So is a jump: at an evaluation, both the held-out loss and the mean
training loss since the evaluation before are more than one nat per character above their lowest values (or above the
loss of guessing among all symbols, where nothing was learned yet). Either alone is not divergence: the held-out loss
rises while a short text is learned by heart, and the training loss rises where a harder part of the text begins.
Losses are compared at evaluations only, because their steps are fixed by the recipe: so a resumed training finds the
same.
"""

import math

from trainer.training.state import TrainingState

MOST_ROLLBACKS = 3
SLOWER = 0.5  # the learning rate is multiplied by this at each rollback
_JUMP = 1.0  # nats per character
_SHARES = ("half", "a quarter", "an eighth")


class TrainingFailed(Exception):
    """A training that can't go on: the reason, and what to do about it."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason, self.advice = reason, advice


class Diverged(Exception):
    """A training that diverged. The message says what happened, without a full stop."""


def check_number(loss: float, step: int) -> None:
    """Raise Diverged for a loss that is not a finite number."""
    if not math.isfinite(loss):
        raise Diverged(f"The loss was no longer a number at step {step:,}")


def check_jump(held_out: float, state: TrainingState, symbols: int) -> None:
    """Raise Diverged where the evaluation of a state shows a jump. `held_out` is its loss in nats per character."""
    check_number(held_out, state.step)
    guessing = math.log(symbols)
    train_loss = state.train_loss_sum / state.train_loss_steps
    rises = (held_out - _lowest(state.best, guessing), train_loss - _lowest(state.best_train_loss, guessing))
    if min(rises) > _JUMP:
        worse = rises[0] / math.log(2)
        raise Diverged(f"The loss jumped by {worse:.1f} bits per character before step {state.step:,}")


def _lowest(best: float | None, guessing: float) -> float:
    return guessing if best is None else min(guessing, best)


def message(problem: Diverged, step: int, rollbacks: int) -> str:
    """Say what happened, and how the training goes on from a step after so many rollbacks."""
    share = _SHARES[rollbacks - 1]
    return f"{problem}: the training went back to step {step:,} and went on with {share} of its learning rate."


def failure(problem: Diverged, advice: str) -> TrainingFailed:
    """Return how a training ends that diverges after its last rollback."""
    times = f"{MOST_ROLLBACKS} times, each time with a smaller learning rate"
    reason = f"{problem}, though the training had gone back {times}."
    return TrainingFailed(reason, advice)
