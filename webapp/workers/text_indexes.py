"""The indexes of the texts that models were trained on, in which copied runs of a passage are found quickly.

An index is made once on each machine. Its name is the hash of its texts, so studies of the same texts share it.
"""

import hashlib
import logging
from collections.abc import Iterator

from trainer.contract.documents import TextProblem, read_frozen
from trainer.data.text_index import TextIndex
from webapp import files
from webapp.studies.models import Study
from webapp.workers.checksums import ArtifactProblem
from webapp.workers.disk_cache import DiskCache

log = logging.getLogger(__name__)

#: The room is in bytes: enough for the indexes of 200 MB of texts. The folder keeps its first name. With another name,
#: all indexes would be made again, and those that workers have on their disks would never be deleted.
CACHE = DiskCache("sources", room=1_000_000_000, weigh=lambda index: index.stat().st_size)
_SUFFIX = ".index"
_KEPT_OPEN = 2  # indexes in this process

_open: dict[str, TextIndex] = {}


def index_of(study: Study) -> TextIndex:
    """Return the index of the texts that the study's model was trained on.

    The first call takes about a second for every 5 MB of text; later calls take no noticeable time.
    Raises OSError when the texts can't be read from the storage, ArtifactProblem when a text is not what was frozen.
    """
    key = name(study)
    found = _open.pop(key, None) or _load_or_build(study, key)
    _open[key] = found
    for oldest in list(_open)[:-_KEPT_OPEN]:
        del _open[oldest]
    return found


def name(study: Study) -> str:
    """Return the name of the study's index in the cache: the hash of the texts as they were learned."""
    parts = [document["sha256"] for document in study.all_documents] + ["lower case"] * study.is_lower_case
    return hashlib.sha256(" ".join(parts).encode()).hexdigest() + _SUFFIX


def key_of(file: str) -> str:
    """Return the name of the index that a file in the cache is, or becomes once it is written."""
    return file.partition(_SUFFIX)[0] + _SUFFIX


def close_all() -> None:
    """Close the open indexes. The next one that is needed is opened again in no noticeable time."""
    _open.clear()


def _load_or_build(study: Study, key: str) -> TextIndex:
    path = CACHE.find(key)
    if path is not None:
        try:
            return TextIndex.load(path)
        except (OSError, ValueError) as problem:
            log.warning("study %s: the index of its texts is made again (%s)", study.pk, problem)
    return _build(study, key)


def _build(study: Study, key: str) -> TextIndex:
    """Index the texts and keep the index. When there is no room for it, it is made again the next time."""
    built = TextIndex.build(_texts(study))
    try:
        return TextIndex.load(CACHE.add(key, built.save))  # loaded as a memory map: in memory it is 5 times the text
    except (OSError, ValueError) as error:
        log.warning("study %s: the index of its texts could not be kept (%s)", study.pk, error)
    return built


def _texts(study: Study) -> Iterator[str]:
    """Yield the documents exactly as the trainer read them."""
    for document in study.all_documents:
        data = files.read(document["key"])
        if files.sha256(data) != document["sha256"]:
            raise ArtifactProblem(f"{document['name']} is not the text that was frozen: its SHA-256 differs.")
        try:
            yield read_frozen(data, study.is_lower_case)
        except TextProblem as problem:
            raise ArtifactProblem(f"{document['name']}: {problem}") from None
