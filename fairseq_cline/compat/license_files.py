"""Licenses and notices that came with an encoder: they go where its weights go.

``import_encoder`` leaves them beside ``model.pt``; a training puts those of the encoder that it begins
with into ``origin/`` beside its checkpoints, and an export takes them from there. The folder that a
checkpoint names is never looked at.
"""

import os
import re
from pathlib import Path

from data_prep.files.inputs import read_bounded, unreadable
from data_prep.files.whole import whole_file

CARD = "README.md"
"""The model card of Hugging Face's hub, which names the license."""
ORIGIN = "origin"
_IMPORTED = "model.pt"
_NAME = re.compile(r"(LICEN[CS]E|NOTICE)([.-][\w.-]{1,40})?|README\.md", re.ASCII)
_MOST_BYTES = 1 << 20  # of one of them
_MOST_FILES = 20


def license_files(folder: str | os.PathLike[str]) -> dict[str, bytes]:
    """The licenses, notices and the card in a folder: name -> content.

    Raises:
        InputError: one is larger than a megabyte.
    """
    names = sorted(filter(_NAME.fullmatch, os.listdir(folder)))[:_MOST_FILES]
    paths = {name: Path(folder, name) for name in names}
    return {
        name: read_bounded(path, _MOST_BYTES)
        for name, path in paths.items()
        if not unreadable(path)
    }


def licenses_of(checkpoint: str | os.PathLike[str]) -> dict[str, bytes]:
    """The files of the encoder in a checkpoint; none where it is not known which are its own.

    Raises:
        InputError: one is larger than a megabyte.
    """
    beside = Path(checkpoint).parent
    if (beside / ORIGIN).is_dir():
        return license_files(beside / ORIGIN)
    return license_files(beside) if Path(checkpoint).name == _IMPORTED else {}


def copy_licenses(checkpoint: str | os.PathLike[str], save_dir: str) -> None:
    """Copies those of the encoder that a training begins with, beside its checkpoints.

    Raises:
        InputError: one is larger than a megabyte.
    """
    for name, content in licenses_of(checkpoint).items():
        copy = Path(save_dir, ORIGIN, name)
        if not copy.is_file() or copy.read_bytes() != content:
            copy.parent.mkdir(exist_ok=True)
            with whole_file(copy) as temporary:
                temporary.write_bytes(content)
