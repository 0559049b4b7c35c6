"""The services of studies: all functions that pages and workers call. Each subject has a module."""

from webapp.studies.services.cells import compare_cells
from webapp.studies.services.control import (
    can_resume,
    can_train_further,
    pause,
    rename,
    resume,
    stop,
    train_further,
)
from webapp.studies.services.deletion import (
    delete,
    delete_all,
    delete_corpus,
    delete_document,
    is_busy,
    purge_deleted,
)
from webapp.studies.services.dependents import learned_by_others, learned_corpus, learned_document
from webapp.studies.services.exporting import file_name, pack
from webapp.studies.services.importing import NotAModel, add_model
from webapp.studies.services.submission import again, submit
from webapp.studies.services.training_jobs import training, with_trainings

__all__ = [
    "NotAModel",
    "add_model",
    "again",
    "can_resume",
    "can_train_further",
    "compare_cells",
    "delete",
    "delete_all",
    "delete_corpus",
    "delete_document",
    "file_name",
    "is_busy",
    "learned_by_others",
    "learned_corpus",
    "learned_document",
    "pack",
    "pause",
    "purge_deleted",
    "rename",
    "resume",
    "stop",
    "submit",
    "train_further",
    "training",
    "with_trainings",
]
