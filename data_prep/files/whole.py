"""Files and folders that appear whole or not at all, whatever ends the program."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from data_prep.errors import InputError
from data_prep.files.scratch import scratch_folder

_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
_OUR_NAMES = re.compile(r"\.tmp$|/\.(unfinished|downloads)-")

DESTDIR_HELP = "the folder to make; it must not exist yet"


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yields the path of a temporary file to write, which becomes ``path`` at the end.

    After an error nothing is left, and an older file at ``path`` is as it was; a newer one gets its
    permissions. A link is followed. What is no regular file, such as ``/dev/stdout``, is written
    directly.

    Raises:
        OSError: it cannot be written; the error names ``path``.
    """
    target = Path(os.path.realpath(path))
    with errors_name(path):
        if target.exists() and not target.is_file():
            yield target
            return
        temporary = target.with_name(target.name + ".tmp")
        temporary.unlink(missing_ok=True)  # a link there would lead the content elsewhere
        try:
            yield temporary
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
            with contextlib.suppress(FileNotFoundError):
                shutil.copymode(target, temporary)
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def errors_name(path: str | os.PathLike[str]) -> Iterator[None]:
    """Gives an error of writing, as of a full disk, the name that the user knows."""
    try:
        yield
    except OSError as error:
        # A copy that does not fit has the name of what is copied.
        if error.errno in _FULL or _OUR_NAMES.search(str(error.filename or "")):
            error.filename = None
        if error.filename is None:
            error.filename = os.fspath(path)
            error.filename2 = None  # of a failed renaming
        raise


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Writes a text file, UTF-8, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def write_json(path: str | os.PathLike[str], content: Any, **options: Any) -> None:
    """Writes JSON, whole or not at all; ``options`` are those of ``json.dumps``."""
    write_text(path, json.dumps(content, **options) + "\n")


def check_new(destdir: str | os.PathLike[str]) -> None:
    """Looks whether a folder can be made at ``destdir``; an empty folder there is nothing.

    Raises:
        InputError: there is something, or there can be no folder.
    """
    place = Path(os.path.realpath(destdir))
    here = Path(os.path.realpath("."))
    if place in (here, *here.parents):
        raise InputError(f"{destdir}: is the current folder, or one above; name a new folder in it")
    try:
        place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        pass  # what is above it is looked at below
    except OSError as error:
        raise InputError(
            f"{destdir}: no name of a folder ({error.strerror}); choose another"
        ) from error
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise InputError(f"{destdir}: exists already; choose another folder or remove it")
    if os.path.ismount(place):
        raise InputError(f"{destdir}: a disk is mounted there; name a new folder in it")
    above = next(folder for folder in place.parents if folder.exists())
    if not above.is_dir():
        raise InputError(f"{destdir}: {above} is no folder; choose another place")
    if not os.access(above, os.W_OK | os.X_OK):
        raise InputError(f"{destdir}: {above} may not be written to; choose another place")


@contextmanager
def new_folder(destdir: str | os.PathLike[str]) -> Iterator[Path]:
    """Yields a folder to fill that becomes ``destdir`` at the end; after an error nothing is there.

    A link to an empty folder is followed.

    Raises:
        InputError: there is something at ``destdir``, or there can be no folder.
    """
    check_new(destdir)
    place = Path(os.path.realpath(destdir))
    with errors_name(destdir), scratch_folder(place, "unfinished") as scratch:
        folder = scratch / place.name  # unlike `scratch`, with the usual permissions
        folder.mkdir()
        yield folder
        os.replace(folder, place)
