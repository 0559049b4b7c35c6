"""The reader of subtitles (.srt, WebVTT): the words alone."""

import html
import re

from trainer.contract.decoding import Decoded
from webapp.extraction.extracted import Extracted, Format, TextProblem
from webapp.extraction.paragraphs import tidy

_TIME = r"(?:\d{1,3}:)?\d{1,2}:\d{2}[,.]\d{1,3}"
_CUE = re.compile(rf"^[ \t]*(?P<start>{_TIME})[ \t]*-->[ \t]*(?P<end>{_TIME})[^\n]*$", re.MULTILINE)
_ROLLING = 8  # lines at most
_AT_ONCE = 0.1  # seconds from one cue to the next, up to which lines may just stay on
_TAGS = re.compile(
    r"<rt>[^<>\n]*</rt>|</?(?:[bciu]|v|ruby|rt|lang|font|\d)\b[^<>\n]*>|<\d[\d:.]*>|\{\\[^{}\n]*\}", re.IGNORECASE
)
# WebVTT writes these signs so, and many .srt files do too.
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|lrm|rlm|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_BEGINNING = 4_000  # characters in which the first time has to stand


def is_one(text: str) -> bool:
    """Whether a text begins as subtitles do: with a time of one, alone or after a number or a header."""
    first = _CUE.search(text[:_BEGINNING])
    if first is None:
        return False
    before = text[: first.start()].lstrip("\ufeff").strip()
    return before.startswith("WEBVTT") or ("\n" not in before and len(before) <= 20)


def read(decoded: Decoded) -> Extracted:
    """Return the words, a line for each that is shown. Lines that stay on while the next ones come stand once."""
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    starts = [*_CUE.finditer(text)]
    lines: list[str] = []
    before, over = list[str](), 0.0  # the lines of the cue before, and when it was over
    for cue, following in zip(starts, [*starts[1:], None], strict=True):
        shown = _words(text[cue.end() : following.start() if following else len(text)], following is not None)
        stay = _staying(before, shown) if _seconds(cue["start"]) - over <= _AT_ONCE else 0
        lines += shown[stay:]
        before, over = shown, _seconds(cue["end"])
    whole = tidy("\n".join(lines))
    if not whole:
        raise TextProblem("The subtitles have times and no words: choose a file that has words in it.")
    return Extracted(Decoded(whole, decoded.encoding, decoded.replaced), Format.SUBTITLES)


def _staying(before: list[str], shown: list[str]) -> int:
    """Return how many lines of a cue are the last ones of the cue before."""
    most = min(len(before), len(shown), _ROLLING)
    return next((count for count in range(most, 0, -1) if before[-count:] == shown[:count]), 0)


def _seconds(time: str) -> float:
    whole, _mark, part = time.replace(",", ".").partition(".")
    numbers = [int(number) for number in reversed(whole.split(":"))]
    return sum(number * 60.0**place for place, number in enumerate(numbers)) + float(f"0.{part}")


def _words(shown: str, is_followed: bool) -> list[str]:
    """Return the lines of one cue, up to an empty line. What comes after is the name of the next one, or a comment."""
    lines = shown.split("\n")[1:]
    if lines and lines[0].isspace():  # a line that is kept free for rolling captions; an empty one ends a cue
        lines.pop(0)
    lines = lines[: next((n for n, line in enumerate(lines) if not line.strip()), len(lines))]
    if is_followed and len(lines) > 1 and lines[-1].strip().isdigit() and shown.endswith(f"{lines[-1]}\n"):
        lines.pop()  # the number of the next one, of a file without empty lines
    return [line for line in (_shown(line) for line in lines) if line]


def _shown(line: str) -> str:
    """Return a line as a player shows it."""
    return _ENTITY.sub(lambda found: html.unescape(found[0].lower()), _TAGS.sub("", line)).strip()
