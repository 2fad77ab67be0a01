"""What the command ends with besides a verdict, whose codes are in checker/report.py. README's table has them all."""

from enum import IntEnum


class Ended(IntEnum):
    """How a run ended that is no verdict: its exit code."""

    CHANGED = 1  # of `diff`, as diff(1) has it, and of `verify`
    REFUSED = 2  # wrong usage or input; what the reader of the options ends with, too
    UNREACHED = 3  # of `collect`: as NOT-CLEARED, some of it was not seen
    BUG = 70  # EX_SOFTWARE of sysexits.h
    NOT_WRITTEN = 74  # EX_IOERR of sysexits.h
    INTERRUPTED = 130  # 128 + SIGINT, as a shell tells it
