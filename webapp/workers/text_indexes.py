"""Indexes of the texts that studies learned from, made once on this machine, so that copies are found at once.

An index is kept under the hash of what it is of: studies of the same texts share it.
"""

import hashlib
import logging
from collections.abc import Iterator

from trainer.contract.documents import TextProblem, clean, decode_frozen
from trainer.data.text_index import TextIndex
from webapp import files
from webapp.studies.models import Study
from webapp.workers.checksums import ArtifactProblem
from webapp.workers.disk_cache import DiskCache

log = logging.getLogger(__name__)

#: in bytes: indexes of 200 MB of texts
CACHE = DiskCache("sources", room=1_000_000_000, weigh=lambda index: index.stat().st_size)
_KEPT_OPEN = 2  # of this process

_open: dict[str, TextIndex] = {}


def source(study: Study) -> TextIndex:
    """Return what the study's model learned from, with its index.

    The first time that takes a second for every 5 MB of text, and later nothing.
    Raises OSError where the storage or the texts are away, ArtifactProblem where a text is not what was frozen.
    """
    key = name(study)
    found = _open.pop(key, None) or _load_or_build(study, key)
    _open[key] = found
    for oldest in list(_open)[:-_KEPT_OPEN]:
        del _open[oldest]
    return found


def name(study: Study) -> str:
    """Return what its index is called: the hash of what was learned."""
    parts = [document["sha256"] for document in study.documents] + ["lower case"] * study.is_lower_case
    return hashlib.sha256(" ".join(parts).encode()).hexdigest() + ".index"


def _load_or_build(study: Study, key: str) -> TextIndex:
    path = CACHE.find(key)
    if path is not None:
        try:
            return TextIndex.load(path)
        except (OSError, ValueError) as problem:
            log.warning("study %s: the index of its texts is made again (%s)", study.pk, problem)
    return _build(study, key)


def _build(study: Study, key: str) -> TextIndex:
    """Index the texts and keep the index; where there is no room for it, it is made again the next time."""
    built = TextIndex.build(_texts(study))
    try:
        return TextIndex.load(CACHE.add(key, built.save))  # mapped, and not five times the text in memory
    except (OSError, ValueError) as error:
        log.warning("study %s: the index of its texts could not be kept (%s)", study.pk, error)
    return built


def _texts(study: Study) -> Iterator[str]:
    """Yield the documents as the trainer read them."""
    for document in study.documents:
        data = files.read(document["key"])
        if files.sha256(data) != document["sha256"]:
            raise ArtifactProblem(f"{document['name']} is not the text that was frozen: its SHA-256 differs.")
        try:
            yield clean(decode_frozen(data), lowercase=study.is_lower_case)
        except TextProblem as problem:
            raise ArtifactProblem(f"{document['name']}: {problem}") from None
