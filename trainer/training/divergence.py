"""The rules of divergence: which losses show that a training diverged, and what happens then.

A training has diverged if a loss is not a finite number, or if its losses jump. A jump means: at an evaluation, both
the held-out loss and the mean training loss since the previous evaluation are more than one nat per character above
their lowest values. (If nothing was learned yet, the lowest value is the loss of guessing among all symbols.) One of
them alone does not show divergence: the held-out loss rises while a short text is learned by heart, and the training
loss rises where a harder part of the text begins. Losses are compared only at evaluations. The recipe fixes the steps
of evaluations, so a resumed training makes the same decisions.
"""

import math

from trainer.training.state import TrainingState

MOST_ROLLBACKS = 3
SLOWER = 0.5  # the learning rate is multiplied by this at each rollback
_JUMP = 1.0  # nats per character
_SHARES = ("half", "a quarter", "an eighth")


class TrainingFailed(Exception):
    """The end of a training that can't continue. It has the reason and an advice."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason, self.advice = reason, advice


class Diverged(Exception):
    """The divergence of a training. The message says what happened, without a full stop at its end."""


def check_number(loss: float, step: int) -> None:
    """Raise Diverged if the loss is not a finite number."""
    if not math.isfinite(loss):
        raise Diverged(f"The loss was no longer a number at step {step:,}")


def check_jump(held_out: float, state: TrainingState, symbols: int) -> None:
    """Raise Diverged if the losses jumped. `held_out` is the held-out loss of the state, in nats per character."""
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
    """Return a sentence: what happened, to which step the training returned, and with which learning rate.

    `rollbacks` counts this rollback too.
    """
    share = _SHARES[rollbacks - 1]
    return f"{problem}: the training went back to step {step:,} and went on with {share} of its learning rate."


def failure(problem: Diverged, advice: str) -> TrainingFailed:
    """Return the failure of a training that diverged again after its last rollback."""
    times = f"{MOST_ROLLBACKS} times, each time with a smaller learning rate"
    reason = f"{problem}, though the training had gone back {times}."
    return TrainingFailed(reason, advice)
