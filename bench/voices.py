"""The benchmark of voices: what it brings a model to know which document it reads, and what that costs.

    python -m bench.voices ONE TWO [--minutes 3]

Two models learn the same two texts in the same time, one of them with `--voices`. The tables in Markdown have the
held-out loss of each document, and the speed of a step. Then the model with voices writes in each, and in mixtures.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.processes import Event, run

_SHARES = (1.0, 0.7, 0.5, 0.3, 0.0)  # of the first voice, in the passages
_STEPS = 60  # of each network, in turn


def main() -> None:
    options = _parser().parse_args()
    files = [options.one, options.two]
    with tempfile.TemporaryDirectory() as folder:
        models = {name: Path(folder) / name for name in ("plain", "voiced")}
        for name, model in models.items():
            extra = ["--voices"] if name == "voiced" else []
            budget = ["--steps", options.steps] if options.steps else ["--minutes", options.minutes]
            finished = _trainer("train", *files, "--out", model, *budget, *extra, "--json")[-1]
            print(
                f"{name}: {finished['chars']:,} characters in {finished['seconds']:.0f} s, {finished['step']:,} steps"
            )
        _print_losses(models, files)
        _print_speed(models["voiced"], files)
        _print_passages(models["voiced"], options.length)


def _print_losses(models: dict[str, Path], files: list[Path]) -> None:
    plain = [_trainer("score", models["plain"], file, "--json")[0] for file in files]
    voiced = _trainer("score", models["voiced"], *files, "--json")[0]["voices"]
    names = [voice["name"] for voice in voiced]
    given = [part for name in reversed(names) for part in ("--voice-name", name)]
    swapped = _trainer("score", models["voiced"], *files, *given, "--json")[0]["voices"][::-1]
    print("\n| held out, nats per character | no voices learned | voices, read without | in its own | in the other's |")
    print("|---|---|---|---|---|")
    for file, alone, own, other in zip(files, plain, voiced, swapped, strict=True):
        losses = alone["held_out"]["whole"]["carried"], own["without"], own["with"], other["with"]
        print(f"| {file.stem}, {own['characters']:,} characters | {' | '.join(f'{loss:.3f}' for loss in losses)} |")


def _print_speed(model: Path, files: list[Path]) -> None:
    """Print the time of a step with and without voices, of the voiced model's recipe, taken in turn."""
    from trainer.engine import processor, setup

    setup.prepare(processor.cores(), deterministic=True)
    learners = _learners(model, files)
    seconds: dict[str, list[float]] = {name: [] for name in learners}
    for step in range(_STEPS):
        for name, (feed, learner) in learners.items():
            began = time.perf_counter()
            inputs, targets, starts = feed.at(step)
            learner.learn(step, inputs, targets, starts, 1e-3)
            seconds[name].append(time.perf_counter() - began)
    steady = {name: taken[10:] for name, taken in seconds.items()}  # the first ones compile
    print("\n| a step, ms | best | median |\n|---|---|---|")
    for name, taken in steady.items():
        print(f"| {name} | {1000 * min(taken):.2f} | {1000 * statistics.median(taken):.2f} |")
    ratios = [voiced / plain for plain, voiced in zip(steady["plain"], steady["voiced"], strict=True)]
    print(f"\nWith voices, a step takes {statistics.median(ratios):.3f} times as long (median of pairs).")


def _learners(model: Path, files: list[Path]) -> dict[str, tuple[Any, Any]]:
    """Return feed and learner of the recipe without voices and with them."""
    from dataclasses import replace

    from trainer.data import corpus as corpora
    from trainer.procedures import choice
    from trainer.storage.model_directory import ModelDirectory

    recipe = ModelDirectory(model).recipe()
    plain = replace(recipe, voices=False, voice_names=(), document_voices=())
    corpus = corpora.read(files, recipe.lowercase, recipe.seed, recipe.level)
    found = {}
    for name, one, text in (("plain", plain, corpus), ("voiced", recipe, corpus.voiced((1, 2)))):
        procedure = choice.procedure_of(one)
        found[name] = procedure.feed(text.train), procedure.learner(corpus.vocabulary.size)
    return found


def _print_passages(model: Path, length: int) -> None:
    from trainer.storage.model_directory import ModelDirectory

    one, two = ModelDirectory(model).recipe().voice_names
    for share in _SHARES:
        mixture = ["--voice", f"{one}={share}", "--voice", f"{two}={1 - share}"]
        lines = _trainer("sample", model, *mixture, "--length", length, "--temperature", 0.7, "--json")
        text = "".join(line["text"] for line in lines if line["event"] == "text").strip()
        print(f"\n{share:.1f} {one}, {1 - share:.1f} {two}:\n\n> " + text.replace("\n", "\n> "))


def _trainer(*words: object) -> list[Event]:
    return run(sys.executable, "trainer", *words, seconds=3600)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m bench.voices", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("one", type=Path, metavar="ONE", help="a text")
    parser.add_argument("two", type=Path, metavar="TWO", help="the text of another author")
    parser.add_argument("--minutes", type=float, default=3.0, metavar="M", help="of each of two trainings (3)")
    parser.add_argument("--steps", type=int, metavar="N", help="instead, so that a busy machine does not matter")
    parser.add_argument("--length", type=int, default=400, metavar="N", help="characters of each passage (400)")
    return parser


if __name__ == "__main__":
    main()
