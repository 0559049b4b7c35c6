"""The services of corpora: all functions that pages and workers call. Each subject has a module."""

from webapp.corpora.services.adding import add_corpus, add_documents, add_sample
from webapp.corpora.services.changing import change, delete, delete_all, put_away, remove
from webapp.corpora.services.decoding import LeftOut, NothingToKeep, Upload
from webapp.corpora.services.document_files import DOCUMENTS
from webapp.corpora.services.extracting import extract_again
from webapp.corpora.services.reading import beginning, read, texts

__all__ = [
    "DOCUMENTS",
    "LeftOut",
    "NothingToKeep",
    "Upload",
    "add_corpus",
    "add_documents",
    "add_sample",
    "beginning",
    "change",
    "delete",
    "delete_all",
    "extract_again",
    "put_away",
    "read",
    "remove",
    "texts",
]
