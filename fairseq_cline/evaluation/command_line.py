"""The frame of the evaluation commands: named checkpoints, and outputs that are checked first."""

from __future__ import annotations

import argparse
import logging
import os
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from data_prep.errors import InputError

if TYPE_CHECKING:  # commands that only read JSON do not wait for torch
    import torch


def add_checkpoints(parser: argparse.ArgumentParser, which: str) -> None:
    """Adds the checkpoints, ``--json`` and ``--cpu``.

    Args:
        which: the models that the command takes.
    """
    parser.add_argument(
        "checkpoints",
        nargs="+",
        metavar="[NAME=]CHECKPOINT",
        help=f"{which}; the default NAME is the file's",
    )
    parser.add_argument(
        "--json", metavar="FILE", help="write the results here, with what they were made from"
    )
    parser.add_argument("--cpu", action="store_true", help="do not use a GPU")


def add_data(parser: argparse.ArgumentParser, which: str) -> None:
    """Adds ``--data``, which is needed, and ``--skip-verification``.

    Args:
        which: the data-bin that the command takes.
    """
    parser.add_argument("--data", required=True, metavar="DATABIN", help=which)
    add_skip_verification(parser)


def add_skip_verification(parser: argparse.ArgumentParser) -> None:
    """Adds ``--skip-verification``, for a data-bin that is given."""
    parser.add_argument(
        "--skip-verification",
        action="store_true",
        help="do not compare the files of --data with the SHA-256 that its manifest has of them",
    )


def parse(parser: argparse.ArgumentParser, argv: Sequence[str] | None) -> argparse.Namespace:
    """Parses the options of a command that has imported fairseq, and keeps its debug log away."""
    logging.getLogger().setLevel(logging.INFO)  # importing fairseq sets DEBUG
    return parser.parse_args(argv)


def check_outputs(**paths: str | os.PathLike[str] | None) -> None:
    """Checks where a command will write, before its work: ``check_outputs(json=args.json)``.

    Args:
        paths: flag -> file that it names, if any.

    Raises:
        InputError: the folder of an output is missing, or the output is a folder itself.
    """
    for flag, path in paths.items():
        if path and not os.path.isdir(os.path.dirname(path) or "."):
            raise InputError(f"--{flag} {path}: its folder does not exist; make it first")
        if path and os.path.isdir(path):
            raise InputError(f"--{flag} {path}: is a folder; give the name of a file")


def check_figures(**paths: str | os.PathLike[str] | None) -> None:
    """Checks where a command will draw: ``check_figures(plot=args.plot)``.

    Args:
        paths: flag -> file that it names, if any.

    Raises:
        InputError: as ``check_outputs``; or matplotlib is missing.
    """
    check_outputs(**paths)
    for flag in (flag for flag, path in paths.items() if path):
        try:
            import matplotlib  # noqa: F401
        except ImportError as error:
            raise InputError(f"--{flag} needs matplotlib: pip install matplotlib") from error


def make_folders(names: Iterable[str], **folders: str | os.PathLike[str]) -> None:
    """Makes folders that get a file for each checkpoint: ``make_folders(paths, logs=args.logs)``.

    Args:
        names: of the checkpoints, and so of the files.
        folders: flag -> folder that it names; one that is there is kept.

    Raises:
        InputError: there can be no such folder, or no file of one of the names.
    """
    for flag, folder in folders.items():
        for name in names:
            if os.sep in name:
                raise InputError(f"{name}: no name of a file in --{flag}; write NAME=path")
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"--{flag} {folder}: no folder ({error.strerror}); name one"
            ) from error


def named_paths(texts: Sequence[str], what: str = "checkpoints") -> dict[str, str]:
    """Name -> path of ``NAME=path``, or of a path, which is called by its file's name.

    Args:
        what: how a message calls them.

    Raises:
        InputError: two have one name.
    """
    paths = dict(map(_named_path, texts))
    if len(paths) < len(texts):
        raise InputError(f"two {what} have one name; write NAME=path with different names")
    return paths


def _named_path(text: str) -> tuple[str, str]:
    name, separator, path = text.partition("=")
    if separator and not os.path.exists(text):
        return name, path
    return os.path.basename(text), text


def device(cpu: bool) -> torch.device:
    """The device that models run on: the GPU if there is one, unless ``--cpu`` is given."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() and not cpu else "cpu")


def escaped(text: str) -> str:
    """The text as Markdown that shows it as it is."""
    return re.sub(r"([\\`*_<>|\[\]~])", r"\\\1", text)
