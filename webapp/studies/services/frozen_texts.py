"""What a study freezes when it is submitted: copies of the cleaned texts, and of the model that it begins with."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from trainer.contract.continuing import OF_THE_MODEL
from webapp import files
from webapp.corpora.models import Place
from webapp.studies.models import Study


@dataclass(frozen=True)
class Text:
    """A document as a training reads it.

    name: of the document.
    text: cleaned, and lower-cased where its corpus is.
    weight: how often it is read in an epoch.
    document: the key of the document's row; None if that was not noted.
    source: the SHA-256 of the document's text as its owner sees it; empty if that was not noted.
    treatment: what was switched on for the document, beside the choices of its corpus.
    """

    name: str
    text: str
    weight: float = 1.0
    document: int | None = None
    source: str = ""
    treatment: dict[str, Any] = field(default_factory=dict)


def texts_of(places: Iterable[tuple[Place, str]]) -> list[Text]:
    """Return the documents of a corpus, given by their places, each with its text."""
    return [
        Text(one.document.name, text, one.weight, one.document_id, one.document.sha256, one.document.treatment)
        for one, text in places
    ]


def texts_again(study: Study) -> list[Text]:
    """Return the frozen documents of a study."""
    return [
        Text(
            document["name"],
            files.read_whole_text(document["key"]),
            document.get("weight", 1.0),
            document.get("document"),
            document.get("source", ""),
            document.get("treatment", {}),
        )
        for document in study.documents
    ]


@dataclass(frozen=True)
class Base:
    """A model that a training on another text begins with.

    study: its study, if there still is one.
    key: the key of its files.
    learned: the value of `Study.learned_before` for a study that begins with it.
    recipe: the choices that stay those of the model.
    """

    study: Study | None
    key: str
    learned: list[dict[str, Any]]
    recipe: dict[str, Any]


def base_of(study: Study) -> Base:
    """Return the model of a study as the base of another one."""
    text = {"model": study.name, "corpus": study.corpus_name, "characters": study.characters}
    learned = [{**text, "documents": study.documents}, *study.learned_before]
    return Base(study, study.model_key, learned, _kept(study))


def base_again(study: Study) -> Base | None:
    """Return the model that a study itself began with; None if it began with a new network."""
    return Base(study.base, study.base_key, study.learned_before, _kept(study)) if study.base_key else None


def _kept(study: Study) -> dict[str, Any]:
    return {name: value for name, value in study.recipe.items() if name in OF_THE_MODEL}


def size(texts: list[Text], base: Base | None) -> int:
    """Return how many bytes `freeze` will store."""
    before = [document["key"] for text in base.learned for document in text["documents"]] if base else []
    stored = [key.rpartition("/")[0] for key in before] + ([base.key] if base else [])
    return sum(len(text.text.encode()) for text in texts) + sum(map(files.size, stored))


def freeze(study: Study, texts: list[Text], base: Base | None) -> None:
    """Store the texts, and what the base consists of, in a new folder, all or nothing. Set their fields of the study.

    Raises OutOfReach if the base is gone.
    """
    folder = files.fresh("texts")
    try:
        study.documents = [_freeze(folder, f"{number}.txt", text) for number, text in enumerate(texts)]
        if base:
            study.base, study.base_key = base.study, f"{folder}/base"
            files.copy_tree(base.key, study.base_key)
            study.learned_before = [
                {**text, "documents": [_copy(folder, document) for document in text["documents"]]}
                for text in base.learned
            ]
    except Exception:
        files.delete_tree(folder)
        raise


def _freeze(folder: str, file: str, text: Text) -> dict[str, Any]:
    data = text.text.encode()
    frozen = {"key": files.add(folder, file, data), "sha256": files.sha256(data), "characters": len(text.text)}
    kept = {"weight": text.weight, "document": text.document, "source": text.source, "treatment": text.treatment}
    return {"name": text.name, **kept, **frozen}


def _copy(folder: str, document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "key": files.add(folder, "before.txt", files.read(document["key"]))}


def delete_texts(study: Study) -> None:
    """Delete what a study has frozen."""
    for folder in study.text_folders:
        files.delete_tree(folder)
