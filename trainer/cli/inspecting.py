"""The commands that look inside a model. Each returns its exit code."""

import argparse
from collections.abc import Callable
from typing import Any, TextIO

from trainer.cli.loading import load
from trainer.cli.reporters import JsonLines
from trainer.contract.exit_codes import ExitCode


def inspect(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    """Show what the cells of a model do while they read a text."""
    model = load(options)
    from trainer.inspection import array_files, gates

    found = gates.inspect(model, options.text, options.voices)
    if options.npz:
        array_files.write_npz(options.npz, found.arrays, found.symbols)
    return _say(output, gates.answer(model, found), gates.table)


def attribute(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    """Show how much each symbol that was read has to do with the prediction of the next one."""
    model = load(options)
    from trainer.inspection import attribution

    chosen = options.symbol, options.actual, options.voices
    found = attribution.attribute(model, options.text, options.place, *chosen)
    return _say(output, found, attribution.table)


def memory(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    """Measure how far back a model remembers."""
    model = load(options)
    from trainer.inspection import held_out, memory

    found = memory.measure(model, held_out.read(model, options.files, options.frozen), options.voices)
    return _say(output, found, memory.table)


def units(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    """Find the units that follow something that a reader knows of the text."""
    model = load(options)
    from trainer.inspection import held_out, units

    found = units.find(model, held_out.read(model, options.files, options.frozen), options.voices)
    return _say(output, found, units.table)


def _say(output: TextIO | None, found: Any, table: Callable[[Any], str]) -> int:
    if output is not None:
        JsonLines(output).report(found)
    else:
        print(table(found))
    return ExitCode.DONE
