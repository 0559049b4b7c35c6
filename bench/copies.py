"""The benchmark of the search for copied text. It prints a table in Markdown.

    python -m bench.copies [macbeth.txt] [--megabytes 5]

The source is the given text, or the words of the sample text in random order, repeated or cut to the given size. The
passages consist of pieces of the source with 1 to 60 characters each. These are more copies than a model makes.
"""

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from trainer.contract.documents import read_files, sample_text
from trainer.data.text_index import TextIndex

Found = TypeVar("Found")
_PIECE = 60  # characters of the longest piece
_LENGTHS = {600: 200, 20_000: 10, 100_000: 3}  # characters of a passage → number of passages


def main() -> None:
    options = _parser().parse_args()
    text = _text(options.text, int(options.megabytes * 1_000_000))
    print(f"A source of {len(text.encode()):,} bytes, load {os.getloadavg()[0]:.1f}\n\n| | median | 95th percentile |")
    print("|---|---|---|")
    built, source = _timed(lambda: TextIndex.build([text]))
    print(f"| building the index | {built:.2f} s | |")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "source.index"
        print(f"| keeping it | {_timed(lambda: source.save(path))[0]:.2f} s | |")
        loaded, source = _timed(lambda: TextIndex.load(path))
        print(f"| opening it again | {1000 * loaded:.0f} ms | |")
        for length, count in _LENGTHS.items():
            seconds = _comparisons(source, text, length, count)
            middle, late = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
            print(f"| a passage of {length:,} characters | {1000 * middle:.1f} ms | {1000 * late:.1f} ms |", flush=True)


def _text(path: Path | None, size: int) -> str:
    text = read_files([path])[0] if path else _shuffled_words(size)
    return (text * (1 + size // len(text)))[:size]


def _shuffled_words(size: int) -> str:
    return " ".join(random.Random(1).choices(sample_text().split(" "), k=size // 5))


def _comparisons(source: TextIndex, text: str, length: int, count: int) -> list[float]:
    """Return the seconds that the search takes for each of `count` passages."""
    generator = random.Random(length)
    passages = [_passage(text, length, generator) for _ in range(count)]
    return [_timed(partial(source.copied, passage))[0] for passage in passages]


def _passage(text: str, length: int, generator: random.Random) -> str:
    passage = ""
    while len(passage) < length:
        place = generator.randrange(len(text))
        passage += text[place : place + generator.randint(1, _PIECE)]
    return passage[:length]


def _timed(work: Callable[[], Found]) -> tuple[float, Found]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m bench.copies", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", nargs="?", type=Path, metavar="FILE", help="the text that was learned")
    parser.add_argument("--megabytes", type=float, default=5, metavar="M", help="that it is repeated or cut to (5)")
    return parser


if __name__ == "__main__":
    main()
