"""The overlaps of a corpus: documents that are the same or share text, as data of the corpus and as sentences.

They are a notice and no reason to refuse a text, since a text may well repeat itself. Case, blanks and punctuation do
not count, so the findings stay right when the corpus is lower-cased.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trainer.contract import overlaps
from trainer.contract.overlaps import Kind

_NAMED = 4  # documents, and findings, that are written out; more are only counted


class Text(Protocol):
    """A document to compare: its name, its text, and the SHA-256 of its stored text."""

    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def content(self) -> str: ...


def found(documents: Sequence[Text]) -> list[dict[str, Any]]:
    """Find the overlaps of documents, in the form in which `Corpus.overlaps` keeps them."""
    return [
        {
            "kind": overlap.kind.value,
            "documents": [documents[number].name[:200] for number in overlap.documents],
            "contents": [documents[number].content for number in overlap.documents],
            "percent": round(100 * overlap.share),
        }
        for overlap in overlaps.find([document.text for document in documents])
    ]


def sentences(kept: list[dict[str, Any]]) -> list[str]:
    """Return one sentence for each of the first findings, and one that counts the others."""
    result = [_sentence(one["kind"], one["documents"], one["percent"]) for one in kept[:_NAMED]]
    more = len(kept) - len(result)
    if more:
        result.append(
            ngettext("%(n)d more document has something twice.", "%(n)d more documents have something twice.", more)
            % {"n": more}
        )
    return result


def _sentence(kind: str, documents: list[str], percent: int) -> str:
    words = {"first": _quoted(documents[0]), "other": _quoted(documents[-1]), "percent": percent}
    if kind == Kind.SAME:
        return _("%(names)s are the same text.") % {"names": _names(documents)}
    if kind == Kind.ITSELF:
        return _("%(first)s repeats itself: about %(percent)d %% of it is what it has said before.") % words
    if kind == Kind.PART:
        return _("About %(percent)d %% of %(first)s also stands in %(other)s.") % words
    if documents[0] == documents[1]:
        return _("The end of %(first)s also stands further up in it.") % words
    return _("The end of %(first)s also stands in %(other)s.") % words


def _names(documents: list[str]) -> str:
    quoted = list(map(_quoted, documents[:_NAMED]))
    more = len(documents) - len(quoted)
    if more:
        quoted.append(ngettext("%(n)d more", "%(n)d more", more) % {"n": more})
    return get_text_list(quoted, _("and"))


def _quoted(name: str) -> str:
    return _("“%(name)s”") % {"name": name}
