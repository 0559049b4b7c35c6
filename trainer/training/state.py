"""The state of a training at a step: everything in a checkpoint except the arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trainer.contract.wording import counted

_RISE = 0.01  # nats per character that count as a rise of the held-out loss


@dataclass(frozen=True)
class TrainingState:
    """The counters and figures of a training. All losses are in nats per character.

    Args:
        step: the number of steps so far. If a model is trained further, its earlier steps are counted too.
        seconds: the training time over all attempts, when the last checkpoint was written.
        stalled_seconds: the part of this time that was spent writing checkpoints.
        progress_loss_sum, progress_loss_steps: sum and number of the training losses since the last progress report.
        train_loss_sum, train_loss_steps: sum and number of the training losses since the last evaluation.
        best_train_loss: the lowest mean of the training losses between two evaluations.
        evaluated_step: the last step that was evaluated.
        best, best_step: the lowest held-out loss, and its step.
        earlier, earlier_step: the lowest held-out loss before that one, and its step.
        held_out: the held-out loss of the last evaluation.
        evaluations_without_gain: the number of evaluations since the best one.
        rollbacks: how often the training diverged and returned to its best weights.
        rollback_step: the step to which it last returned.
        rollback_message: the sentence that says why.
        history_bytes, samples_bytes: the lengths of history.jsonl and samples.jsonl.
    """

    step: int = 0
    seconds: float = 0.0
    stalled_seconds: float = 0.0
    progress_loss_sum: float = 0.0
    progress_loss_steps: int = 0
    train_loss_sum: float = 0.0
    train_loss_steps: int = 0
    best_train_loss: float | None = None
    evaluated_step: int = 0
    best: float | None = None
    best_step: int = 0
    earlier: float | None = None
    earlier_step: int = 0
    held_out: float | None = None
    evaluations_without_gain: int = 0
    rollbacks: int = 0
    rollback_step: int = 0
    rollback_message: str = ""
    history_bytes: int = 0
    samples_bytes: int = 0

    @classmethod
    def from_checkpoint(cls, step: int, saved: Mapping[str, Any]) -> "TrainingState":
        """Return the state in a checkpoint of a step. It may have been written by an earlier version."""
        values = {_NAMES_BEFORE.get(name, name): value for name, value in saved.items()}
        return cls(**values | {"step": step})  # checkpoints of earlier versions had no "step" among these values

    def begun_with_best(self, held_out: float) -> "TrainingState":
        """Return the state of a training that begins with the best weights of another model, with this loss."""
        return replace(self, evaluated_step=self.step, best=held_out, best_step=self.step)

    def learned(self, loss: float) -> "TrainingState":
        """Return the state after one more step, which had this training loss."""
        return replace(
            self,
            step=self.step + 1,
            progress_loss_sum=self.progress_loss_sum + loss,
            progress_loss_steps=self.progress_loss_steps + 1,
            train_loss_sum=self.train_loss_sum + loss,
            train_loss_steps=self.train_loss_steps + 1,
        )

    def reported(self) -> "TrainingState":
        """Return the state after a progress report."""
        return replace(self, progress_loss_sum=0.0, progress_loss_steps=0)

    def evaluated(self, held_out: float) -> "TrainingState":
        """Return the state after an evaluation. If its `best_step` is its `step`, the weights are the best so far."""
        mean = self.train_loss_sum / self.train_loss_steps
        lowest = mean if self.best_train_loss is None else min(mean, self.best_train_loss)
        state = replace(self, evaluated_step=self.step, held_out=held_out, best_train_loss=lowest)
        state = replace(state, train_loss_sum=0.0, train_loss_steps=0)
        if self.best is not None and held_out >= self.best:
            return replace(state, evaluations_without_gain=self.evaluations_without_gain + 1)
        before = replace(state, earlier=self.best, earlier_step=self.best_step)
        return replace(before, best=held_out, best_step=self.step, evaluations_without_gain=0)

    def rolled_back(self, step: int, message: str) -> "TrainingState":
        """Return the state of a training that continues from an earlier step, as if there were no later steps."""
        kept = ("seconds", "stalled_seconds", "best", "best_step", "best_train_loss", "earlier", "earlier_step")
        return TrainingState(
            step=step,
            evaluated_step=step,
            rollbacks=self.rollbacks + 1,
            rollback_step=step,
            rollback_message=message,
            **{name: getattr(self, name) for name in kept},
        )

    def gain_of_the_best(self) -> dict[str, float] | None:
        """Return the step that was the best before the current best, and by how many nats its loss was worse."""
        if self.best is None or self.earlier is None:
            return None
        return {"step": self.earlier_step, "behind": self.earlier - self.best}

    def is_out_of_patience(self, patience: int | None) -> bool:
        """Whether there were `patience` evaluations in a row without a better model."""
        return patience is not None and self.evaluations_without_gain >= patience

    def has_risen(self, evaluations: int) -> bool:
        """Whether the held-out loss has been above its lowest for this many evaluations, and is clearly so now."""
        if self.best is None or self.held_out is None or self.evaluations_without_gain < evaluations:
            return False
        return self.held_out > self.best + _RISE

    def out_of_patience(self) -> str:
        """Return a sentence that says that patience ended the training."""
        count = f"{counted(self.evaluations_without_gain, 'evaluation')} in a row"
        return f"It stopped early, at step {self.step:,}: {count} brought nothing better than step {self.best_step:,}."


# Names that fields had in checkpoints of earlier versions.
_NAMES_BEFORE = {
    "stalled": "stalled_seconds",
    "loss_sum": "progress_loss_sum",
    "loss_steps": "progress_loss_steps",
    "span_sum": "train_loss_sum",
    "span_steps": "train_loss_steps",
    "best_span": "best_train_loss",
    "without_gain": "evaluations_without_gain",
    "explosions": "rollbacks",
    "back_to": "rollback_step",
    "went_back": "rollback_message",
    "history": "history_bytes",
    "samples": "samples_bytes",
}
