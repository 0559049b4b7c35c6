"""How much of a training is done, and the learning rate that follows from it."""

import math

from trainer.contract.recipe import Recipe

_WARM_UP_STEPS = 20
_LAST_RATE = 0.02  # of the largest


class Budget:
    """Minutes of training time over all attempts, or steps, or epochs."""

    def __init__(self, recipe: Recipe, steps_per_epoch: int) -> None:
        self._recipe = recipe
        self.seconds = None if recipe.minutes is None else recipe.minutes * 60
        steps = recipe.epochs * steps_per_epoch if recipe.epochs is not None else recipe.steps
        self.last_step = None if steps is None else recipe.first_step + steps

    def done(self, step: int, seconds: float) -> float:
        """Return the share of the budget that is used, 0 … 1, after so many steps and seconds."""
        if self.seconds is not None:
            return min(1.0, seconds / self.seconds)
        assert self.last_step is not None
        first = self._recipe.first_step
        return min(1.0, (step - first) / (self.last_step - first))

    def seconds_left(self, step: int, seconds: float, steps_per_second: float) -> float:
        if self.seconds is not None:
            return max(0.0, self.seconds - seconds)
        assert self.last_step is not None
        left = max(0, self.last_step - step)
        return left / steps_per_second if left else 0.0

    def rate(self, step: int, seconds: float, began: int) -> float:
        """Return the learning rate of a step: a short warm-up from the step where this stretch of training began, and
        half a cosine down to a fiftieth (Loshchilov & Hutter 2017, eq. 5). The tutorial's is constant."""
        if self._recipe.procedure == "tutorial":
            return self._recipe.rate
        warm = min(1.0, (step - began + 1) / _WARM_UP_STEPS)
        cosine = 0.5 * (1 + math.cos(math.pi * self.done(step, seconds)))
        return self._recipe.rate * warm * (_LAST_RATE + (1 - _LAST_RATE) * cosine)
