"""Ctrl-C in a program of fairseq: one line that says what is kept and how to go on."""

import multiprocessing
import os
import signal
import sys
from datetime import datetime
from types import TracebackType
from typing import Any

from fairseq_cline.compat.patching import Wrapper, patch

_GRACE = 5.0  # seconds that a worker has to end by itself
_folders: list[str] = []  # where the training of this process, or of its workers, keeps checkpoints


def line() -> str:
    """The words for an interrupted program: what is kept, and how to go on."""
    if not _folders:
        return "interrupted; what it has printed or written stays; give the same command again"
    last = os.path.join(_folders[-1], "checkpoint_last.pt")
    try:
        written = datetime.fromtimestamp(os.path.getmtime(last))
    except OSError:
        return (
            f"interrupted; {_folders[-1]} has no checkpoint_last.pt yet, so that the same command "
            "begins anew (--save-interval-updates N keeps one every N updates)"
        )
    return (
        f"interrupted; {last}, written at {written:%H:%M:%S}, is kept: the same command goes on from "
        "it"
    )


def tell(
    stock: Wrapper,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Prints the line in place of a traceback, once for all workers."""
    if not isinstance(error, KeyboardInterrupt):
        stock(kind, error, trace)
    elif os.environ.get("RANK", "0") == "0":
        print(f"fairseq_cline: {line()}", file=sys.stderr)
        for worker in multiprocessing.active_children():
            worker.join(_GRACE)  # Ctrl-C has reached it; a signal to this process alone has not
            if worker.is_alive() and worker.pid:
                os.kill(worker.pid, signal.SIGINT)


def know_folder(checkpoint: Any) -> None:
    """Notes where a training keeps its checkpoints.

    Args:
        checkpoint: part of its configuration.
    """
    if not checkpoint.no_save:
        _folders.append(checkpoint.save_dir)


def prepare() -> None:
    """Makes fairseq's programs end in this way."""
    patch(sys, "excepthook", tell)
