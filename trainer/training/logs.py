"""The logs of a training: history.jsonl and samples.jsonl, one event a line."""

from trainer.contract.events import Event
from trainer.contract.layout import HISTORY, SAMPLES
from trainer.storage.json_lines import JsonLinesLog
from trainer.storage.model_directory import ModelDirectory
from trainer.training.state import TrainingState


class Logs:
    """The two logs in a model directory. The state says how many bytes of them are valid."""

    def __init__(self, directory: ModelDirectory, state: TrainingState) -> None:
        self._history = JsonLinesLog(directory.path / HISTORY, state.history_bytes)
        self._samples = JsonLinesLog(directory.path / SAMPLES, state.samples_bytes)

    def add_to_history(self, event: Event) -> None:
        self._history.write(event.to_json())

    def add_to_samples(self, event: Event) -> None:
        self._samples.write(event.to_json())

    def flush(self) -> tuple[int, int]:
        """Write all lines to the disk, and return the lengths of the history and the samples, in bytes.

        Raises OSError if the disk is full.
        """
        return self._history.position(), self._samples.position()

    def forget_after(self, step: int) -> None:
        """Drop the lines of later steps from both files."""
        self._history.go_back(step)
        self._samples.go_back(step)
