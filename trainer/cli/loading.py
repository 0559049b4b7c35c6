"""The loading of the model that a command uses. TensorFlow is imported only after the model's files were checked."""

import argparse
from typing import Any

from trainer.engine import processor
from trainer.storage.model_directory import ModelDirectory


def load(options: argparse.Namespace) -> Any:
    """Return the model in the directory that the options name. Raises ModelProblem."""
    ModelDirectory(options.model).check()
    from trainer.engine import setup

    setup.prepare(options.threads or processor.cores(), deterministic=False)
    from trainer.generation import loaded_model

    return loaded_model.load(options.model)
