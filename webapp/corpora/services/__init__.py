"""The services of corpora: all functions that pages and workers call. Each subject has a module."""

from webapp.corpora.services.adding import add_corpus, add_documents, add_sample
from webapp.corpora.services.changing import change, delete, delete_all, delete_document, put_away, remove
from webapp.corpora.services.decoding import NothingToKeep, Upload, are_quick, scratch
from webapp.corpora.services.document_files import DOCUMENTS
from webapp.corpora.services.editing import EditedMeanwhile, NotEditable, edit, with_part
from webapp.corpora.services.encoding import Encoding, encoding_of
from webapp.corpora.services.examining import Examination, examine, examine_corpus, examine_whole
from webapp.corpora.services.extracting import extract_again
from webapp.corpora.services.observing import LeftOut, Observer
from webapp.corpora.services.packing import pack, packed
from webapp.corpora.services.places import Wanted, arrange
from webapp.corpora.services.queuing import (
    UPLOADS,
    clear_uploads,
    delete_uploads,
    forget,
    queue_again,
    queue_corpus,
    queue_documents,
    queue_examination,
    stop,
)
from webapp.corpora.services.reading import as_it_stands, as_trained, beginning, read, texts
from webapp.corpora.services.taking import CorpusFull, take
from webapp.corpora.services.treating import treat_corpus, treat_document

__all__ = [
    "DOCUMENTS",
    "UPLOADS",
    "CorpusFull",
    "EditedMeanwhile",
    "Encoding",
    "Examination",
    "LeftOut",
    "NotEditable",
    "NothingToKeep",
    "Observer",
    "Upload",
    "Wanted",
    "add_corpus",
    "add_documents",
    "add_sample",
    "are_quick",
    "arrange",
    "as_it_stands",
    "as_trained",
    "beginning",
    "change",
    "clear_uploads",
    "delete",
    "delete_all",
    "delete_document",
    "delete_uploads",
    "edit",
    "encoding_of",
    "examine",
    "examine_corpus",
    "examine_whole",
    "extract_again",
    "forget",
    "pack",
    "packed",
    "put_away",
    "queue_again",
    "queue_corpus",
    "queue_documents",
    "queue_examination",
    "read",
    "remove",
    "scratch",
    "stop",
    "take",
    "texts",
    "treat_corpus",
    "treat_document",
    "with_part",
]
