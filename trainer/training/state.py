"""What a checkpoint holds beside arrays."""

from dataclasses import dataclass, replace

from trainer.contract.wording import counted


@dataclass(frozen=True)
class TrainingState:
    """Plain facts of a training, at a step.

    `seconds` of training over all attempts, `stalled` of them while checkpoints were written. `loss_sum` and
    `loss_steps` since progress was told last; `span_sum` and `span_steps` since the last evaluation, `best_span` the
    best mean of such a span. `earlier` was the best before the best. `without_gain` counts evaluations since the best
    one. The positions are bytes of the diaries. `explosions` were met with going back, the last time to the step
    `back_to`, as `went_back` says.
    """

    seconds: float = 0.0
    stalled: float = 0.0
    loss_sum: float = 0.0
    loss_steps: int = 0
    span_sum: float = 0.0
    span_steps: int = 0
    best_span: float | None = None
    evaluated_step: int = 0
    best: float | None = None
    best_step: int = 0
    earlier: float | None = None
    earlier_step: int = 0
    without_gain: int = 0
    explosions: int = 0
    back_to: int = 0
    went_back: str = ""
    history: int = 0
    samples: int = 0

    def learned(self, loss: float) -> "TrainingState":
        """A step was taken, whose loss is given in nats per character."""
        return replace(
            self,
            loss_sum=self.loss_sum + loss,
            loss_steps=self.loss_steps + 1,
            span_sum=self.span_sum + loss,
            span_steps=self.span_steps + 1,
        )

    def evaluated(self, step: int, held_out: float) -> "TrainingState":
        """The weights of a step were evaluated. They are the best where `best_step` is that step."""
        span = self.span_sum / self.span_steps
        best_span = span if self.best_span is None else min(span, self.best_span)
        facts = replace(self, evaluated_step=step, span_sum=0.0, span_steps=0, best_span=best_span)
        if self.best is not None and held_out >= self.best:
            return replace(facts, without_gain=self.without_gain + 1)
        before = replace(facts, earlier=self.best, earlier_step=self.best_step)
        return replace(before, best=held_out, best_step=step, without_gain=0)

    def before_the_best(self) -> dict[str, float] | None:
        """Return the best step before the best one, and how many nats worse it was on the same text."""
        if self.best is None or self.earlier is None:
            return None
        return {"step": self.earlier_step, "behind": self.earlier - self.best}

    def gone_back(self, step: int, went_back: str) -> "TrainingState":
        """The training goes on from a step before, as if nothing had come after it."""
        again = TrainingState(evaluated_step=step, back_to=step, went_back=went_back, explosions=self.explosions + 1)
        kept = ("seconds", "stalled", "best", "best_step", "best_span", "earlier", "earlier_step")
        return replace(again, **{name: getattr(self, name) for name in kept})

    def why_it_ends(self, step: int) -> str:
        """Say, for people, why it ends at a step before its budget is used: its patience is."""
        count = f"{counted(self.without_gain, 'evaluation')} in a row"
        return f"It stopped early, at step {step:,}: {count} brought nothing better than step {self.best_step:,}."
