"""The arguments of the command line, for each command. This module imports no framework."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from trainer.cli import values
from trainer.contract import held_units, recipe, voices
from trainer.contract.writing_settings import SETTINGS, Setting, WritingRequest, check


class UsageProblem(ValueError):
    """A command line that is wrong. The message is a sentence for a person."""


class StandardInput:
    """The text on standard input, which `-` stands for among the files. It can be read once."""

    def __init__(self) -> None:
        self._data: bytes | None = None

    def __str__(self) -> str:
        return "standard input"

    def take(self) -> None:
        """Read all of it now, and keep it for `read_bytes`."""
        self._data = self.read_bytes()

    def read_bytes(self) -> bytes:
        data, self._data = self._data, None
        return sys.stdin.buffer.read() if data is None else data


class _Files(argparse.Action):
    """The action for names of files. `-` stands for standard input and can be given once."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, given: Any, *_: Any) -> None:
        if given.count("-") > 1:
            parser.error("standard input can be read only once: give - a single time")
        setattr(namespace, self.dest, [StandardInput() if name == "-" else Path(name) for name in given])


def add_files(parser: argparse.ArgumentParser) -> None:
    """Add the arguments for texts, from files or from standard input."""
    parser.add_argument("files", nargs="+", action=_Files, metavar="FILE", help="a text; - is standard input")
    parser.add_argument(
        "--frozen", action="store_true", help="the files are UTF-8 that was cleaned before: guess no encoding or format"
    )


def add_voice_names(parser: argparse.ArgumentParser) -> None:
    """Add the argument for the voices of the texts."""
    parser.add_argument(
        "--voice-name",
        dest="voice_names",
        type=values.text,
        action="append",
        default=[],
        metavar="NAME",
        help="with --voices, once for each file in their order: whose voice it is in (its name)",
    )


def voices_of_files(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the name of each file's voice. Raises UsageProblem."""
    files, names = options.files, tuple(options.voice_names)
    if names and len(names) != len(files):
        raise UsageProblem(
            f"--voice-name is given once for each file: there are {len(files)} files, not {len(names)} names."
        )
    if not all(0 < len(name) <= recipe.LONGEST_VOICE for name in names):
        raise UsageProblem(f"The name of a voice has from 1 to {recipe.LONGEST_VOICE} characters.")
    return names or voices.named([getattr(file, "name", str(file)) for file in files])


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageProblem(f"{self.prog}: {message}. See {self.prog} --help.")


def parse(arguments: list[str], runs: Mapping[str, Any]) -> argparse.Namespace:
    """Parse a command line. `run` of the result is the entry of `runs` for its command. Raises UsageProblem."""
    parser = _Parser(prog="python -m trainer", description="Train a model on a text, and let it write.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Parser)
    for name, (add, summary) in _COMMANDS.items():
        command = commands.add_parser(name, help=summary)
        add(command)
        command.add_argument("--json", action="store_true", help="JSON lines on standard output, and nothing else")
        command.add_argument("--threads", type=values.at_least(1), metavar="N", help="cores to use (all)")
        command.set_defaults(run=runs[name])
    return parser.parse_args(arguments)


def _add_train(parser: argparse.ArgumentParser) -> None:
    add_files(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the model goes")
    parser.add_argument("--recipe", choices=list(recipe.PRESETS))
    parser.add_argument("--resume", action="store_true", help="go on from the newest sound checkpoint")
    parser.add_argument(
        "--from",
        dest="base",
        type=Path,
        metavar="DIR",
        help="train the model in DIR further, from its best weights, with its own text or with another one",
    )
    parser.add_argument(
        "--weights",
        type=values.weights,
        metavar="W,W,…",
        default=(),
        help="how often each file is read in an epoch, in their order (each once)",
    )
    add_voice_names(parser)
    parser.add_argument("--supervised", action="store_true", help="stop when standard input ends")
    parser.add_argument(
        "--checkpoint-seconds", type=values.at_least(0.0), default=30.0, metavar="S", help="between checkpoints (30)"
    )
    for name, field in recipe.FIELDS.items():
        option = recipe.option(name)
        if field.kind is bool:
            parser.add_argument(option, action="store_true", default=None, help=field.help)
        elif field.options:
            parser.add_argument(option, choices=field.options, help=field.help)
        else:
            parser.add_argument(option, type=field.kind, metavar="N", help=field.help)


def _add_sample(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="DIR")
    parser.add_argument(
        "--hold",
        dest="held",
        type=values.held_unit,
        action="append",
        default=[],
        metavar="LAYER:UNIT=VALUE",
        help=f"hold a unit of the hidden state at a value from -1 to 1, 0 silences it; at most {held_units.MOST} times",
    )
    parser.add_argument(
        "--text",
        dest="files",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="for --counting: the text that the model has learned",
    )
    parser.add_argument("--frozen", action="store_true", help="the text is UTF-8 that was cleaned before")
    ends = parser.add_mutually_exclusive_group()
    for name, setting in SETTINGS.items():
        _add_setting(ends if name in ("ending", "paragraph") else parser, name, setting)


def _add_setting(parser: argparse._ActionsContainer, name: str, setting: Setting) -> None:
    option = "--" + (setting.option or name).replace("_", "-")
    if setting.kind is bool:
        parser.add_argument(option, dest=name, action="store_true", help=setting.help)
    elif setting.kind is dict:
        parser.add_argument(
            option, dest=name, action=values.Shares, default={}, metavar="NAME=SHARE", help=setting.help
        )
    elif setting.kind is str:
        parser.add_argument(option, dest=name, type=values.text, default="", metavar="TEXT", help=setting.help)
    else:
        help_text = f"{setting.help} ({setting.default:g})"
        parser.add_argument(
            option, dest=name, type=values.number(name, setting), default=setting.default, metavar="N", help=help_text
        )


def writing_request(options: argparse.Namespace) -> WritingRequest:
    """Return the request that the options of `sample` make. Raises SettingProblem."""
    return check({name: getattr(options, name) for name in SETTINGS})


def _add_model_and_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="DIR")
    add_files(parser)


def _add_score(parser: argparse.ArgumentParser) -> None:
    _add_model_and_files(parser)
    add_voice_names(parser)


def _add_baselines(parser: argparse.ArgumentParser) -> None:
    add_files(parser)


def _add_inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="DIR")
    _add_text(parser)
    parser.add_argument("--npz", type=Path, metavar="FILE", help="write all arrays into a file of numpy")


def _add_text(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--text", type=values.text, required=True)
    _add_voices(parser)


def _add_measured(parser: argparse.ArgumentParser) -> None:
    _add_model_and_files(parser)
    _add_voices(parser)


def _add_voices(parser: argparse.ArgumentParser) -> None:
    read = "read in the voice of a document; several times, each with a share, for a mixture"
    parser.add_argument("--voice", dest="voices", action=values.Shares, default={}, metavar="NAME=SHARE", help=read)


def _add_attribute(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="DIR")
    _add_text(parser)
    parser.add_argument("--place", type=values.at_least(1), metavar="N", required=True, help="symbols that are read")
    predicted = parser.add_mutually_exclusive_group()
    predicted.add_argument(
        "--symbol", type=values.at_least(0), metavar="N", help="number of the next one (the likeliest)"
    )
    predicted.add_argument("--actual", action="store_true", help="the next one is that of the text")


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cache-mb", type=values.at_least(1), default=500, metavar="MB", help="weights kept loaded (500)"
    )


def _add_speed(parser: argparse.ArgumentParser) -> None:
    pass  # the options of all commands are enough


_COMMANDS = {
    "train": (_add_train, "learn a text"),
    "sample": (_add_sample, "write with a model"),
    "score": (_add_score, "measure how well a model predicts texts"),
    "baselines": (_add_baselines, "measure how well counting letters predicts texts, as JSON"),
    "inspect": (_add_inspect, "show what the cells do while they read a text"),
    "attribute": (_add_attribute, "show how much each character has to do with a prediction"),
    "memory": (_add_measured, "measure how far back a model remembers, on held-out text"),
    "units": (_add_measured, "find units that follow something a reader knows of the text"),
    "speed": (_add_speed, "measure how fast this machine trains"),
    "serve": (_add_serve, "answer requests, JSON lines in and out (see docs/trainer.md)"),
}
