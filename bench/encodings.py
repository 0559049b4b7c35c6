"""The measurement of how well encodings are guessed, and how fast. It prints three tables in Markdown, and the time.

    python -m bench.encodings

What counts is the share of odd letters (characters beyond ASCII) that the first guess reads right.

The first table draws files in twenty languages and the encodings that people used for them: 1 to 200 lines that have
odd letters, among four times as many plain lines (up to 200). The second makes files of every pair of language and
encoding, also of sentences that were held out, with one odd line or ten and with few or many plain lines.
The third compares how certain a guess is said to be with how often it is right.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from time import process_time

from bench.languages import ENCODINGS, HELD_OUT, ODD, PLAIN, mixed, prose, sentences
from trainer.contract.decoding import decode
from trainer.contract.documents import TextProblem
from trainer.contract.encoding_choices import choices

ODD_LINES = (1, 3, 10, 50, 200)
EVERY_PAIR = ((1, 0), (1, 4), (1, 60), (10, 0), (10, 40))  # lines with odd letters, and plain lines
CERTAINTIES = (0.6, 0.8, 0.9, 0.95, 0.98)  # at which the rows of the third table begin
WIDE = dict.fromkeys(
    ENCODINGS, ("utf_16_le", "utf_16_be", "utf_32_le", "utf_32_be")
)  # Python puts no mark before these

Encodings = Mapping[str, tuple[str, ...]]  # of each language


@dataclass(frozen=True)
class Sample:
    """A file whose encoding is known."""

    language: str
    codec: str
    odd_lines: int
    text: str


@dataclass(frozen=True)
class Outcome:
    """How a sample was read."""

    sample: Sample
    odd: int  # letters that are not ASCII
    right: int  # of them
    guess: str  # the encoding's name, or "refused"


def samples(files: int, seed: int) -> Iterator[Sample]:
    """Yield so many files: each number of odd lines equally often, then each language, then its encodings in turn."""
    random = Random(seed)
    for number in range(files):
        odd_lines = ODD_LINES[number % len(ODD_LINES)]
        language = list(ENCODINGS)[number // len(ODD_LINES) % len(ENCODINGS)]
        codecs = ENCODINGS[language]
        codec = codecs[number // len(ODD_LINES) // len(ENCODINGS) % len(codecs)]
        yield Sample(language, codec, odd_lines, prose(random, language, codec, odd_lines, min(200, 4 * odd_lines)))


def of_every_pair(
    source: Mapping[str, str], encodings: Encodings, odd_lines: int, plain: int, seed: int
) -> Iterator[Sample]:
    """Yield files of every pair of a language and an encoding, one for each sentence that the encoding can hold.

    A file has this sentence, others of the same source and language up to `odd_lines` (drawn with repetition, because
    they are few), and `plain` plain lines. A language that has no plain lines is left out if the files have some.
    """
    random = Random(seed)
    for language, codecs in encodings.items():
        for codec in codecs if language in PLAIN or not plain else ():
            known = sentences(source, language, codec)
            for sentence in known:
                lines = [sentence, *random.choices(known, k=odd_lines - 1)]
                yield Sample(language, codec, odd_lines, mixed(random, language, lines, plain))


def outcome(sample: Sample) -> Outcome:
    """Decode a sample and compare it with what was encoded, letter by letter."""
    odd = [character for character in sample.text if not character.isascii()]
    try:
        decoded = decode(sample.text.encode(sample.codec))
    except TextProblem:
        return Outcome(sample, len(odd), 0, "refused")
    return Outcome(sample, len(odd), _right(sample.text, decoded.text), decoded.encoding)


def _right(text: str, read: str) -> int:
    if len(text) != len(read):  # nothing stands where it did, as when two bytes of a character were read as two letters
        return 0
    return sum(one == other and not one.isascii() for one, other in zip(text, read, strict=True))


def share(outcomes: list[Outcome]) -> float:
    """Return the share of odd letters that were read right, each file counting the same."""
    return sum(one.right / one.odd for one in outcomes) / len(outcomes)


def whole(outcomes: list[Outcome]) -> int:
    """Return how many files were read without a mistake."""
    return sum(one.right == one.odd for one in outcomes)


def decoding_seconds(megabytes: int) -> float:
    """Return the processor time of decoding German prose in Windows-1252, of which a fifth of the lines are odd."""
    part = prose(Random(1), "German", "cp1252", 2_000, 8_000).encode("cp1252")
    data = (part * (megabytes * 1_000_000 // len(part) + 1))[: megabytes * 1_000_000]
    began = process_time()
    decode(data)
    return process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=400, help="files of the first table")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--megabytes", type=int, default=20, help="length of the text that is timed")
    parser.add_argument("--wrong", action="store_true", help="print the files that were read wrong as well")
    options = parser.parse_args()
    outcomes = _first_table(options.files, options.seed) + _second_table(options.seed)
    _third_table(options.files, options.seed + 2)
    print(f"\n{options.megabytes} MB in Windows-1252: {decoding_seconds(options.megabytes):.2f} s of processor time")
    if options.wrong:
        for one in (one for one in outcomes if one.right < one.odd):
            sample = one.sample
            print(f"{sample.language}, {sample.codec}, {sample.odd_lines}: {one.guess}, {one.right}/{one.odd}")


def _first_table(files: int, seed: int) -> list[Outcome]:
    found: dict[int, list[Outcome]] = defaultdict(list)
    for sample in samples(files, seed):
        found[sample.odd_lines].append(outcome(sample))
    print("| lines with odd letters | files | read wholly right | odd letters read right |\n|---|---|---|---|")
    for lines, outcomes in sorted(found.items()):
        print(f"| {lines} | {len(outcomes)} | {whole(outcomes)} | {share(outcomes):.1%} |")
    return [one for outcomes in found.values() for one in outcomes]


def _second_table(seed: int) -> list[Outcome]:
    every: list[Outcome] = []
    headings = ("odd lines", "plain lines", "`ODD`", "`HELD_OUT`", "`HELD_OUT` in UTF-16 and UTF-32 without a mark")
    print(f"\n| {' | '.join(headings)} |\n|---|---|---|---|---|")
    for odd_lines, plain in EVERY_PAIR:
        cells = [str(odd_lines), str(plain)]
        for source, encodings in ((ODD, ENCODINGS), (HELD_OUT, ENCODINGS), (HELD_OUT, WIDE)):
            outcomes = [outcome(sample) for sample in of_every_pair(source, encodings, odd_lines, plain, seed)]
            cells.append(f"{share(outcomes):.1%} ({whole(outcomes):,} of {len(outcomes):,} files)")
            every += outcomes
        print(f"| {' | '.join(cells)} |", flush=True)
    return every


def _third_table(files: int, seed: int) -> None:
    """Print how often guesses of each certainty are right.

    The certainty was fitted with seeds 1 and 2.
    """
    every = [
        sample
        for source in (ODD, HELD_OUT)
        for odd_lines, plain in EVERY_PAIR
        for sample in of_every_pair(source, ENCODINGS, odd_lines, plain, seed)
    ]
    print("\n| certainty | files | on the average | read wholly right |\n|---|---|---|---|")
    _print_certainties([_with_certainty(sample) for sample in (*samples(files, seed), *every)])


def _with_certainty(sample: Sample) -> tuple[float, Outcome]:
    read = outcome(sample)
    certainties = {each.label: each.certainty for each in choices(sample.text.encode(sample.codec))}
    return certainties.get(read.guess, 0.0), read


def _print_certainties(outcomes: list[tuple[float, Outcome]]) -> None:
    for least, most in zip((0.0, *CERTAINTIES), (*CERTAINTIES, 1.01), strict=True):
        band = [(certainty, one) for certainty, one in outcomes if least <= certainty < most]
        if band:
            average = sum(certainty for certainty, _one in band) / len(band)
            right = whole([one for _certainty, one in band]) / len(band)
            print(f"| {least:.0%} to {min(most, 1):.0%} | {len(band):,} | {average:.1%} | {right:.1%} |")


if __name__ == "__main__":
    main()
