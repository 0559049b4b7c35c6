"""Exit codes of `python -m trainer`: how a command ended, for whoever started it."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's end means."""

    DONE = 0
    FAILED = 1  # a full disk, or what was not foreseen
    BAD_INPUT = 2  # one line on standard error says what to do
    STOPPED = 3  # on request, after a checkpoint
    OUT_OF_MEMORY = 4
    INTERRUPTED = 130  # 128 + SIGINT
    UNHEARD = 141  # 128 + SIGPIPE: nobody reads standard output any more
