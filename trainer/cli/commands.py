"""The commands of the trainer, except those that have modules of their own. Each returns its exit code."""

import argparse
import json
from collections.abc import Callable
from typing import Any, TextIO

from trainer.cli import arguments
from trainer.cli.arguments import UsageProblem
from trainer.cli.inspecting import attribute, inspect, memory, units
from trainer.cli.loading import load
from trainer.cli.reporters import JsonLines
from trainer.cli.train import train
from trainer.contract import console, pace
from trainer.contract.answers import Done, Text, Unknown
from trainer.contract.documents import check_trainable, read_files, split_held_out
from trainer.contract.events import SpeedMeasured
from trainer.contract.exit_codes import ExitCode
from trainer.data import corpus as corpora
from trainer.engine import processor
from trainer.storage.model_directory import ModelDirectory

Command = Callable[[argparse.Namespace, TextIO | None, float], int]


def sample(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    """Write passages with a model."""
    if options.trace and output is None:
        raise UsageProblem("--trace is for programs: give --json as well.")
    request = arguments.writing_request(options)
    model = load(options).counting(request.sampling.counting, options.files, options.frozen).holding(options.held)
    from trainer.generation import passages

    unknown = passages.unknown(model, options.prompt)
    if output is None:
        _print_passages(options, unknown, passages.passages(model, request))
        return ExitCode.DONE
    lines = JsonLines(output)
    if unknown:
        lines.report(Unknown(characters=unknown))
    for number, text, trace in passages.passages(model, request):
        lines.report(Text(passage=number, text=text, trace=trace if request.trace else None))
    lines.report(Done())
    return ExitCode.DONE


def _print_passages(options: argparse.Namespace, unknown: list[str], pieces: Any) -> None:
    if unknown:
        console.print_error(f"The model does not know {' '.join(map(repr, unknown))}, which it leaves out.")
    if options.passages == 1:
        print(options.prompt, end="")
        for _, text, _ in pieces:
            print(text, end="", flush=True)
        print()
        return
    texts = [options.prompt] * options.passages
    for number, text, _ in pieces:
        texts[number] += text
    print("\n\n".join(texts))


def score(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    """Measure how well a model predicts texts."""
    directory = ModelDirectory(options.model)
    directory.check()
    recipe, names = directory.recipe(), arguments.voices_of_files(options)
    corpus = corpora.read_for(directory.vocabulary(), options.files, recipe.lowercase, options.frozen)
    corpus = corpus.voiced(tuple(map(recipe.voice_number, names)))
    model = load(options)
    from trainer.evaluation import evaluator, verdicts

    found = evaluator.score(model.evaluator(), corpus, recipe.voice_names)
    then = directory.score()
    same_text = then.get("baselines", {}).get("ngram") == found["baselines"]["ngram"]
    found["earlier"] = then.get("earlier") if same_text else None
    if output is not None:
        JsonLines(output).write(found)
        return ExitCode.DONE
    print(verdicts.table(found))
    return ExitCode.DONE


def baselines(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    """Measure how well n-grams and a compressor predict texts."""
    texts = read_files(options.files, frozen=options.frozen)
    check_trainable(texts)
    from trainer.evaluation.baselines import baselines as measured

    parts = [split_held_out(text) for text in texts]
    figures = measured([train for train, _ in parts], [held_out for _, held_out in parts])
    print(json.dumps(figures.to_json()), file=output)
    return ExitCode.DONE


def speed(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    """Measure how fast this machine trains the network of reference."""
    from trainer.engine import setup
    from trainer.engine import speed as measuring

    setup.prepare(options.threads or processor.cores(), deterministic=False)
    reference = measuring.reference_speed(setup.multiplies_bfloat16())
    found = SpeedMeasured(chars_per_s=reference, device=setup.device_name())
    if output is not None:
        JsonLines(output).report(found)
    else:
        print(f"{found.chars_per_s:,.0f} characters per second on {found.device} ({pace.REFERENCE})")
    return ExitCode.DONE


def serve(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    """Answer requests until standard input ends."""
    from trainer.cli import serve as server

    assert output is not None
    return server.serve(JsonLines(output), options.threads or processor.cores(), options.cache_mb * 1_000_000)


COMMANDS: dict[str, Command] = {
    "train": train,
    "sample": sample,
    "score": score,
    "baselines": baselines,
    "inspect": inspect,
    "attribute": attribute,
    "memory": memory,
    "units": units,
    "speed": speed,
    "serve": serve,
}
