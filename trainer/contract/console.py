"""The standard streams of our commands, and how a command ends when nobody wants it any more.

As Unix tools end: quietly, with 141 (128 + SIGPIPE) when nobody reads standard output any more, and with
130 (128 + SIGINT) at Ctrl-C. Only a training ends otherwise: after a checkpoint, with the exit code for that.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable

from trainer.contract import file_errors
from trainer.contract.exit_codes import ExitCode


def run(command: Callable[[], int | None]) -> int:
    """Run a command on sound streams, and return its exit code once all that it said is out."""
    prepare_streams()
    try:
        code = _code_of(command)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return ExitCode.UNHEARD
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except OSError as error:
        remark(" ".join(file_errors.explain(error)))
        return ExitCode.FAILED
    finally:
        let_go()


def _code_of(command: Callable[[], int | None]) -> int:
    try:
        return command() or 0
    except SystemExit as end:  # argparse's after --help, and Django's after an error
        if isinstance(end.code, str):
            remark(end.code)
        return ExitCode.FAILED if isinstance(end.code, str) else end.code or 0


def prepare_streams() -> None:
    """See to it that the three streams are there, and that no character is one that they can't show.

    A stream that was closed at the start leads nowhere from now on. Left closed, the next file that is opened would
    take its number, and a library that prints would write into that file.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115 - a number has no path
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def end_at_interrupt() -> None:
    """End at Ctrl-C at once, also inside of a library; not where whoever started us has it ignored."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: os._exit(ExitCode.INTERRUPTED))


def remark(text: str) -> None:
    """Say something on standard error; where that can't be written, the exit code has to do."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def let_go() -> None:
    """Lead a stream that can't be written any more nowhere: Python's own end would complain of it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
