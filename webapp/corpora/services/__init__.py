"""The services of corpora: all functions that pages and workers call. Each subject has a module."""

from webapp.corpora.services.adding import add_corpus, add_documents, add_sample
from webapp.corpora.services.changing import change, delete, delete_all, put_away, remove
from webapp.corpora.services.decoding import LeftOut, NothingToKeep, Upload
from webapp.corpora.services.document_files import DOCUMENTS
from webapp.corpora.services.extracting import extract_again
from webapp.corpora.services.places import Wanted, arrange
from webapp.corpora.services.reading import as_it_stands, beginning, read, texts
from webapp.corpora.services.taking import CorpusFull, take

__all__ = [
    "DOCUMENTS",
    "CorpusFull",
    "LeftOut",
    "NothingToKeep",
    "Upload",
    "Wanted",
    "add_corpus",
    "add_documents",
    "add_sample",
    "arrange",
    "as_it_stands",
    "beginning",
    "change",
    "delete",
    "delete_all",
    "extract_again",
    "put_away",
    "read",
    "remove",
    "take",
    "texts",
]
