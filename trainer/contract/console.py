"""The standard streams of our commands, and the exit codes of commands that are interrupted.

A command ends as Unix tools do: without a message, with 141 (128 + SIGPIPE) when the reader of standard output has
closed it, and with 130 (128 + SIGINT) at Ctrl-C. A training is the exception: it first writes a checkpoint, and then
ends with the exit code for a stopped training.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable

from trainer.contract import file_errors
from trainer.contract.exit_codes import ExitCode


def run(command: Callable[[], int | None]) -> int:
    """Run a command with working standard streams. Return its exit code after all of its output is written."""
    prepare_streams()
    try:
        code = _code_of(command)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return ExitCode.OUTPUT_CLOSED
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except OSError as error:
        print_error(" ".join(file_errors.explain(error)))
        return ExitCode.FAILED
    finally:
        discard_unwritable_output()


def _code_of(command: Callable[[], int | None]) -> int:
    try:
        return command() or 0
    except SystemExit as end:  # argparse raises it after --help, and Django after an error
        if isinstance(end.code, str):
            print_error(end.code)
        return ExitCode.FAILED if isinstance(end.code, str) else end.code or 0


def prepare_streams() -> None:
    """Make sure that the three streams are open, and that every character can be written to them.

    A stream that was closed at the start is connected to the null device. If it stayed closed, the next file that is
    opened would get its number, and a library that prints would write into that file.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the system takes the lowest free number, which is this one
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115 - a number has no path
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def end_at_interrupt() -> None:
    """End the process at once at Ctrl-C, even inside a library, unless our parent process has Ctrl-C ignored."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: os._exit(ExitCode.INTERRUPTED))


def print_error(text: str) -> None:
    """Print a line on standard error. If that fails, the exit code is the only message."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def discard_unwritable_output() -> None:
    """Connect an output stream to the null device if it can't be written: else Python would print an error at exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
