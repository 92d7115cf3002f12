"""The two tiers of tests: those that start a process carry the mark ``binaries``, no other may.

``pytest -m "not binaries"`` is the fast tier.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MARK = "binaries"
# Every test that asks for one of them, directly or through others, starts a process.
STARTING_FIXTURES = {"binaries", "dry_run"}
STARTS = {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "pty.spawn"}
# Reports name the commit that made them; scikit-learn counts the cores for t-SNE.
HARMLESS = {"git", "lscpu"}
_no_starts: list[str] = []


def mark(items: Iterable[pytest.Item]) -> None:
    """Marks the tests whose fixtures start a process."""
    for item in items:
        if STARTING_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARK)


def refuse_starts(event: str, arguments: tuple) -> None:
    """Fails the test that is being run when it starts a process; an audit hook."""
    if not _no_starts or event not in STARTS:
        return
    program = os.fsdecode(arguments[0]) if event != "pty.spawn" else arguments[0][0]
    if Path(program).name not in HARMLESS:
        pytest.fail(
            f"{_no_starts[-1]} starts a process ({event}: {program}) and is a test of the fast "
            f"tier. Call the function in this process, or mark the test: @pytest.mark.{MARK}"
        )


@contextmanager
def no_starts_by(test: str) -> Iterator[None]:
    """Lets the named test, and the fixtures that are set up for it, start no process."""
    _no_starts.append(test)
    try:
        yield
    finally:
        _no_starts.pop()


def install() -> None:
    """Watches this interpreter's starts of processes from now on; forked workers are not starts."""
    sys.addaudithook(refuse_starts)
