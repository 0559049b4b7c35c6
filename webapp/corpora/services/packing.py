"""The packing of a corpus into a ZIP archive that its owner takes along, and the reading of one that is brought back.

The archive has a list of names and choices, `understudy-corpus.json`, each text in `texts/`, and in `originals/` each
original that is not its text byte for byte. One that is brought back comes from a stranger: its sizes are limited, and
it is only read, never unpacked to a path that it names.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from trainer.contract import recipe as recipes
from trainer.contract.decoding import decode_frozen
from trainer.contract.documents import TextProblem, as_stored
from trainer.contract.encoding_choices import LABELS
from webapp import files, names
from webapp.corpora.models import Corpus, Place
from webapp.corpora.services.understood import Understood
from webapp.doctor.treatments import Choices
from webapp.extraction import detection
from webapp.extraction.extracted import VERSION, Format
from webapp.extraction.packages import Budget, Package

MANIFEST = "understudy-corpus.json"
_LAYOUT = 1  # of the archive; a later one, which this site does not know, is refused
_LONGEST_MANIFEST = 10_000_000  # bytes
_UNPACKED = 4  # times the limit of uploads
_LONGEST_NOTE, _MOST_NOTES, _MOST_COLUMNS = 500, 50, 200

Listed = dict[str, Any]  # what the list says of a corpus, or of a document


def pack(corpus: Corpus, file: BinaryIO, originals: bool = True) -> None:
    """Write a corpus into an open file, as a ZIP archive. Raises OutOfReach when a text is gone.

    Without its originals it fits into the limit of an upload, since no corpus has more text than that.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        places = enumerate(corpus.in_order(), start=1)
        documents = [_pack(archive, number, place, originals) for number, place in places]
        choices = {"layout": _LAYOUT, "name": corpus.name, **corpus.choices, "documents": documents}
        archive.writestr(MANIFEST, json.dumps(choices, ensure_ascii=False, indent=1))


def packed(corpus: Corpus, originals: bool = True) -> BinaryIO:
    """Return an open temporary file with a corpus as a ZIP archive, at its beginning. Raises OutOfReach."""
    file = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115  # the caller closes it
    pack(corpus, file, originals)
    file.seek(0)
    return file


def _pack(archive: zipfile.ZipFile, number: int, place: Place, originals: bool) -> Listed:
    document = place.document
    has_file = originals and document.original_key
    text, original = f"texts/{number:04d}.txt", f"originals/{number:04d}" if has_file else None
    archive.writestr(text, files.read(document.key))
    if original:
        with archive.open(original, "w") as entry, files.opened(document.original_key) as stored:
            for chunk in stored.chunks():
                entry.write(chunk)
    kept = {name: getattr(document, name) for name in _KEPT}
    if document.original_key and not original:
        kept["extraction"] = 0  # as of a document from before originals were kept
    return {**kept, "weight": place.weight, "text": text, "original": original}


#: fields of a document that are taken along as they are, with their types
_KEPT: dict[str, type] = {
    "name": str,
    "format": str,
    "encoding": str,
    "unreadable": int,
    "nuls": int,
    "surplus_marks": int,
    "notes": list,
    "columns": list,
    "column": int,
    "is_edited": bool,
    "extraction": int,
    "treatment": dict,
    "codec": str,
}
_MAY_BE_NONE = {"column"}
#: what choices of treatments hold, by its type; all values are texts
_OF_TREATMENT: tuple[tuple[type, tuple[str, ...]], ...] = (
    (dict, ("characters", "twice")),
    (list, ("switches", "shared", "off")),
)


def is_packed(path: Path) -> bool:
    """Whether a file is a corpus that was taken along."""
    with path.open("rb") as file:
        if not detection.is_archive(file.read(4)):
            return False
    try:
        with Package(path, Budget()) as package:
            return MANIFEST in package
    except TextProblem:
        return False


def choices_of(upload: bytes | Path) -> Listed:
    """Return the name and the choices of a corpus that was taken along; of anything else, none. Raises TextProblem."""
    if isinstance(upload, bytes) or not is_packed(upload):
        return {}
    with Package(upload, _budget()) as package:
        manifest = _manifest(package)
    name = names.visible_name(manifest["name"], "", 120)
    return {"name": name, "lowercase": manifest.get("lowercase") is True, "treatment": manifest["treatment"]}


def documents_of(path: Path, folder: Path) -> Iterator[Understood]:
    """Yield the documents of a corpus that was taken along, in order. Their originals are written into the folder.

    Raises TextProblem.
    """
    with Package(path, _budget()) as package:
        for number, one in enumerate(_manifest(package)["documents"]):
            yield _document(package, one, folder / f"{path.name}-{number}.packed")


def _budget() -> Budget:
    return Budget(bytes=_LONGEST_MANIFEST + _UNPACKED * settings.UPLOAD_LIMIT_BYTES)


def _manifest(package: Package) -> Listed:
    data = package.read(MANIFEST)
    try:
        found = json.loads(data) if len(data) <= _LONGEST_MANIFEST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("name"), str):
        raise TextProblem(_damaged())
    if found.get("layout") != _LAYOUT:
        raise TextProblem(
            _("This corpus was taken along from a newer version of the site, which knows more: update this one first.")
        )
    if not isinstance(found.get("documents"), list) or not all(map(_is_sound, found["documents"])):
        raise TextProblem(_damaged())
    return {**found, "treatment": _treatment(found.get("treatment", {}))}


def _damaged() -> str:
    return _("The list of texts in this corpus is damaged: download it again where it comes from, and use that file.")


def _is_sound(one: Any) -> bool:
    """Whether what the list says of a document can be what was taken along."""
    if not isinstance(one, dict) or not all(_has_type(one.get(name), name) for name in _KEPT):
        return False
    lists = [*one["notes"], *one["columns"]]
    return (
        isinstance(one.get("text"), str)
        and (one.get("original") is None or isinstance(one["original"], str))
        and recipes.is_weight(one.get("weight"))
        and one["format"] in {kind.value for kind in Format}
        and all(isinstance(item, str) for item in lists)
        and all(0 <= one[name] < 2**31 for name, kind in _KEPT.items() if kind is int and one[name] is not None)
    )


def _has_type(value: Any, name: str) -> bool:
    return type(value) is _KEPT[name] or (value is None and name in _MAY_BE_NONE)


def _document(package: Package, one: Listed, original: Path) -> Understood:
    """Return a document. Raises TextProblem when its text is not one."""
    text = as_stored(decode_frozen(package.read(one["text"])))
    if not names.can_be_seen(text):
        raise TextProblem(_damaged())
    has_file = one["original"] is not None
    if has_file:
        original.write_bytes(package.read(one["original"]))
    return Understood(
        names.file_name(one["name"], 1),
        text,
        original if has_file else None,
        Format(one["format"]),
        names.visible_name(one["encoding"], "", 40),
        one["unreadable"],
        one["nuls"],
        one["surplus_marks"],
        [note[:_LONGEST_NOTE] for note in one["notes"][:_MOST_NOTES]],
        [column[:_LONGEST_NOTE] for column in one["columns"][:_MOST_COLUMNS]],
        one["column"],
        weight=float(one["weight"]),
        is_edited=one["is_edited"],
        extraction=min(one["extraction"], VERSION),
        treatment=_treatment(one["treatment"]),
        codec=one["codec"] if one["codec"] in LABELS else "",
    )


def _treatment(given: Any) -> dict[str, Any]:
    """Return choices of treatments as this site keeps them. Raises TextProblem for what is none."""
    if not isinstance(given, dict):
        raise TextProblem(_damaged())
    tables, lists = ([given.get(name, kind()) for name in names] for kind, names in _OF_TREATMENT)
    if not all(isinstance(one, dict) for one in tables) or not all(isinstance(one, list) for one in lists):
        raise TextProblem(_damaged())
    values = [value for one in tables for value in one.values()] + [value for one in lists for value in one]
    if not all(isinstance(one, str) for one in values):
        raise TextProblem(_damaged())
    return Choices.of(given).as_json()
