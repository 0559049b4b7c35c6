"""The model card, README.md, that a downloaded model brings: what it is, how good it is, and how to use it."""

from typing import Any

from django.template.loader import render_to_string

from trainer.contract.recipe import Recipe
from webapp.markdown import escaped
from webapp.studies.losses import bits
from webapp.studies.models import Study
from webapp.studies.score import score_table


def of(study: Study, recipe: Recipe, folder: str) -> str:
    """Return the card as Markdown. `folder` is the name of the folder that the model is in."""
    context = {
        "folder": folder,
        "name": escaped(study.name),
        "corpus": escaped(study.corpus_name),
        "study": study,
        "recipe": recipe,
        "before": [_escaped(text) for text in study.learned_before],
        "lines": score_table(study, []),
        "verdict": escaped(study.score["verdict"]) if study.score else "",
        "best": bits(study.best_held_out),
    }
    return render_to_string("studies/model_card.md", context)


def _escaped(text: dict[str, Any]) -> dict[str, Any]:
    return {**text, "model": escaped(text["model"]), "corpus": escaped(text["corpus"])}
