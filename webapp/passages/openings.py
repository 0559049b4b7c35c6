"""Openings out of the text that a study learned: a random place, or its end."""

import random
import re

from trainer.blanks import UNSEEN
from webapp import files
from webapp.studies.models import Study

_CHARACTERS = 120  # of a random opening
_TUTORIAL_CHARACTERS = 50  # the tutorial's window
_LAST_CHARACTERS = 600  # of the end, where lines are long
_LAST_LINES = re.compile(rf"(?:[^\n]*\n(?:[{UNSEEN}]*\n)*){{0,3}}[^\n]*(?=[{UNSEEN}\n]*\Z)")
_SENTENCE_OR_LINE_START = re.compile(r"(?:\n|[.!?…。！？][\"'”’)]*\s)\s*(?=\S)")


def random_opening(study: Study, generator: random.Random) -> str:
    """Return the start of a random sentence or line, to be written on."""
    document = generator.choices(study.documents, [d["characters"] for d in study.documents])[0]
    text = files.read(document["key"]).decode()
    if study.recipe.get("recipe") == "tutorial":
        start = generator.randrange(max(1, len(text) - _TUTORIAL_CHARACTERS))
        return text[start : start + _TUTORIAL_CHARACTERS]
    starts = _SENTENCE_OR_LINE_START.search(text, generator.randrange(len(text)), len(text) - _CHARACTERS)
    start = starts.end() if starts else len(text) - len(text.lstrip())
    return _without_broken_word(text[start : start + _CHARACTERS])


def _without_broken_word(text: str) -> str:
    """Cut what follows the last blank, and keep the blank: the next word is the model's."""
    cut = max(text.rfind(" "), text.rfind("\n"))
    return text[: cut + 1] if cut > 0 else text


def last_lines(study: Study) -> str:
    """Return how the text ends, to be written on: its last four lines, blank ones not counted."""
    text = files.read(study.documents[-1]["key"]).decode().rstrip()[-_LAST_CHARACTERS:]
    found = _LAST_LINES.search(text)
    return (found[0] if found else text) + "\n"
