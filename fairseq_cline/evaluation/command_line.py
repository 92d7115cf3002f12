"""What the evaluation commands have in common: named checkpoints, and files that are written."""

import argparse
import json
import logging
import os
import re
from typing import Any

import torch

from data_prep.errors import InputError
from fairseq_cline.evaluation.reports.provenance import provenance


def add_arguments(parser: argparse.ArgumentParser, what: str) -> None:
    """The checkpoints, `--json` and `--cpu`; `what` says which checkpoints."""
    parser.add_argument(
        "checkpoints", nargs="+", metavar="[NAME=]CHECKPOINT", help=f"{what} (name: of the file)"
    )
    parser.add_argument(
        "--json", metavar="FILE", help="write the results here, with what they were made from"
    )
    parser.add_argument("--cpu", action="store_true", help="do not use a GPU")


def check(args: argparse.Namespace, figures: tuple[str, ...] = ("plot",)) -> None:
    """Before the work, which may take long.

    Args:
        figures: the options that name a figure to draw.

    Raises:
        InputError: the folder of an output is missing, or the output is a folder itself; or
            matplotlib is missing, for a figure.
    """
    logging.getLogger().setLevel(logging.INFO)  # importing fairseq sets DEBUG
    for name in ("json", "csv", *figures):
        path = getattr(args, name, None)
        if path and not os.path.isdir(os.path.dirname(path) or "."):
            raise InputError(f"--{name} {path}: its folder does not exist; make it first")
        if path and os.path.isdir(path):
            raise InputError(f"--{name} {path}: is a folder; give the name of a file")
    for name in figures:
        if getattr(args, name, None):
            try:
                import matplotlib  # noqa: F401
            except ImportError as error:
                raise InputError(f"--{name} needs matplotlib: pip install matplotlib") from error


def named_paths(texts: list[str], what: str = "checkpoints") -> dict[str, str]:
    """Name -> path of `NAME=path`, or of a path, which is called by its file's name.

    Raises:
        InputError: two have one name; the message calls them `what`.
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


def device(args: argparse.Namespace) -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() and not args.cpu else "cpu")


def write_json(path: str, report: dict[str, Any]) -> None:
    """A report and where it comes from; a half-written file never shows."""
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        json.dump({"provenance": provenance(), **report}, file, indent=2)
    os.replace(path + ".tmp", path)


def escaped(text: str) -> str:
    """A text that Markdown shows as it is."""
    return re.sub(r"([\\`*_<>|\[\]~])", r"\\\1", text)
