"""The files of documents: the texts of a corpus in the storage."""

import contextlib
from collections.abc import Iterable, Iterator

from webapp import files

DOCUMENTS = "documents"  # the prefix of the texts' keys; texts of older versions have the prefix "corpora"


@contextlib.contextmanager
def stored(texts: Iterable[str]) -> Iterator[list[str]]:
    """Store the texts of documents, each in a new folder. When the block fails, delete them again.

    Files are stored before the transaction that makes their rows begins, since nobody else can write during it.
    """
    keys: list[str] = []
    try:
        for number, text in enumerate(texts):
            keys.append(files.add(DOCUMENTS, f"{number}.txt", text.encode()))
        yield keys
    except Exception:
        delete_files(keys)
        raise


def delete_files(keys: Iterable[str]) -> None:
    for key in keys:
        files.delete_tree(folder(key))


def folder(key: str) -> str:
    """Return the folder that holds a document's file and nothing else."""
    return key.rpartition("/")[0]
