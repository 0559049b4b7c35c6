"""Exit codes of `python -m trainer`."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The way in which a command ended, for the process that started it."""

    DONE = 0
    FAILED = 1  # for example a full disk, or an unexpected error
    BAD_INPUT = 2  # one line on standard error says what to do
    STOPPED = 3  # on request, after a checkpoint
    OUT_OF_MEMORY = 4
    INTERRUPTED = 130  # 128 + SIGINT
    OUTPUT_CLOSED = 141  # 128 + SIGPIPE: the reader of standard output has closed it
