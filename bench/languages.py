"""Prose in twenty languages, written to measure how well encodings are guessed.

`ODD` has lines with letters beyond ASCII, `PLAIN` lines of the same language without any. Where an old encoding lacks
typographic marks, `sentences` puts a typewriter's, as people did.

`HELD_OUT` has other lines with odd letters, written after the detection. The detection must not be tuned on them, or
they no longer show how well it reads texts that it was not made for.
"""

from collections.abc import Mapping
from pathlib import Path
from random import Random


def _read(name: str) -> dict[str, str]:
    """Return the lines of each language in a file of `bench/prose/`, where a heading begins a language."""
    parts = (Path(__file__).parent / "prose" / name).read_text(encoding="utf-8").split("# ")[1:]
    return {language: lines.strip() for language, _, lines in (part.partition("\n") for part in parts)}


ODD, PLAIN, HELD_OUT = _read("odd.txt"), _read("plain.txt"), _read("held_out.txt")
_TYPED = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "..."})


def prose(random: Random, language: str, codec: str, odd: int, plain: int) -> str:
    """Return a text that the encoding can hold: lines with letters beyond ASCII, mixed with plain lines.

    A line is one sentence or two, drawn at random. A language that has no plain lines, since its script is another,
    gets none.
    """
    known = sentences(ODD, language, codec)
    return mixed(random, language, [_line(random, known) for _ in range(odd)], plain)


def mixed(random: Random, language: str, lines: list[str], plain: int) -> str:
    """Return a text of the lines in random order, mixed with so many plain ones if the language has any."""
    drawn = [_line(random, _lines(PLAIN[language])) for _ in range(plain if language in PLAIN else 0)]
    every = lines + drawn
    random.shuffle(every)
    return "\n".join(every) + "\n"


def sentences(source: Mapping[str, str], language: str, codec: str) -> list[str]:
    """Return the odd sentences that an encoding can hold, if need be with typewriter marks for typographic ones.

    `source` is ODD or HELD_OUT. Big5 is an encoding of Taiwan and Hong Kong, so it gets traditional characters.
    """
    text = source["Traditional Chinese" if codec == "big5" else language]
    fitting = (_fitting(sentence, codec) for sentence in _lines(text))
    return [sentence for sentence in fitting if not sentence.isascii()]


def _fitting(sentence: str, codec: str) -> str:
    for spelled in (sentence, sentence.translate(_TYPED)):
        try:
            spelled.encode(codec)
        except UnicodeEncodeError:
            continue
        return spelled
    return ""


def _line(random: Random, known: list[str]) -> str:
    return " ".join(random.sample(known, random.randint(1, 2)))


def _lines(text: str) -> list[str]:
    return text.strip().split("\n")


_WESTERN = ("cp1252", "iso8859_15", "cp850", "mac_roman", "cp437", "iso8859_1")
_CENTRAL = ("cp1250", "iso8859_2", "cp852")

#: The encodings older than Unicode that people wrote a language in, the most frequent first
ENCODINGS = {
    "English": _WESTERN,
    "German": _WESTERN,
    "French": ("cp1252", "iso8859_15", "cp850", "mac_roman"),
    "Spanish": _WESTERN,
    "Portuguese": ("cp1252", "iso8859_1", "cp850", "mac_roman"),
    "Italian": _WESTERN,
    "Swedish": _WESTERN,
    "Polish": _CENTRAL,
    "Czech": _CENTRAL,
    "Hungarian": _CENTRAL,
    "Lithuanian": ("cp1257", "iso8859_13"),
    "Turkish": ("cp1254", "iso8859_9", "cp857"),
    "Russian": ("cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic"),
    "Ukrainian": ("cp1251", "koi8_u"),
    "Greek": ("cp1253", "iso8859_7", "cp737"),
    "Hebrew": ("cp1255", "iso8859_8"),
    "Arabic": ("cp1256", "iso8859_6"),
    "Chinese": ("gb18030", "gb2312", "big5", "hz"),
    "Japanese": ("cp932", "euc_jp", "iso2022_jp"),
    "Korean": ("cp949", "euc_kr"),
}
