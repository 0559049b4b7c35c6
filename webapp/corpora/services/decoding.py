"""The reading of uploads: their texts and originals, and the choice of those that fit into a corpus."""

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _

from trainer.contract.documents import TextProblem, as_stored, decode
from webapp import files, names
from webapp.accounts.limits import MEGABYTE
from webapp.corpora.models import Corpus
from webapp.corpora.services import packing
from webapp.corpora.services.observing import NOBODY, LeftOut, Observer
from webapp.corpora.services.reading import Named, prepared
from webapp.corpora.services.understood import Understood
from webapp.doctor.treatments import NOTHING, Choices
from webapp.extraction import detection, running
from webapp.extraction.extracted import UNSEEN, Refused

_LONGEST_REASON = 1_000
_QUICK_BYTES = 2_000_000  # of plain text, which are decoded and counted in under a second and in little memory

Upload = tuple[str, bytes | Path]  # a name and what was uploaded under it


class NothingToKeep(Exception):
    """None of the uploads can be added. `left_out` has the reason for each of them."""

    def __init__(self, left_out: list[LeftOut]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in left_out))
        self.left_out = left_out


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Make a folder for the files of one upload. It is removed at the end of the block."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        yield Path(folder)


def are_quick(uploads: Sequence[Upload], corpus: Corpus | None = None) -> bool:
    """Whether uploads are short plain texts, and so is the corpus to which they are added: no worker is needed."""
    there = corpus.documents.aggregate(n=Sum("bytes"))["n"] or 0 if corpus else 0
    is_short = there + sum(map(size_of, uploads)) <= _QUICK_BYTES
    return is_short and all(detection.is_surely_plain(name, _beginning_of(data)) for name, data in uploads)


def size_of(upload: Upload) -> int:
    """Return the size in bytes of what was uploaded."""
    data = upload[1]
    return len(data) if isinstance(data, bytes) else data.stat().st_size


def _beginning_of(data: bytes | Path) -> bytes:
    return data[: detection.BEGINNING] if isinstance(data, bytes) else _beginning(data, detection.BEGINNING)


def understand(
    uploads: Iterable[Upload], folder: Path, observer: Observer = NOBODY, column: int | None = None
) -> tuple[list[Understood], list[LeftOut]]:
    """Return the uploads that can be read, and the others with the reason why they can't, in the order of the uploads.

    Plain text is decoded here, and a corpus that was taken along is read. Everything else is extracted by another
    process, with `folder` for its files; an archive may have many documents. `column` is the one to read of a table.
    """
    sources = [running.Source(name, _on_disk(data, folder, n), column) for n, (name, data) in enumerate(uploads)]
    found: list[list[Understood | Refused]] = [[] for _source in sources]
    plain, packed, to_extract = _sorted(sources)

    def keep(number: int, one: Understood | Refused) -> None:
        found[number].append(one)
        if isinstance(one, Refused):
            observer.leave_out(_left_out(one))

    for done, n in enumerate(plain + packed):
        observer.read(done)
        for one in _packed(sources[n], folder) if n in packed else [_plain(sources[n])]:
            keep(n, one)
    before = len(plain) + len(packed)
    others = running.extract([sources[n] for n in to_extract], folder, lambda done: observer.read(before + done))
    for place, one in _in_memory(others):
        keep(to_extract[place], one)
    everything = [one for several in found for one in several]
    refused = [_left_out(one) for one in everything if isinstance(one, Refused)]
    return [one for one in everything if isinstance(one, Understood)], refused


def _in_memory(found: Iterable[tuple[int, running.Document | Refused]]) -> Iterator[tuple[int, Understood | Refused]]:
    """Read the texts that were extracted, each after the number of its source.

    Archives may unpack to gigabytes. So a text that no corpus could hold is refused, and so are those after twice as
    much as a corpus holds. Their files are deleted: neither memory nor disk fills up.
    """
    limit, held = settings.UPLOAD_LIMIT_BYTES, 0
    for place, one in found:
        if isinstance(one, Refused):
            yield place, one
            continue
        size = one.text.stat().st_size
        if size > limit or held > 2 * limit:
            one.delete()
            yield place, Refused(one.name, _too_long(size) if size > limit else _too_late())
        else:
            held += size
            yield place, _extracted(one)


def _sorted(sources: Sequence[running.Source]) -> tuple[list[int], list[int], list[int]]:
    """Return the numbers of the plain texts, of the corpora that were taken along, and of what is to be extracted."""
    plain, packed, to_extract = list[int](), list[int](), list[int]()
    for number, source in enumerate(sources):
        is_packed = not _is_surely_plain(source) and packing.is_packed(source.path)
        kind = plain if _is_surely_plain(source) else packed if is_packed else to_extract
        kind.append(number)
    return plain, packed, to_extract


def _left_out(refused: Refused) -> LeftOut:
    return _shown(refused.name, 1), refused.why[:_LONGEST_REASON]


def _on_disk(data: bytes | Path, folder: Path, number: int) -> Path:
    if isinstance(data, Path):
        return data
    path = folder / f"{number}.upload"
    path.write_bytes(data)
    return path


def _is_surely_plain(source: running.Source) -> bool:
    return detection.is_surely_plain(source.name, _beginning_of(source.path))


def _plain(source: running.Source) -> Understood | Refused:
    data = source.path.read_bytes()
    try:
        decoded = decode(data)
    except TextProblem as problem:
        return Refused(source.name, str(problem))
    text = as_stored(decoded.text)
    if not names.can_be_seen(text):
        return Refused(source.name, _(UNSEEN))
    original = None if text.encode() == data else source.path
    return Understood(
        source.name,
        text,
        original,
        encoding=decoded.encoding,
        replaced=decoded.replaced,
        nuls=decoded.nuls,
        surplus_marks=decoded.surplus_marks,
    )


def _packed(source: running.Source, folder: Path) -> list[Understood | Refused]:
    """Return the documents of a corpus that was taken along: all of them, or the reason why it can't be read."""
    try:
        return list(packing.documents_of(source.path, folder))
    except TextProblem as problem:
        return [Refused(source.name, str(problem))]


def _extracted(found: running.Document) -> Understood:
    data = found.text.read_bytes()
    original = None if data == _beginning(found.original, len(data) + 1) else found.original
    return Understood(
        _shown(found.name, 1),
        data.decode(),
        original,
        found.format,
        found.encoding,
        found.replaced,
        found.nuls,
        found.surplus_marks,
        found.notes,
        found.columns,
        found.column,
    )


def _beginning(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _shown(name: str, number: int) -> str:
    """Return the name of a file, which may be one that an archive gives, as one line that can be seen."""
    return names.file_name(name, number)


def as_trained_on(documents: Sequence[Understood], lowercase: bool, choices: Choices = NOTHING) -> list[Named]:
    """Return the documents as a training reads them."""
    return [
        Named(
            document.name,
            prepared(document.text, lowercase, Choices.of(document.treatment) | choices),
            files.sha256(document.text.encode()),
        )
        for document in documents
    ]


def stored_size(documents: Iterable[Understood]) -> int:
    """Return how many bytes documents take in the storage, with their originals."""
    return sum(document.text_bytes + document.original_bytes for document in documents)


def fitting(corpus: Corpus | None, documents: Iterable[Understood]) -> tuple[list[Understood], list[LeftOut]]:
    """Return the documents for which a corpus (None: a new one) has room, and the others with the reason."""
    used = corpus.documents.aggregate(n=Sum("bytes"))["n"] or 0 if corpus else 0
    fitting: list[Understood] = []
    too_much: list[LeftOut] = []
    for document in documents:
        if used + document.text_bytes <= settings.UPLOAD_LIMIT_BYTES:
            used += document.text_bytes
            fitting.append(document)
        else:
            too_much.append((document.name, no_room(used)))
    return fitting, too_much


def _too_long(size: int) -> str:
    figures = {"size": size / MEGABYTE, "limit": settings.UPLOAD_LIMIT_BYTES // MEGABYTE}
    return _("A corpus holds at most %(limit)d MB, and this text has %(size).1f. Take a part of it.") % figures


def _too_late() -> str:
    limit = settings.UPLOAD_LIMIT_BYTES // MEGABYTE
    return _("The files before it have far more text than the %(limit)d MB that a corpus holds. Add it by itself.") % {
        "limit": limit
    }


def no_room(used: int) -> str:
    figures = {"used": used / MEGABYTE, "limit": settings.UPLOAD_LIMIT_BYTES // MEGABYTE}
    return (
        _("A corpus holds at most %(limit)d MB, and this one has %(used).1f. Take a part, or make another corpus.")
        % figures
    )
