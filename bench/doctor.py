"""The time that the doctor's findings take in a long text: `python -m bench.doctor`.

It writes texts with all that the doctor looks for, in several languages, and prints a row for each: the seconds of a
processor for all findings, and for each treatment that takes a tenth of a second and more.
"""

import argparse
import random
import textwrap
import time

import ftfy.bad_codecs  # noqa: F401  # it has the encoding in which a text is read wrongly

from trainer.contract.documents import clean
from webapp.doctor.findings import find
from webapp.doctor.treatments import NOTHING, TREATMENTS

_LETTERS = {
    "English": "etaoinshrdlucmfwypvbgk",
    "French": "esaitnrulodcmpévqfbghjàxèêôç",
    "Russian": "оеаинтсрвлкмдпуяызьъбгчйхжшюцщэфё",
    "Chinese": "".join(map(chr, range(0x4E00, 0x5400))),
    "Hindi": "कखगघचछजटडणतथदधनपबभमयरलवशसह",
}
_VOWEL_SIGNS = "ािीुूेैोौ्ं"
_LINES_ON_A_PAGE = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=5, help="of each text in UTF-8")
    options = parser.parse_args()
    print("| text | characters | seconds | of these |\n|---|---|---|---|")
    for name in [*_LETTERS, "French, read wrongly"]:
        text = _text(name.partition(",")[0], round(options.megabytes * 1_000_000))
        if "wrongly" in name:
            text = text.encode().decode("sloppy-windows-1252")
        _measure(name, clean(text))


def _measure(name: str, text: str) -> None:
    before = time.process_time()
    find(text, NOTHING)
    seconds = time.process_time() - before
    each = {treatment: _seconds(treatment, text) for treatment in TREATMENTS}
    slow = ", ".join(f"{treatment} {taken:.2f}" for treatment, taken in each.items() if taken >= 0.1)
    print(f"| {name} | {len(text):,} | {seconds:.2f} | {slow} |", flush=True)


def _seconds(treatment: str, text: str) -> float:
    before = time.process_time()
    list(TREATMENTS[treatment](text, NOTHING))
    return time.process_time() - before


def _text(language: str, size: int) -> str:
    """Write a book of Project Gutenberg's kind: wrapped lines, pages with numbers, verses, several kinds of marks."""
    draw = random.Random(language)
    words = [_word(draw, language) for _ in range(20_000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    drawn = draw.choices(words, weights, k=200_000)
    lines = ["*** START OF THE PROJECT GUTENBERG EBOOK X ***", ""]
    written = place = page = 0
    while written < size:
        length = draw.randint(20, 160)
        place = place + length if place + 2 * length < len(drawn) else draw.randint(0, 1000)
        paragraph = _wrapped(language, drawn[place : place + length], draw)
        lines += [*paragraph, ""]
        written += sum(len(line.encode()) + 1 for line in paragraph)
        if len(lines) // _LINES_ON_A_PAGE > page:
            page += 1
            lines += [str(page), "", "THE RIVER", ""]
    return "\n".join([*lines, "*** END OF THE PROJECT GUTENBERG EBOOK X ***", "Licence.", ""])


def _wrapped(language: str, words: list[str], draw: random.Random) -> list[str]:
    quoted = draw.choice(("“{}”  ", '"{}" ', "‘{}’ -- ", "{}—", "{} "))
    text = quoted.format(" ".join(words).capitalize()) + draw.choice(words) + "."
    if language == "Chinese":
        text = text.replace(" ", "")
        return [text[start : start + 40] for start in range(0, len(text), 40)]
    lines = textwrap.wrap(text, 72)
    if len(lines) > 1 and len(lines[0].split()[-1]) > 6 and draw.random() < 0.3:
        lines[0], lines[1] = f"{lines[0][:-3]}-", f"{lines[0][-3:]} {lines[1]}"
    return lines


def _word(draw: random.Random, language: str) -> str:
    letters = draw.choices(_LETTERS[language], k=draw.randint(1, 2 if language == "Chinese" else 10))
    if language == "Hindi":
        return "".join(letter + draw.choice(_VOWEL_SIGNS) for letter in letters)
    return "".join(letters)


if __name__ == "__main__":
    main()
