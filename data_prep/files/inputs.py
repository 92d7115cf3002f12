"""Files that a command reads: whether they can be read to their end at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from data_prep.errors import InputError

_FOLDER, _ENDLESS = "a folder", "a pipe or a device"


def unreadable(path: str | os.PathLike[str]) -> str:
    """The reason why a file cannot be read to its end; "" if there is none.

    A pipe or a device may never end, or never begin.
    """
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISREG(mode):
            with open(path, "rb"):
                return ""
    except OSError as error:
        return error.strerror or str(error)
    return _FOLDER if stat.S_ISDIR(mode) else _ENDLESS


def check_readable(path: str | os.PathLike[str]) -> None:
    """Looks whether there is a file that can be read to its end.

    Raises:
        InputError: there is none.
    """
    if reason := unreadable(path):
        is_other = reason in (_FOLDER, _ENDLESS)
        remedy = "give a file" if is_other else "check the path and its permissions"
        raise InputError(f"{path}: cannot be read ({reason}); {remedy}")


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
