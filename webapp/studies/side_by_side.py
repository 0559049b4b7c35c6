"""Two to four studies side by side: their figures, what differs between their recipes, and what is found."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from trainer.contract.recipe import completed
from webapp.queue.models import Job
from webapp.studies import losses, timelines
from webapp.studies.models import Sample, Study
from webapp.studies.recipe_labels import LABELS, OPTIONS

MOST = 4
_CLOSE = 0.01  # bits per character; a smaller difference is none
_OF_NO_CELL = {"cell", "units"}  # all that may differ if the cells are to be compared
_PLAIN = {
    *("recipe", "name", "progress_every", "evaluate_every", "first_evaluation", "evaluate_characters", "threads"),
    *("most_steps", "document_voices"),  # these follow from the others
}


@dataclass(frozen=True)
class Side:
    """One of the studies."""

    study: Study
    job: Job
    sample: str  # what it wrote by itself with the weights that are kept; during the training, its newest text

    @property
    def bits(self) -> float | None:
        return losses.bits(self.study.held_out)

    @property
    def has_begun(self) -> bool:
        """Whether a trainer has completed its recipe."""
        return bool((self.study.started or {}).get("recipe"))

    @property
    def recipe(self) -> dict[str, Any]:
        """The recipe of its training; before that has begun, the choices that were asked for."""
        trained = (self.study.started or {}).get("recipe")
        return completed(trained) if trained else self.study.recipe

    @property
    def cell(self) -> str:
        cell = self.recipe.get("cell", "lstm")
        return str(OPTIONS["cell"].get(cell, cell))


def sides(studies: list[Study]) -> list[Side]:
    """Return the studies, which have the attribute `trainings`, with a sample of each."""
    texts: dict[int, dict[int, str]] = {study.pk: {} for study in studies}
    samples = Sample.objects.filter(study__in=studies).order_by("step").values_list("study_id", "step", "text")
    for study, step, text in samples:
        texts[study][step] = text
    return [_side(study, study.trainings[0], texts[study.pk]) for study in studies]  # type: ignore[attr-defined]


def _side(study: Study, job: Job, texts: dict[int, str]) -> Side:
    """Return a study with one of its texts by their steps, which are in the order of time."""
    kept = timelines.kept_step(study, job.is_over)
    return Side(study, job, texts.get(kept) or next(reversed(texts.values()), ""))  # type: ignore[arg-type]


def differences(shown: list[Side]) -> list[tuple[str, list[str]]]:
    """Return what differs between the recipes: a name, and the value of each study."""
    names = dict.fromkeys(name for side in shown for name in side.recipe if name not in _PLAIN)
    open_ones = [side for side in shown if not side.has_begun] if any(side.has_begun for side in shown) else []
    rows = []
    for name in names:
        if any(name not in side.recipe for side in open_ones):
            continue  # the trainer chooses it when the training begins
        values = [side.recipe.get(name) for side in shown]
        if any(value != values[0] for value in values):
            rows.append((str(LABELS.get(name, name)), [_written(name, value) for value in values]))
    return rows


def _written(name: str, value: Any) -> str:
    if value in (None, []):
        return "–"
    if name in OPTIONS:
        return str(OPTIONS[name].get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def is_one_text(shown: list[Side]) -> bool:
    """Whether all of them learned the very same documents, so that their losses can be compared."""
    learned = {tuple(document["sha256"] for document in side.study.documents) for side in shown}
    return len(learned) == 1


def finding(shown: list[Side]) -> str:
    """Return what the comparison shows, in a sentence; empty as long as one of them has no score."""
    if not is_one_text(shown):
        return _("They learned different texts: their bits per character do not compare.")
    if any(side.study.score is None or side.bits is None for side in shown):
        return ""
    best, *others = sorted(shown, key=lambda side: side.bits or 0.0)
    only_cells = only_cells_differ(shown)
    name = best.cell if only_cells else f"“{best.study.name}”"
    figures = _("%(name)s needs %(bits).2f bits for a character") % {"name": name, "bits": best.bits}
    rest = ", ".join(f"{side.cell if only_cells else f'“{side.study.name}”'} {side.bits:.2f}" for side in others)
    if (others[0].bits or 0.0) - (best.bits or 0.0) < _CLOSE:
        pattern = _("%(figures)s, the others hardly more or less: %(rest)s. On this text they are equally good.")
    elif only_cells:
        pattern = _(
            "With equally many weights and equally much reading, %(figures)s of text that it never saw, %(rest)s: "
            "fewer bits are better."
        )
    else:
        pattern = _("%(figures)s of text that it never saw, %(rest)s: fewer bits are better.")
    return pattern % {"figures": figures, "rest": rest}


def only_cells_differ(shown: list[Side]) -> bool:
    """Whether these are the same network with different cells, but for the units that make them equally large."""
    names = {name for side in shown for name in side.recipe} - _PLAIN
    differing = {name for name in names if len({str(side.recipe.get(name)) for side in shown}) > 1}
    return "cell" in differing and differing <= _OF_NO_CELL


def counting(shown: list[Side]) -> dict[str, Any] | None:
    """Return what counting letters writes, its figure, and how many letters it looks back; None where it is unknown."""
    found = (side.study.score["baselines"] for side in shown if side.study.score)
    known = next((one for one in found if one.get("passage")), None)
    if known is None or not is_one_text(shown):
        return None
    return {"passage": known["passage"], "before": known["ngram_order"] - 1, "bits": losses.bits(known["ngram"])}
