"""The frozen texts of a study: copies of the corpus's cleaned texts, on which it is trained."""

from typing import Any

from webapp import files
from webapp.studies.models import Study

Text = tuple[str, str]  # a document's name and its cleaned text


def freeze(texts: list[Text]) -> list[dict[str, Any]]:
    """Store the texts in a new folder, all or none. Return the value of `Study.documents`."""
    folder = files.fresh("texts")
    frozen = []
    try:
        for number, (name, text) in enumerate(texts):
            data = text.encode()
            key = files.add(folder, f"{number}.txt", data)
            frozen.append({"name": name, "key": key, "sha256": files.sha256(data), "characters": len(text)})
    except Exception:
        files.delete_tree(folder)
        raise
    return frozen


def delete_texts(study: Study) -> None:
    """Delete the frozen texts of a study."""
    for folder in study.text_folders:
        files.delete_tree(folder)
