"""The text with which a look begins: a passage of the model, or a piece of the text that it was never trained on."""

from django.utils.translation import gettext as _

from webapp import files
from webapp.inside.services import LONGEST
from webapp.passages.models import Passage
from webapp.studies.models import Study

_CHARACTERS = 400  # of a model's own text
_TRAINED = 0.9  # the share of a document that models train on, at its beginning
_LINE_END = "\n"


def missing(study: Study) -> str:
    """Return a sentence where a look needs the text that a model learned, and the text is not here; else nothing."""
    return "" if study.has_text else _("The model was uploaded without its text, on which this is measured.")


def of_passage(passage: Passage) -> str:
    """Return the beginning of a passage, with the end of its opening, as much as can be looked at."""
    opening = passage.prompt[-_CHARACTERS:]
    return (opening + passage.text)[:LONGEST]


def of_study(study: Study, characters: int = _CHARACTERS) -> str:
    """Return a piece of the study's last text from the part that is held out: whole lines, if they are short.

    It is empty for a model that was uploaded without its text.
    """
    if not study.has_text:
        return ""
    document = study.documents[-1]
    start = int(document["characters"] * _TRAINED)
    text = files.read_text(document["key"], start, 3 * characters)
    line = text.find(_LINE_END, 0, characters) + 1
    piece = text[line : line + characters]
    end = piece.rfind(_LINE_END)
    return (piece[:end] if end > characters // 2 else piece).strip(_LINE_END)
