"""The changes of a corpus since a study was submitted: its frozen documents are compared with the present ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webapp import files
from webapp.corpora import services as corpora
from webapp.corpora.models import Corpus, Document, Place
from webapp.studies.models import Study

_NAMED = 4  # documents that a sentence names; more are only counted
Frozen = dict[str, Any]  # an item of Study.documents


@dataclass(frozen=True)
class Edited:
    """A document whose text is another one now. `number` is its place, from 0, among the study's documents."""

    number: int
    name: str


@dataclass(frozen=True)
class Changes:
    """What is different in the corpus now."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    edited: list[Edited] = field(default_factory=list)
    weighed: list[tuple[str, float, float]] = field(default_factory=list)  # a name, and the weights then and now
    is_reordered: bool = False
    lowercase: bool | None = None  # as it is now, if it was the other way
    is_treated: bool = False  # in another way

    def __bool__(self) -> bool:
        return self != Changes()

    @property
    def sentences(self) -> list[str]:
        """Return a sentence for each kind of change, but for texts that were edited: each of these has a page."""
        found = [
            _("%(names)s came in.") % {"names": _names(self.added)} if self.added else "",
            _("%(names)s went out.") % {"names": _names(self.removed)} if self.removed else "",
            *(_weighed(*one) for one in self.weighed[:_NAMED]),
            _counted(len(self.weighed) - _NAMED),
            _("The documents stand in another order.") if self.is_reordered else "",
            _("Its letters are lower-cased now.") if self.lowercase else "",
            _("Its capitals are kept now.") if self.lowercase is False else "",
            _("Other things are mended in all its texts now.") if self.is_treated else "",
        ]
        return list(filter(None, found))


def since(study: Study) -> Changes | None:
    """Return what has changed in a study's corpus since it was submitted; None if the corpus is gone."""
    corpus = study.corpus
    if corpus is None:
        return None
    if study.corpus_version == corpus.version:
        return Changes()
    return _compared(study, corpus, corpus.read_in_order())


def document(study: Study, number: int) -> Document | None:
    """Return the present document of which a study learned a copy, by the number of the copy; None if it is gone."""
    if number >= len(study.documents):
        return None
    frozen = study.documents[number]
    return Document.objects.filter(pk=frozen.get("document"), owner=study.owner_id).first()


def texts(study: Study, number: int) -> tuple[str, str] | None:
    """Return a document's text as a study learned it, and as it would be learned now; None if it is gone."""
    now = document(study, number)
    if now is None:
        return None
    then = files.read_whole_text(study.documents[number]["key"])
    return then, corpora.as_trained(now, study.corpus) if study.corpus else corpora.read(now)


def _compared(study: Study, corpus: Corpus, places: list[Place]) -> Changes:
    now = {place.document_id: place for place in places}
    known = [(number, frozen) for number, frozen in enumerate(study.documents) if frozen.get("document") in now]
    then = [int(frozen["document"]) for _number, frozen in known]
    pairs = [(number, frozen, now[key]) for (number, frozen), key in zip(known, then, strict=True)]
    choices = {**corpus.choices, **(study.corpus_choices or {})}
    return Changes(
        added=[place.document.name for key, place in now.items() if key not in then],
        removed=[frozen["name"] for frozen in study.documents if frozen.get("document") not in now],
        edited=[Edited(number, frozen["name"]) for number, frozen, place in pairs if _is_edited(frozen, place)],
        weighed=[
            (frozen["name"], weight, place.weight)
            for _number, frozen, place in pairs
            if (weight := frozen.get("weight", 1.0)) != place.weight
        ],
        is_reordered=then != [key for key in now if key in then],
        lowercase=None if choices["lowercase"] == corpus.lowercase else corpus.lowercase,
        is_treated=choices["treatment"] != corpus.treatment,
    )


def _is_edited(frozen: Frozen, place: Place) -> bool:
    """Whether a document has another text, or other things are mended in it.

    A study from before versions were counted does not know it.
    """
    source, treatment = frozen.get("source"), frozen.get("treatment", {})
    return bool(source) and (source != place.document.sha256 or treatment != place.document.treatment)


def _weighed(name: str, then: float, now: float) -> str:
    words = {"name": name, "then": f"{then:g}", "now": f"{now:g}"}
    return _("“%(name)s” has the weight %(now)s, and had %(then)s.") % words


def _counted(more: int) -> str:
    if more <= 0:
        return ""
    return ngettext("%(n)d more has another weight.", "%(n)d more have other weights.", more) % {"n": more}


def _names(names: Sequence[str]) -> str:
    quoted = [_("“%(name)s”") % {"name": name} for name in names[:_NAMED]]
    if len(names) > _NAMED:
        more = len(names) - _NAMED
        quoted.append(ngettext("%(n)d more", "%(n)d more", more) % {"n": more})
    return get_text_list(quoted, _("and"))
