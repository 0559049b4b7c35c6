"""Texts to find copies in: of words that nobody wrote, with what texts say again and again."""

from pathlib import Path
from random import Random

LETTERS = {
    "latin": "abcdefghijklmnopqrstuvwxyz",
    "cyrillic": "абвгдежзийклмнопрстуфхцчшщыэюя",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "han": "".join(map(chr, range(0x4E00, 0x5000))),
}
LICENCE = (Path(__file__).parents[2] / "LICENSE").read_text(encoding="utf-8")


def prose(seed: int, characters: int, script: str = "latin") -> str:
    """Write sentences that no other seed writes."""
    random = Random(f"{script} {seed}")
    written = ""
    while len(written) < characters:
        words = ["".join(random.choices(LETTERS[script], k=random.randint(2, 9))) for _ in range(random.randint(4, 12))]
        written += "。" + "".join(words) if script == "han" else " ".join(words).capitalize() + ".\n"
    return written[:characters]


def with_refrain(characters: int = 60_000, lines: int = 4) -> str:
    """Write stanzas of some 240 characters, each with the same refrain behind it."""
    refrain = "\n".join(prose(1_000 + line, 40).strip() for line in range(lines))
    return "\n\n".join(f"{prose(number, 240)}\n\n{refrain}" for number in range(characters // (242 + 41 * lines)))


def with_licences(characters: int = 60_000) -> str:
    """Write chapters of 3,000 characters, each with a heading and a licence before it."""
    return "\n\n".join(
        f"CHAPTER {number}\n\n{LICENCE}\n\n{prose(number, 3_000)}" for number in range(characters // 4_100)
    )
