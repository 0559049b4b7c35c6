"""The texts that a study learned from, indexed once on this machine, so that copies are found at once.

An index lies in the worker's folder under the hash of what it is of: studies of the same texts share it. It may be
lost at any time, and is made again.
"""

import contextlib
import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from trainer.contract.documents import clean
from trainer.data.text_index import Source
from webapp import files
from webapp.studies.models import Study
from webapp.workers.artifacts import ArtifactProblem

log = logging.getLogger(__name__)

_KEPT_BYTES = 1_000_000_000  # on the disk: 200 MB of texts; the newest used stay
_KEPT_OPEN = 2  # of this process

_open: dict[str, Source] = {}


def source(study: Study) -> Source:
    """Return what the study's model learned from, with its index.

    The first time that takes a second for every 5 MB of text, and later nothing.
    Raises OSError where the storage or the texts are away, ArtifactProblem where a text is not what was frozen.
    """
    key = name(study)
    found = _open.pop(key, None) or _load_or_build(study, settings.WORK_DIR / "sources" / key)
    _open[key] = found
    for oldest in list(_open)[:-_KEPT_OPEN]:
        del _open[oldest]
    return found


def name(study: Study) -> str:
    """Return what its index is called: the hash of what was learned."""
    parts = [document["sha256"] for document in study.documents] + ["lower case"] * study.is_lower_case
    return hashlib.sha256(" ".join(parts).encode()).hexdigest() + ".index"


def _load_or_build(study: Study, path: Path) -> Source:
    try:
        found = Source.load(path)
        path.touch()
        return found
    except FileNotFoundError:
        return _build(study, path)
    except (OSError, ValueError) as problem:
        log.warning("study %s: the index of its texts is made again (%s)", study.pk, problem)
        return _build(study, path)


def _build(study: Study, path: Path) -> Source:
    """Index the texts and keep the index; where there is no room for it, it is made again the next time."""
    built = Source.build(_texts(study))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        built.save(path)
        _forget_old(path.parent)
        return Source.load(path)  # mapped, and not five times the text in memory
    except (OSError, ValueError) as error:
        log.warning("study %s: the index of its texts could not be kept (%s)", study.pk, error)
    return built


def _texts(study: Study) -> Iterator[str]:
    """Yield the documents as the trainer read them."""
    for document in study.documents:
        data = files.read(document["key"])
        if files.sha256(data) != document["sha256"]:
            raise ArtifactProblem(f"{document['name']} is not the text that was frozen: its SHA-256 differs.")
        yield clean(data.decode(), lowercase=study.is_lower_case)


def _forget_old(folder: Path) -> None:
    """Remove what was used longest ago, until the rest has room. What a killed worker left halfway goes so too."""
    room = _KEPT_BYTES
    for path in sorted(folder.iterdir(), key=_used, reverse=True):
        with contextlib.suppress(FileNotFoundError):  # another worker was faster
            room -= path.stat().st_size
            if room < 0:
                path.unlink()


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
