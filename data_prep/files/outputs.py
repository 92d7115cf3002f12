"""Files that a command writes: whether it can, looked at before its work."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from data_prep.errors import InputError
from data_prep.files.manifests import MANIFEST, read_manifest


def check_output(
    path: str | os.PathLike[str],
    inputs: Iterable[str | os.PathLike[str]] = (),
    flag: str = "",
) -> None:
    """Looks whether a file can be written, and would not destroy what the command reads.

    Args:
        inputs: files that the command reads.
        flag: names the output in messages, with two dashes; "" for an argument without one.

    Raises:
        InputError: it cannot, or would.
    """
    if fault := _fault(path, inputs):
        raise InputError(f"{flag} {path}: {fault}".lstrip())


def check_outputs(
    inputs: Iterable[str | os.PathLike[str]], outputs: dict[str, str | os.PathLike[str] | None]
) -> None:
    """Looks at several outputs as ``check_output`` does, and whether two are one file.

    Args:
        outputs: flag -> file that it names, if any.
    """
    inputs = [*inputs]
    seen: dict[str, str] = {}
    for flag, path in outputs.items():
        if path is None:
            continue
        check_output(path, inputs, flag)
        real = os.path.realpath(path)
        if os.path.isfile(real) or not os.path.exists(real):  # two may go to one device
            if real in seen:
                raise InputError(f"{seen[real]} and {flag} both name {path}; give two files")
            seen[real] = flag


def _fault(path: str | os.PathLike[str], inputs: Iterable[str | os.PathLike[str]]) -> str:
    """The fault of an output and its remedy; "" if there is none."""
    target = Path(os.path.realpath(path))
    if not os.fspath(path):
        return "is no name of a file; give one"
    if os.path.isdir(path) or not os.path.basename(path):
        return "is a folder; give the name of a file"
    if not target.parent.is_dir():
        return "its folder does not exist; make it first"
    try:
        found = _is_there(target)
        _is_there(target.with_name(f"{target.name}.tmp"))  # which is written first
    except OSError as error:
        return f"no name of a file ({error.strerror}); give another"
    if found and not os.access(target, os.W_OK):
        return "may not be written to; give another file"
    if found and not target.is_file():
        return ""  # a device or a pipe, which is written directly
    if not os.access(target.parent, os.W_OK | os.X_OK):
        return "its folder may not be written to; give a file in another"
    if found:
        if any(os.path.exists(read) and os.path.samefile(read, target) for read in inputs):
            return "is read by this command; give another file to write"
        if _is_of_databin(target):
            return "is a file of a data-bin; give another file to write"
    return ""


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def _is_of_databin(file: Path) -> bool:
    """Whether a manifest lists a file; those of a data-bin are in its folder or one deeper."""
    for folder in (file.parent, file.parent.parent):
        try:
            manifest = read_manifest(folder)
        except InputError:  # a damaged manifest tells nothing of its files, but they have one
            return True
        if manifest and file.relative_to(folder).as_posix() in (MANIFEST, *manifest.files):
            return True
    return False
