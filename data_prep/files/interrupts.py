"""Ctrl-C: one line that says what is kept and how to go on, and no traceback.

The standard library alone: the packages import it before anything that takes time.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

PROGRAM = "fairseq-cline"
"""The console script, whose first word names a command."""
STATUS = 128 + signal.SIGINT


def interrupted_line(error: BaseException) -> str:
    """The words for an interrupted command: what is left of it, and how to go on.

    Args:
        error: a KeyboardInterrupt, whose text says what is kept, if anything is.
    """
    kept = str(error)
    if kept:
        return f"interrupted; {kept}; give the same command again to go on"
    return "interrupted; nothing of what it began is left; give the same command again"


@contextmanager
def keeping(what: str) -> Iterator[None]:
    """Lets Ctrl-C say what it leaves: ``with keeping("the attacks in logs stay"): ...``.

    Raises:
        KeyboardInterrupt: as the user asked for, with ``what`` as its text.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt(what) from error


def shorten_traceback() -> None:
    """Lets Ctrl-C end a command with one line also while its libraries are imported.

    It changes nothing in a process that was not started as a command of ours.
    """
    name = started_command()
    if name is None:
        return
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            print(f"{name}: {interrupted_line(error)}", file=sys.stderr)
        else:
            before(kind, error, trace)

    sys.excepthook = hook


def started_command() -> str | None:
    """The command that this process was started as; None if it was not, or is past its imports."""
    # Until Python has found the module of `python -m`.
    if sys.argv[:1] == ["-m"] and "-m" in sys.orig_argv:
        return sys.orig_argv[sys.orig_argv.index("-m") + 1].rpartition(".")[2]
    return sys.argv[1] if by_console_script() and len(sys.argv) > 1 else None


def by_console_script() -> bool:
    """Whether this process was started as ``fairseq-cline``, not as ``python -m``."""
    return os.path.basename(sys.argv[0]) == PROGRAM
