"""What a command line may say. No framework."""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from trainer.contract import recipe


class UsageProblem(ValueError):
    """A command line that can't be followed."""


class StandardInput:
    """The text that `-` stands for among files. It can be read once."""

    def __init__(self) -> None:
        self._data: bytes | None = None

    def __str__(self) -> str:
        return "standard input"

    def take(self) -> None:
        """Wait for all of it now."""
        self._data = self.read_bytes()

    def read_bytes(self) -> bytes:
        data, self._data = self._data, None
        return sys.stdin.buffer.read() if data is None else data


class _Files(argparse.Action):
    """Names of files, and `-` for standard input, which can be among them once."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, *_: Any) -> None:
        if values.count("-") > 1:
            parser.error("standard input can be read only once: give - a single time")
        setattr(namespace, self.dest, [StandardInput() if name == "-" else Path(name) for name in values])


def add_files(parser: argparse.ArgumentParser) -> None:
    """Take texts from files and from standard input."""
    parser.add_argument("files", nargs="+", action=_Files, metavar="FILE", help="a text; - is standard input")


def _text(argument: str) -> str:
    """Read an argument as UTF-8 where the locale could not."""
    try:
        return os.fsencode(argument).decode() if any("\udc80" <= c <= "\udcff" for c in argument) else argument
    except UnicodeError:
        return argument


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageProblem(f"{self.prog}: {message}. See {self.prog} --help.")


def parse(arguments: list[str], runs: Mapping[str, Any]) -> argparse.Namespace:
    """Read a command line; `run` is what `runs` has for its command. Raises UsageProblem."""
    parser = _Parser(prog="python -m trainer", description="Train a model on a text, and let it write.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Parser)
    for name, (add, told) in _COMMANDS.items():
        command = commands.add_parser(name, help=told)
        add(command)
        command.add_argument("--json", action="store_true", help="JSON lines on standard output, and nothing else")
        command.add_argument("--threads", type=_at_least(1), metavar="N", help="cores to use (all)")
        command.set_defaults(run=runs[name])
    return parser.parse_args(arguments)


def _add_train(parser: argparse.ArgumentParser) -> None:
    add_files(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the model goes")
    parser.add_argument("--recipe", choices=list(recipe.PRESETS))
    parser.add_argument("--resume", action="store_true", help="go on from the newest sound checkpoint")
    parser.add_argument(
        "--from", dest="source", type=Path, metavar="DIR", help="train the model in DIR further, from its best weights"
    )
    parser.add_argument("--supervised", action="store_true", help="stop when standard input ends")
    parser.add_argument(
        "--checkpoint-seconds", type=_at_least(0.0), default=30.0, metavar="S", help="between checkpoints (30)"
    )
    for name, field in recipe.FIELDS.items():
        if field.kind is bool:
            parser.add_argument(f"--{name}", action="store_true", default=None, help=field.help)
        elif field.options:
            parser.add_argument(f"--{name}", choices=field.options, help=field.help)
        else:
            parser.add_argument(f"--{name}", type=field.kind, metavar="N", help=field.help)


def _add_sample(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="DIR")
    parser.add_argument("--prompt", type=_text, default="", metavar="TEXT", help="what to go on from")
    parser.add_argument("--length", type=_at_least(1), default=500, metavar="N", help="characters to write (500)")
    parser.add_argument("--words", type=_at_least(0), default=0, metavar="N", help="words to write at most")
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument("--until", type=_text, default="", metavar="TEXT", help="end before TEXT")
    ends.add_argument("--paragraph", action="store_true", help="end with the paragraph, before a blank line")
    parser.add_argument("--temperature", type=_at_least(0.0), default=0.8, metavar="T", help="0 is greedy (0.8)")
    parser.add_argument("--top-k", type=_at_least(0), default=0, metavar="K", help="only the K likeliest characters")
    parser.add_argument("--top-p", type=_share, default=1.0, metavar="P", help="only the likeliest, P together")
    parser.add_argument("--penalty", type=_penalty, default=0.0, metavar="P", help="against loops, 0 to 2 (0)")
    parser.add_argument("--passages", type=_at_least(1), default=1, metavar="N")
    parser.add_argument("--seed", type=_at_least(0), default=1, metavar="S")
    parser.add_argument("--trace", action="store_true", help="with --json: how likely all of it was, and what else")


def _add_score(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="DIR")
    add_files(parser)


def _add_baselines(parser: argparse.ArgumentParser) -> None:
    add_files(parser)


def _add_inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="DIR")
    parser.add_argument("--text", type=_text, required=True)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cache-mb", type=_at_least(1), default=500, metavar="MB", help="weights kept loaded (500)")


def _at_least(minimum: float) -> Any:
    kind = type(minimum)

    def parse(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = minimum - 1
        if not minimum <= value < float("inf"):
            wanted = "a whole number" if kind is int else "a number"
            raise argparse.ArgumentTypeError(f"{text!r} is not {wanted} of at least {minimum}")
        return value

    return parse


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0 and up to 1")
    return value


def _penalty(text: str) -> float:
    value = _at_least(0.0)(text)
    if value > 2:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 2")
    return float(value)


_COMMANDS = {
    "train": (_add_train, "learn a text"),
    "sample": (_add_sample, "write with a model"),
    "score": (_add_score, "measure how well a model predicts texts"),
    "baselines": (_add_baselines, "measure how well counting letters predicts texts, as JSON"),
    "inspect": (_add_inspect, "show what the cells do while they read a text"),
    "serve": (_add_serve, "answer requests, JSON lines in and out (see trainer/cli/serve.py)"),
}
