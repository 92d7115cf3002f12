"""Folders for unfinished work, cleared away even when a program before was killed."""

from __future__ import annotations

import contextlib
import fcntl
import glob
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOCK = ".in-use"


@contextmanager
def scratch_folder(destdir: Path, purpose: str) -> Iterator[Path]:
    """Yields a folder on the disk of ``destdir`` that is removed at the end.

    A program that was killed leaves its folder behind. The next one with the same ``destdir`` and
    purpose removes it; a lock, which ends with its program, tells whether it is still in use.

    Args:
        purpose: the folder's name is ``.<purpose>-<name of destdir>-<something>``.
    """
    prefix = f".{purpose}-{destdir.name}-"
    with _folders_above(destdir):
        for left in destdir.parent.glob(f"{glob.escape(prefix)}*"):
            _remove_if_abandoned(left)
        with (
            tempfile.TemporaryDirectory(dir=destdir.parent, prefix=prefix) as folder,
            (Path(folder) / _LOCK).open("w") as lock,
        ):
            with contextlib.suppress(OSError):  # a disk without locks: nobody takes it for left
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield Path(folder)


@contextmanager
def _folders_above(destdir: Path) -> Iterator[None]:
    """Makes the folders that ``destdir`` will lie in; after an error those made are gone."""
    made = [folder for folder in destdir.parents if not folder.exists()]
    try:
        destdir.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for folder in made:
            with contextlib.suppress(OSError):  # not there, or somebody else has filled it
                folder.rmdir()
        raise


def _remove_if_abandoned(folder: Path) -> None:
    with contextlib.suppress(OSError), (folder / _LOCK).open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
