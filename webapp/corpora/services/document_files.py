"""The files of documents: the texts of a corpus and their originals in the storage, a folder for each document."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from webapp import files
from webapp.corpora.services.understood import Understood
from webapp.doctor import graphemes

DOCUMENTS = "documents"  # the prefix of the texts' keys; texts of older versions have the prefix "corpora"
_ORIGINAL = "original"


@dataclass(frozen=True)
class Stored:
    """The keys of a document's text and of its original, which is empty where the text is the original."""

    text: str
    original: str


@contextlib.contextmanager
def stored(documents: Iterable[Understood]) -> Iterator[list[Stored]]:
    """Store the texts of documents and their originals. When the block fails, delete them again.

    Files are stored before the transaction that makes their rows begins, since nobody else can write during it.
    """
    keys: list[Stored] = []
    try:
        for number, document in enumerate(documents):
            text = files.add(DOCUMENTS, f"{number}.txt", document.text.encode())
            original = f"{folder(text)}/{_ORIGINAL}" if document.original else ""
            keys.append(Stored(text, original))
            if document.original:
                files.copy_out(document.original, original)
        yield keys
    except Exception:
        delete_files(key.text for key in keys)
        raise


def fields_of(document: Understood, key: Stored) -> dict[str, Any]:
    """Return the fields of a row for a document whose files are stored: all but its owner, name and submission."""
    data = document.text.encode()
    return {
        "encoding": document.encoding,
        "characters": len(document.text),
        "clusters": graphemes.length(document.text),
        "unreadable": document.replaced,
        "nuls": document.nuls,
        "surplus_marks": document.surplus_marks,
        "bytes": len(data),
        "sha256": files.sha256(data),
        "key": key.text,
        "format": document.format.value,
        "notes": document.notes,
        "columns": document.columns,
        "column": document.column,
        "extraction": document.extraction,
        "is_edited": document.is_edited,
        "original_key": key.original,
        "original_bytes": document.original_bytes,
        "original_sha256": files.sha256_of(document.original) if document.original else files.sha256(data),
        "media_type": document.format.media_type,
    }


def delete_files(keys: Iterable[str]) -> None:
    """Delete the texts with these keys, and their originals."""
    for key in keys:
        files.delete_tree(folder(key))


def folder(key: str) -> str:
    """Return the folder that holds a document's text and original, and nothing else."""
    return key.rpartition("/")[0]
