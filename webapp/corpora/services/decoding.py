"""The decoding of uploads, and the choice of those that fit into a corpus."""

from collections.abc import Iterable
from dataclasses import replace

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _

from trainer.contract.documents import Decoded, TextProblem, clean, decode
from webapp import names
from webapp.accounts.limits import MEGABYTE
from webapp.corpora.models import Corpus
from webapp.corpora.services.reading import Named

_LONGEST_REASON = 1_000

Upload = tuple[str, bytes]  # a name and what was uploaded under it
Understood = tuple[str, Decoded]  # a name and the cleaned text, not lower-cased
LeftOut = tuple[str, str]  # a name, and the sentence that says why it is not in the corpus


class NothingToKeep(Exception):
    """None of the uploads can be added. `left_out` has the reason for each of them."""

    def __init__(self, left_out: list[LeftOut]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in left_out))
        self.left_out = left_out


def understand(uploads: Iterable[Upload]) -> tuple[list[Understood], list[LeftOut]]:
    """Return the uploads that can be read, and the others with the reason why they can't."""
    read: list[Understood] = []
    unreadable: list[LeftOut] = []
    for name, data in uploads:
        try:
            read.append((name, _read(data)))
        except TextProblem as problem:
            unreadable.append((name, str(problem)[:_LONGEST_REASON]))
    return read, unreadable


def _read(data: bytes) -> Decoded:
    decoded = decode(data)
    text = clean(decoded.text)
    if not names.can_be_seen(text):
        raise TextProblem(_("Nothing in it can be seen: choose a file that has text in it."))
    return replace(decoded, text=text)


def as_trained_on(documents: list[Understood], lowercase: bool) -> list[Named]:
    """Return the documents as a training reads them."""
    return [(name, clean(decoded.text, lowercase)) for name, decoded in documents]


def size(*documents: Understood) -> int:
    """Return how many bytes the documents take in the storage."""
    return sum(len(decoded.text.encode()) for _name, decoded in documents)


def fitting(corpus: Corpus, documents: list[Understood]) -> tuple[list[Understood], list[LeftOut]]:
    """Return the documents for which the corpus has room, and the others with the reason."""
    used = corpus.documents.aggregate(n=Sum("bytes"))["n"] or 0
    fitting: list[Understood] = []
    too_much: list[LeftOut] = []
    for document in documents:
        if used + size(document) <= settings.UPLOAD_LIMIT_BYTES:
            used += size(document)
            fitting.append(document)
        else:
            too_much.append((document[0], _no_room(used)))
    return fitting, too_much


def _no_room(used: int) -> str:
    figures = {"used": used / MEGABYTE, "limit": settings.UPLOAD_LIMIT_BYTES // MEGABYTE}
    return (
        _("A corpus holds at most %(limit)d MB, and this one has %(used).1f. Take a part, or make another corpus.")
        % figures
    )
