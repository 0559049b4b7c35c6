"""What the doctor found, encodings and differences, as the interface sends them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from webapp.corpora import advice
from webapp.corpora.models import Corpus
from webapp.corpora.services import Encoding, Examination
from webapp.corpora.treatment_labels import LABELS
from webapp.corpora.treatment_rows import Otherwise, otherwise
from webapp.differences import Difference
from webapp.doctor import rare
from webapp.doctor.findings import Finding, Findings
from webapp.doctor.treatments import TREATMENTS, Choices, Name

Shown = dict[str, Any]


def of_document(found: Findings, choices: Choices, corpora: Iterable[Corpus]) -> Shown:
    rarities = rare.found(found.counts)
    return {
        "treatments": list(_treatments(found.treatments, choices, otherwise(choices, corpora))),
        "characters": list(_characters(rarities, choices)),
        "advice": _said([advice.of_rarities(rarities)]),
        "waiting": 0,
    }


def of_corpus(found: Examination, choices: Choices, characters: int) -> Shown:
    rarities = rare.found(found.counts)
    names = [document.name for document, _findings in found.findings]
    profiles = [findings.profile for _document, findings in found.findings]
    others = otherwise(choices, (document for document, _findings in found.found))
    sentences = [advice.expected(characters), advice.of_rarities(rarities), *advice.of_documents(names, profiles)]
    return {
        "treatments": list(_treatments(found.treatments(), choices, others)),
        "characters": list(_characters(rarities, choices)),
        "advice": _said(sentences),
        "waiting": found.waiting,
    }


def _said(sentences: Iterable[str]) -> list[str]:
    return [advice.without_marks(sentence) for sentence in sentences if sentence]


def _treatments(found: Mapping[str, Finding], choices: Choices, others: Otherwise) -> Iterable[Shown]:
    for name in TREATMENTS:
        if name == Name.CHARACTERS:
            continue
        one = found.get(name) or Finding(0, 0, [])
        yield {
            "name": name,
            "title": str(LABELS[name].title),
            "about": str(LABELS[name].explanation),
            "on": name in choices.on,
            "otherwise": [other.pk for other in others.get(name, [])],
            "places": one.count,
            "characters": one.characters,
            "examples": [place._asdict() for place in one.places],
        }


def _characters(rarities: rare.Rarities, choices: Choices) -> Iterable[Shown]:
    listed = {one.character: one._asdict() for one in rarities.listed}
    for character in choices.characters:
        listed.setdefault(character, rare.Rare(character, 0, "")._asdict())
    for character, one in listed.items():
        yield {**one, "written_as": choices.characters.get(character)}


def encoding(found: Encoding) -> Shown:
    def choice(one: Any) -> Shown:
        return {"encoding": one.codec, "label": one.label, "certainty": one.certainty}

    return {
        "now": choice(found.now),
        "chosen": found.is_chosen,
        "choices": [choice(one) for one in found.choices],
        "shown": found.shown.codec,
        "lines": [{"number": number, "text": text} for number, text in found.lines],
        "odd_lines": found.odd,
        "turn": asdict(found.turn) if found.turn else None,
    }


def difference(found: Difference) -> Shown:
    pieces = [{"kind": piece.kind, "text": piece.text} for piece in found.pieces]
    return {"pieces": pieces, "removed": found.removed, "added": found.added, "is_cut": found.is_cut}
