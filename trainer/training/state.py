"""The state of a training at a step: all that a checkpoint holds of it beside arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trainer.contract.wording import counted


@dataclass(frozen=True)
class TrainingState:
    """The counters and figures of a training. All losses are in nats per character.

    Args:
        step: steps taken so far; of a training that goes further, those of the model before it are counted too.
        seconds: training time over all attempts, when the last checkpoint was written.
        stalled_seconds: the part of it that writing checkpoints took.
        progress_loss_sum, progress_loss_steps: training losses since the last progress report, and how many.
        train_loss_sum, train_loss_steps: training losses since the last evaluation, and how many.
        best_train_loss: the lowest mean of the training losses between two evaluations.
        evaluated_step: the last step that was evaluated.
        best, best_step: the lowest held-out loss, and the step that it is of.
        earlier, earlier_step: the lowest held-out loss before that one, and its step.
        evaluations_without_gain: evaluations since the best one.
        rollbacks: how often the training diverged and returned to its best weights.
        rollback_step: the step that it last returned to.
        rollback_message: the sentence that says why.
        history_bytes, samples_bytes: the lengths of the two files of JSON lines.
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
    evaluations_without_gain: int = 0
    rollbacks: int = 0
    rollback_step: int = 0
    rollback_message: str = ""
    history_bytes: int = 0
    samples_bytes: int = 0

    @classmethod
    def from_checkpoint(cls, step: int, saved: Mapping[str, Any]) -> "TrainingState":
        """Return the state that a checkpoint of a step holds, whichever version wrote it."""
        values = {_NAMES_BEFORE.get(name, name): value for name, value in saved.items()}
        return cls(**values | {"step": step})  # it was not one of them before

    def begun_with_best(self, held_out: float) -> "TrainingState":
        """Return the state of a training that begins with another model's best weights, which have this loss."""
        return replace(self, evaluated_step=self.step, best=held_out, best_step=self.step)

    def learned(self, loss: float) -> "TrainingState":
        """Return the state after one step more, which had this training loss."""
        return replace(
            self,
            step=self.step + 1,
            progress_loss_sum=self.progress_loss_sum + loss,
            progress_loss_steps=self.progress_loss_steps + 1,
            train_loss_sum=self.train_loss_sum + loss,
            train_loss_steps=self.train_loss_steps + 1,
        )

    def reported(self) -> "TrainingState":
        """Return the state after progress was reported."""
        return replace(self, progress_loss_sum=0.0, progress_loss_steps=0)

    def evaluated(self, held_out: float) -> "TrainingState":
        """Return the state after its weights were evaluated. They are the best where `best_step` is its step."""
        mean = self.train_loss_sum / self.train_loss_steps
        lowest = mean if self.best_train_loss is None else min(mean, self.best_train_loss)
        state = replace(self, evaluated_step=self.step, train_loss_sum=0.0, train_loss_steps=0, best_train_loss=lowest)
        if self.best is not None and held_out >= self.best:
            return replace(state, evaluations_without_gain=self.evaluations_without_gain + 1)
        before = replace(state, earlier=self.best, earlier_step=self.best_step)
        return replace(before, best=held_out, best_step=self.step, evaluations_without_gain=0)

    def rolled_back(self, step: int, message: str) -> "TrainingState":
        """Return the state of a training that goes on from an earlier step, as if nothing had come after it."""
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
        """Return the best step before the best one, and how many nats worse it was on the same text."""
        if self.best is None or self.earlier is None:
            return None
        return {"step": self.earlier_step, "behind": self.earlier - self.best}

    def is_out_of_patience(self, patience: int | None) -> bool:
        """Whether as many evaluations as the recipe has patience for brought nothing better."""
        return patience is not None and self.evaluations_without_gain >= patience

    def reason_to_stop_early(self) -> str:
        """Say, for people, why it ends before its budget is used: its patience is."""
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
