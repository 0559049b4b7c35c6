"""The values of single arguments: what reads them from the command line, and refuses what they can't be."""

import argparse
import contextlib
import os
from collections.abc import Callable
from typing import Any

from trainer.contract import held_units, recipe
from trainer.contract.writing_settings import Setting, SettingProblem, checked


def text(argument: str) -> str:
    """Return an argument, decoded as UTF-8 if the locale could not decode it."""
    try:
        return os.fsencode(argument).decode() if any("\udc80" <= c <= "\udcff" for c in argument) else argument
    except UnicodeError:
        return argument


def weights(argument: str) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in argument.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{argument!r} is not a list of numbers, as 1,0.5 is") from None
    if not all(map(recipe.is_weight, found)):
        limits = f"{recipe.LEAST_WEIGHT:g} to {recipe.MOST_WEIGHT:g}"
        raise argparse.ArgumentTypeError(f"a weight has to be from {limits}")
    return found


def held_unit(argument: str) -> held_units.HeldUnit:
    try:
        return held_units.parse(argument)
    except SettingProblem as problem:
        raise argparse.ArgumentTypeError(str(problem).removesuffix(".")) from None


class Shares(argparse.Action):
    """The action for NAME=SHARE, which may be given several times. A name alone has the share 1."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, *_: Any) -> None:
        name, _sign, share = str(values).rpartition("=")
        try:
            given = {text(name): float(share)} if name else {text(share): 1.0}
        except ValueError:
            given = {text(str(values)): 1.0}
        setattr(namespace, self.dest, {**getattr(namespace, self.dest), **given})


def number(name: str, setting: Setting) -> Callable[[str], Any]:
    """Return a function that parses and checks the argument of a numeric setting."""

    def parse(text: str) -> Any:
        value: Any = text
        with contextlib.suppress(ValueError):  # then `checked` raises the problem, with the limits in its message
            value = setting.kind(text)
        try:
            return checked(name, value)
        except SettingProblem as problem:
            raise argparse.ArgumentTypeError(str(problem).removesuffix(".")) from None

    return parse


def at_least(minimum: float) -> Any:
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
