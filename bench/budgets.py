"""The benchmark of budgets: what five texts are learned to in 1, 3, 10 and 30 minutes.

    python -m bench.budgets --macbeth FILE --shakespeare FILE --out results.json

A longer budget must never make a model worse: either its held-out loss falls, or the training ends early by itself. The
texts are Macbeth, tiny-shakespeare, the sample of the product, messages of Django in Russian, and the first 20,000
characters of Macbeth. With --former FOLDER, an older version of the trainer in that folder learns them too.

A figure is saved as soon as it is there, and what is in the file already is not measured again. Use a machine that does
nothing else: four budgets of five texts take about two hours and a half. `bench.plot_budgets` draws the file.
"""

import argparse
import json
import os
import re
import sys
import tempfile
from ast import literal_eval
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from bench import surroundings
from bench.processes import ROOT, Failed, run

TEXTS = ("macbeth", "shakespeare", "sample", "russian", "short")
BUDGETS = (1.0, 3.0, 10.0, 30.0)  # minutes
_SHORT = 20_000  # characters
_NETWORK = ("cell", "layers", "units", "batch", "sequence", "dropout", "weight_drop", "input_dropout", "most_steps")
_MESSAGE = re.compile(r'^msgstr(?:\[\d\])? ((?:".*"\s*)+)', re.MULTILINE)
_QUOTED = re.compile(r'".*"')

Figures = dict[str, Any]


def main() -> None:
    options = _parser().parse_args()
    results: Figures = {"machine": surroundings.describe(Path("no peer")), "runs": []}
    if options.out.exists():
        results = json.loads(options.out.read_text())
    known = {(found["text"], found["minutes"], found["side"]) for found in results["runs"]}
    side, root = ("former", options.former) if options.former else ("ours", ROOT)
    for name in options.only:
        for minutes in options.minutes:
            if (name, minutes, side) in known:
                continue
            try:
                found = _learned(_text(name, options), minutes, root)
            except Failed as problem:  # the other figures are still useful
                print(f"{name}, {minutes:g} minutes: {problem}", file=sys.stderr)
                continue
            results["runs"].append({"text": name, "minutes": minutes, "side": side, **found})
            options.out.write_text(json.dumps(results, indent=1) + "\n")
            print(f"{name}, {minutes:g} minutes: {found['carried']:.3f} after {found['seconds']:.0f} s", flush=True)
    print(table(results["runs"]))


def table(runs: list[Figures]) -> str:
    """Return a table in Markdown: a line for each text and side, a column for each budget."""
    minutes = sorted({found["minutes"] for found in runs})
    lines = [
        f"| text | {' | '.join(f'{value:g} minutes' for value in minutes)} |",
        f"|---|{'---|' * len(minutes)}",
    ]
    for text, side in sorted({(found["text"], found["side"]) for found in runs}):
        found = {each["minutes"]: each for each in runs if (each["text"], each["side"]) == (text, side)}
        cells = (_cell(found[value]) if value in found else "–" for value in minutes)
        lines.append(f"| {text}{', former' if side == 'former' else ''} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(found: Figures) -> str:
    ended = f"; ended after {found['seconds']:.0f} s" if found["seconds"] < 57 * found["minutes"] else ""
    return f"**{found['carried']:.3f}** ({found['layers']}×{found['units']}, {found['readings']:.0f} readings{ended})"


def _learned(text: str, minutes: float, root: Path) -> Figures:
    """Train with sizing's choices, by the trainer in the folder `root`. Raises Failed."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.txt"
        corpus.write_text(text, encoding="utf-8")
        options = ("train", corpus, "--out", Path(folder) / "model", "--minutes", minutes, "--json")
        events = run(sys.executable, "trainer", *options, seconds=minutes * 60, root=root)
    started, finished = events[0], events[-1]
    read = finished["score"]["held_out"]
    recipe = started["recipe"]
    return {
        **{name: recipe[name] for name in _NETWORK if name in recipe},
        "carried": read["whole"]["carried"],
        "second_half": read["second_half"]["carried"],
        "seconds": finished["seconds"],
        "steps": finished["step"],
        "readings": finished["chars"] / (started["characters"] * 0.9),
        "stopped_early": finished.get("stopped_early", ""),
        "curve": [(event["seconds"], event["carried"]) for event in events if event["event"] == "evaluated"],
        "load": load,
    }


def _text(name: str, options: argparse.Namespace) -> str:
    made: dict[str, Callable[[], str]] = {
        "macbeth": lambda: _read(options.macbeth),
        "shakespeare": lambda: _read(options.shakespeare),
        "sample": _sample,
        "russian": lambda: messages("ru"),
        "short": lambda: _read(options.macbeth)[:_SHORT],
    }
    return made[name]()


def _read(path: Path | None) -> str:
    if path is None:
        raise Failed("left out: its text was not given")
    return path.read_text(encoding="utf-8")


def _sample() -> str:
    from trainer.contract.documents import sample_text

    return sample_text()


def messages(language: str) -> str:
    """Return the messages of Django and its packages in this language, in an order that is always the same.

    A text in another script that every machine has which runs the product.
    """
    found: set[str] = set()
    for path in (Path(sys.prefix) / "lib").glob(f"*/site-packages/**/locale/{language}/LC_MESSAGES/*.po"):
        for message in _MESSAGE.findall(path.read_text(encoding="utf-8")):
            found.add("".join(literal_eval(part) for part in _QUOTED.findall(message)).strip())
    ordered = sorted(message for message in found if message)
    Random(1).shuffle(ordered)
    return "\n".join(ordered) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m bench.budgets", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--macbeth", type=Path, metavar="FILE")
    parser.add_argument("--shakespeare", type=Path, metavar="FILE", help="tiny-shakespeare")
    parser.add_argument("--only", nargs="+", choices=TEXTS, default=TEXTS, metavar="TEXT", help=", ".join(TEXTS))
    parser.add_argument("--minutes", nargs="+", type=float, default=BUDGETS, metavar="M", help="1 3 10 30")
    parser.add_argument("--former", type=Path, metavar="FOLDER", help="measure the trainer that is there instead")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where all figures go, as JSON")
    return parser


if __name__ == "__main__":
    main()
