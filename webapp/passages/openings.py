"""The openings that are taken from a study's own text: a random sentence, or the text's last lines."""

import random
import re

from trainer.contract import procedures
from trainer.contract.blanks import without_leading
from webapp import files
from webapp.studies.models import Study

_CHARACTERS = 120  # of a random opening
_LAST_CHARACTERS = 600  # the most of the last lines, when these are long
_LAST_LINES = 4
_SENTENCE_OR_LINE_END = re.compile(r"\n|[.!?…。！？][\"'”’)]*\s")
_BLANKS = re.compile(r"\s*")


def random_opening(study: Study, generator: random.Random) -> str:
    """Return an opening: the beginning of a random sentence or line, or a random window where windows are learned."""
    document = generator.choices(study.documents, [d["characters"] for d in study.documents])[0]
    text = files.read_whole_text(document["key"])
    if window := procedures.of_choices(study.recipe).opening_characters:
        start = generator.randrange(max(1, len(text) - window))
        return text[start : start + window]
    start = sentence_or_line(text, generator.randrange(len(text)), len(text) - _CHARACTERS)
    return _without_broken_word(text[start : start + _CHARACTERS])


def sentence_or_line(text: str, start: int, stop: int) -> int:
    """Return the first place between `start` and `stop` where a sentence or a line begins, else the text's beginning.

    Blanks are skipped in a separate step: one pattern for both would read a long run of blanks again from each place.
    """
    end = _SENTENCE_OR_LINE_END.search(text, start, stop)
    begins = _after_blanks(text, end.end()) if end else stop
    return begins if begins < stop else _after_blanks(text, 0)


def _after_blanks(text: str, start: int) -> int:
    blanks = _BLANKS.match(text, start)
    return blanks.end() if blanks else start


def _without_broken_word(text: str) -> str:
    """Cut what follows the last blank and keep the blank, so that the model begins with a whole word."""
    cut = max(text.rfind(" "), text.rfind("\n"))
    return text[: cut + 1] if cut > 0 else text


def last_lines(study: Study) -> str:
    """Return the end of the text as an opening: its last four lines, not counting blank ones."""
    return end_of(files.read_whole_text(study.documents[-1]["key"]))


def end_of(text: str) -> str:
    """Return a text's last four lines that are not blank, and the blank ones between; at most 600 characters."""
    lines: list[str] = []
    count = 0
    for line in reversed(text.rstrip()[-_LAST_CHARACTERS:].split("\n")):
        is_blank = not without_leading(line)
        if lines or not is_blank:
            lines.insert(0, line)
            count += not is_blank
        if count == _LAST_LINES:
            break
    return "\n".join(lines) + "\n"
