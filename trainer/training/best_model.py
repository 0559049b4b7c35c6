"""The best model of a training so far: its weights in memory, and in the model directory."""

from trainer.engine.learning import Arrays
from trainer.storage.model_directory import ModelDirectory
from trainer.training.reporting import Reports

_PREFIX = "best/"  # of the names that its weights have in a checkpoint


class BestModel:
    """The averaged weights with the lowest held-out loss. `weights` is empty before the first evaluation."""

    def __init__(self, directory: ModelDirectory, reports: Reports) -> None:
        self._directory, self._reports = directory, reports
        self.weights: Arrays = {}
        self._step = 0
        self._is_written = True

    def replace(self, weights: Arrays, step: int) -> None:
        """Keep these weights of a step instead, and write them. If that fails, `write` tries again later."""
        self.weights, self._step, self._is_written = weights, step, False
        self.write(step)

    def write(self, step: int) -> None:
        """Write the weights unless they are on the disk already. If that fails, report a warning for this step."""
        try:
            self.write_or_raise()
        except OSError as error:
            reason = f"The model could not be written ({error.strerror or error}). It will be tried again."
            self._reports.warn(step, reason)

    def write_or_raise(self) -> None:
        """Write the weights unless they are on the disk already. Raises OSError if that fails."""
        if not self._is_written:
            self._directory.keep_weights(self.weights, self._step)
            self._is_written = True

    def arrays(self) -> Arrays:
        """Return the weights under the names that they have in a checkpoint."""
        return {_PREFIX + name: array for name, array in self.weights.items()}

    def restore(self, arrays: Arrays, best_step: int, step: int) -> None:
        """Take the best weights from the arrays of a checkpoint, and write them. `step` is the checkpoint's."""
        weights = {name.removeprefix(_PREFIX): array for name, array in arrays.items() if name.startswith(_PREFIX)}
        if weights:
            self.weights, self._step, self._is_written = weights, best_step, False
            self.write(step)
