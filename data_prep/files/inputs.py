"""Files that a command reads: whether they can be read to their end at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from data_prep.errors import InputError


def check_readable(path: str | os.PathLike[str]) -> None:
    """Looks whether there is a file that can be read; a pipe or a device may never end.

    Raises:
        InputError: there is none, or it is a folder, a pipe or a device, or may not be read.
    """
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISREG(mode):
            with open(path, "rb"):
                return
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); check the path and its permissions"
        ) from error
    kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
    raise InputError(f"{path}: cannot be read ({kind}); give a file")


def read_bounded(path: str | os.PathLike[str], most: int) -> bytes:
    """The content of a file of at most so many bytes.

    Raises:
        InputError: it is larger, or cannot be read.
    """
    check_readable(path)
    size = os.path.getsize(path)
    if size > most:
        raise InputError(f"{path}: has {size:,} bytes, wanted at most {most:,}; give another file")
    return Path(path).read_bytes()
