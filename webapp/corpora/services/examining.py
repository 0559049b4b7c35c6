"""The examination of documents by the doctor. What is found is kept in the cache, since to find it takes seconds."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.cache import cache

from webapp import files
from webapp.corpora.models import Corpus, Document
from webapp.corpora.services import examinations
from webapp.corpora.services.observing import NOBODY, Observer
from webapp.corpora.services.reading import read
from webapp.doctor import graphemes, shared, twice
from webapp.doctor.findings import CHARACTERS, Finding, Findings, Place, find
from webapp.doctor.treatments import NOTHING, VERSION, Choices, Name, treated

_KEPT_SECONDS = 7 * 24 * 3600
_BEGINNING = 300  # characters of a document that is left out
_SHOWN = 4  # places of a treatment, of all documents together


def examine(document: Document, choices: Choices) -> Findings:
    """Return what the treatments would change in a document. `choices` are those that are switched on."""
    if kept := examinations.kept(document.sha256, choices):
        return Findings.of(kept)
    found = _looked_at(document, choices)
    examinations.forget(_gone([document]))
    return found


def _looked_at(document: Document, choices: Choices) -> Findings:
    """Return what is found in a document, and keep it. The document may be deleted meanwhile: see `_gone`."""
    found = find(read(document), choices)
    examinations.keep(document.sha256, choices, found.as_json())
    return found


def examine_whole(corpus: Corpus | None, document: Document | None, observer: Observer = NOBODY) -> None:
    """Look at whole documents, however long, and keep what was found: at one, or at all of a corpus.

    It may take long, so a worker does it. Raises Document.DoesNotExist when one was deleted meanwhile.
    """
    documents = [document] if document else [place.document for place in corpus.in_order()] if corpus else []
    of_texts = _of_texts(corpus, documents) if corpus else NOTHING
    for number, one in enumerate(documents):
        observer.read(number)
        choices = one.switched_on | of_texts
        kept = examinations.kept(one.sha256, choices)
        if not kept or kept["looked_at"] < one.characters:
            examinations.keep(one.sha256, choices, find(read(one), choices, whole=True).as_json())
    if gone := _gone(documents):
        examinations.forget(gone)
        raise Document.DoesNotExist


def _gone(documents: list[Document]) -> set[str]:
    """Return the contents of documents that there are no more: nothing of a deleted text stays in the cache."""
    there = Document.objects.filter(pk__in=[one.pk for one in documents]).values_list("sha256", flat=True)
    return {one.sha256 for one in documents} - set(there)


def _of_texts(corpus: Corpus, documents: list[Document]) -> Choices:
    """Return the choices of a corpus for each of its texts. To leave a document out changes no other."""
    return replace(_with_shared_lines(corpus.switched_on, documents), twice={})


def _key(content: str, choices: Choices) -> str:
    parts = repr((VERSION, content, choices.as_json()))
    return f"doctor:{files.sha256(parts.encode())}"


@dataclass
class Examination:
    """What the treatments would change in the documents of a corpus."""

    choices: Choices  # those of the corpus, with the lines that documents share now
    found: list[tuple[Document, Findings | None]] = field(default_factory=list)  # None: not looked at yet

    @property
    def findings(self) -> list[tuple[Document, Findings]]:
        return [(document, findings) for document, findings in self.found if findings]

    @property
    def begun(self) -> list[tuple[Document, Findings]]:
        """The documents of which only the beginning was looked at."""
        return [(document, found) for document, found in self.findings if found.looked_at < document.characters]

    @property
    def waiting(self) -> int:
        """How many documents were not looked at."""
        return len(self.found) - len(self.findings)

    @property
    def counts(self) -> Counter[str]:
        """How often each character stands in all documents."""
        return sum((findings.counts for _document, findings in self.findings), Counter())

    def treatments(self) -> dict[str, Finding]:
        """Return for each treatment what it would change in all documents together."""
        together: dict[str, list[Finding]] = {}
        if self._twice:
            together[Name.TWICE] = [_left_out(document) for document in self._twice]
        for _document, findings in self.findings:
            for name, finding in findings.treatments.items():
                together.setdefault(name, []).append(finding)
        return {name: _together(found) for name, found in together.items()}

    @property
    def _twice(self) -> list[Document]:
        """The documents that are left out, or would be, since they stand twice."""
        documents = [document for document, _findings in self.found]
        are_read = twice.are_read([document.sha256 for document in documents], self.choices.twice)
        return [document for document, is_read in zip(documents, are_read, strict=True) if not is_read]


def _left_out(document: Document) -> Finding:
    """Return the finding that a document stands twice: its name, and its beginning, which goes."""
    beginning = files.read_text(document.key, 0, _BEGINNING)
    beginning = beginning[: graphemes.cut(beginning, _BEGINNING - 1)]
    more = "…" if document.characters > len(beginning) else ""
    return Finding(1, document.characters, [Place(f"{document.name}:\n", beginning + more, "", "")])


def _together(found: list[Finding]) -> Finding:
    """Return findings as one, with places of different documents before more of the same ones."""
    rows = [one.places for one in found]
    places = [places[n] for n in range(_SHOWN) for places in rows if n < len(places)]
    return Finding(sum(one.count for one in found), sum(one.characters for one in found), places[:_SHOWN])


def examine_corpus(corpus: Corpus) -> Examination:
    """Return what the treatments would change in the documents of a corpus.

    Documents are looked at until that took as long as for one long document. The others follow at the next call, since
    what was found is kept.
    """
    documents = [place.document for place in corpus.in_order()]
    of_texts = _of_texts(corpus, documents)
    pairs = {**twice.found(corpus.overlaps), **corpus.switched_on.twice}
    examination = Examination(replace(of_texts, twice=pairs))
    room, new = CHARACTERS, list[Document]()
    for document in documents:
        its_choices = document.switched_on | of_texts
        kept = examinations.kept(document.sha256, its_choices)
        if kept:
            findings: Findings | None = Findings.of(kept)
        elif room > 0:
            room -= document.characters
            findings = _looked_at(document, its_choices)
            new.append(document)
        else:
            findings = None
        examination.found.append((document, findings))
    if new:
        examinations.forget(_gone(new))
    return examination


def _with_shared_lines(choices: Choices, documents: list[Document]) -> Choices:
    """Return choices with the lines that many of these documents share, beside those that were kept."""
    contents = [[document.sha256, document.treatment] for document in documents]
    key = _key(repr(contents), choices)
    digests: Any = cache.get(key)
    if digests is None:
        digests = shared.found(_parts(documents, choices))
        cache.set(key, digests, _KEPT_SECONDS)
    return replace(choices, shared=choices.shared | frozenset(digests))


def _parts(documents: Iterable[Document], choices: Choices) -> Iterator[str]:
    """Yield the texts of documents; of long ones their beginnings and ends, so that all together are not too long."""
    every = list(documents)
    half = CHARACTERS // max(1, len(every)) // 2
    for document in every:
        text = read(document)
        part = text if len(text) <= 2 * half else f"{text[:half]}\n{text[-half:]}"
        yield treated(part, document.switched_on | choices, until=Name.SHARED)
