"""Files of documents: the texts of a corpus in the storage."""

import contextlib
from collections.abc import Iterable, Iterator

from webapp import files

DOCUMENTS = "documents"  # where their texts lie in the storage; those of before lie below corpora


@contextlib.contextmanager
def stored(texts: Iterable[str]) -> Iterator[list[str]]:
    """Store the texts of documents, each in a folder of its own, and delete them again where that was in vain.

    This comes before the transaction that makes their rows: while one lasts, nobody else can write.
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
    """Return where one document's file lies, with nothing else beside it."""
    return key.rpartition("/")[0]
