"""The budget of a training, in steps or in time, and the share of it that is used."""

import time

from trainer.contract.recipe import Recipe


class Clock:
    """A clock that counts the seconds of a training over all its attempts.

    Args:
        began: `time.perf_counter()` when this attempt began.
        before: the seconds of the earlier attempts.
    """

    def __init__(self, began: float, before: float = 0.0) -> None:
        self._zero = began - before

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._zero


class Budget:
    """A budget: a number of minutes over all attempts, of steps, or of epochs. One in minutes may be over earlier."""

    def __init__(self, recipe: Recipe, steps_per_epoch: int, clock: Clock) -> None:
        self._first_step = recipe.first_step
        self.clock = clock
        self._seconds = None if recipe.minutes is None else recipe.minutes * 60
        steps = recipe.epochs * steps_per_epoch if recipe.epochs is not None else recipe.steps or recipe.most_steps
        self.last_step = None if steps is None else recipe.first_step + steps

    def done(self, step: int) -> float:
        """Return the used share of the budget after a step, 0 … 1."""
        return min(1.0, max(self._share_of_time(), self._share_of_steps(step)))

    def is_used(self, step: int) -> bool:
        """Whether the budget is used up after a step. At least one step is always taken."""
        return step > self._first_step and self.done(step) >= 1

    def has_time_left(self) -> bool:
        """Whether a budget in minutes has time left."""
        return self._seconds is not None and self._share_of_time() < 1

    def seconds_left(self, step: int, steps_per_second: float) -> float:
        """Estimate the seconds of training that are left after a step."""
        limits = []
        if self._seconds is not None:
            limits.append(self._seconds - self.clock.seconds)
        if self.last_step is not None:
            left = max(0, self.last_step - step)
            limits.append(left / steps_per_second if left else 0.0)
        return max(0.0, min(limits))

    def _share_of_time(self) -> float:
        return 0.0 if self._seconds is None else self.clock.seconds / self._seconds

    def _share_of_steps(self, step: int) -> float:
        return 0.0 if self.last_step is None else (step - self._first_step) / (self.last_step - self._first_step)
