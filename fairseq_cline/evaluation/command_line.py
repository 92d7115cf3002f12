"""The frame of the evaluation commands: named checkpoints, and outputs that are checked first."""

from __future__ import annotations

import argparse
import logging
import os
import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from data_prep.errors import InputError
from data_prep.files.command_line import os_message
from data_prep.files.extras import missing_module
from data_prep.files.outputs import check_output
from data_prep.files.outputs import check_outputs as check_output_files
from data_prep.files.whole import check_new
from fairseq_cline.pretrained.model_paths import find_checkpoint

if TYPE_CHECKING:  # commands that only read JSON do not wait for torch
    import torch

_LONGEST_NAME = 200  # bytes: a name and an ending are that of a file


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
    _add_cpu(parser)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Adds one model and the text that it reads: ``MODEL``, ``--input`` and ``--cpu``."""
    parser.add_argument("model", metavar="MODEL", help="checkpoint, or a folder with a model.pt")
    parser.add_argument(
        "--input", metavar="FILE", help="plain text, one a line (default: standard input)"
    )
    _add_cpu(parser)


def check_model_output(args: argparse.Namespace) -> None:
    """Looks whether ``--output`` can be written beside what `add_model` reads.

    Raises:
        InputError: it cannot.
    """
    if args.output is not None:
        read = [find_checkpoint(args.model), *filter(None, [args.input])]
        check_output(args.output, read, "--output")


def _add_cpu(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cpu", action="store_true", help="do not use a GPU")


def add_data(parser: argparse.ArgumentParser, which: str) -> None:
    """Adds ``--data``, which is needed, and ``--skip-verification``.

    Args:
        which: the data-bin that the command takes.
    """
    parser.add_argument("--data", required=True, metavar="DATABIN", help=which)
    add_skip_verification(parser)


def add_skip_verification(parser: argparse.ArgumentParser, which: str = "--data") -> None:
    """Adds ``--skip-verification``, for a data-bin that is given.

    Args:
        which: the option or argument that names it.
    """
    parser.add_argument(
        "--skip-verification",
        action="store_true",
        help=f"do not compare the files of {which} with the SHA-256 in its manifest",
    )


def parse(parser: argparse.ArgumentParser, argv: Sequence[str] | None) -> argparse.Namespace:
    """Parses the options of a command that has imported fairseq, and keeps its debug log away."""
    logging.getLogger().setLevel(logging.INFO)  # importing fairseq sets DEBUG
    return parser.parse_args(argv)


def check_outputs(
    args: argparse.Namespace,
    *names: str,
    figures: Sequence[str] = (),
    read: Iterable[str | os.PathLike[str]] = (),
) -> None:
    """Checks where a command will write, before its work: ``check_outputs(args, "json")``.

    Args:
        args: the parsed arguments; the files that others of them name are read.
        names: of the arguments that name files to write, if they are given.
        figures: names of those that are drawn.
        read: further files that are read.

    Raises:
        InputError: a file cannot be written, is read too, or is drawn and matplotlib is missing.
    """
    outputs = {f"--{name}": getattr(args, name) for name in (*names, *figures)}
    check_output_files([*_files_of(args, outputs), *read], outputs)
    for name in figures:
        if getattr(args, name) is not None:
            check_installed(f"--{name}", "matplotlib")


def check_installed(flag: str, module: str) -> None:
    """Raises InputError, with the command that installs it, when a flag's module is missing."""
    line = missing_module(module)
    if line is not None:
        raise InputError(f"{flag}: {line}")


def _files_of(args: argparse.Namespace, outputs: Container[str]) -> Iterator[str]:
    """The files that arguments name, without those that are outputs."""
    values = (value for name, value in vars(args).items() if f"--{name}" not in outputs)
    return filter(os.path.isfile, _paths(values))


def _paths(values: Iterable[object]) -> Iterator[str]:
    """Whatever of arguments may be a path, that of ``NAME=path`` too."""
    for value in values:
        if isinstance(value, list):
            yield from _paths(value)
        elif isinstance(value, str | os.PathLike):
            text = os.fspath(value)
            yield from (text, text.partition("=")[2])


def check_folder(args: argparse.Namespace, name: str, files: Iterable[str]) -> None:
    """Checks a folder that will get files: ``check_folder(args, "logs", ["a.jsonl"])``.

    Args:
        name: of the argument that names the folder, which need not exist.
        files: names of the files.

    Raises:
        InputError: there can be no such folder, or no such file in it.
    """
    folder, flag = getattr(args, name), f"--{name}"
    if folder is None:
        return
    inputs = [*_files_of(args, [flag])]
    if not os.path.isdir(folder):
        try:
            check_new(folder)
        except InputError as error:
            raise InputError(f"{flag} {error}") from error
    for file in files:
        if os.sep in file:
            raise InputError(f"{file}: no name of a file in {flag}; write NAME=path")
        if os.path.isdir(folder):
            check_output(os.path.join(folder, file), inputs, flag)


def write_outputs(args: argparse.Namespace, **writers: Callable[[str], None]) -> None:
    """Writes what was asked for, one file although another fails: results are printed before.

    Args:
        writers: name of an argument -> function that writes to its value, if it has one.

    Raises:
        InputError: something could not be written; the message says what, and why.
    """
    failures = []
    for name, write in writers.items():
        path = getattr(args, name)
        try:
            if path is not None:
                write(path)
        except OSError as error:
            failures.append(f"--{name} {os_message(error)}")
        except InputError as error:
            failures.append(f"--{name} {error}")
    if failures:
        raise InputError(f"{'; '.join(failures)}; the results are those printed above")


def named_paths(texts: Sequence[str], what: str = "checkpoints") -> dict[str, str]:
    """Name -> path of ``NAME=path``, or of a path, which is called by its file's name.

    Args:
        what: how a message calls them.

    Raises:
        InputError: two have one name, or a name is none of a row in a table and of a file.
    """
    paths = dict(map(_named_path, texts))
    if len(paths) < len(texts):
        raise InputError(f"two {what} have one name; write NAME=path with different names")
    return paths


def named_models(texts: Sequence[str]) -> dict[str, str]:
    """Name -> checkpoint, as `named_paths`, of checkpoints or of folders with a ``model.pt``.

    Raises:
        InputError: as `named_paths`, or a folder has no model.
    """
    return {name: find_checkpoint(path) for name, path in named_paths(texts).items()}


def _named_path(text: str) -> tuple[str, str]:
    name, separator, path = text.partition("=")
    if not separator or os.path.exists(text):
        name, path = os.path.basename(text.rstrip(os.sep)), text
    if not name or not name.isprintable() or len(name.encode()) > _LONGEST_NAME:
        raise InputError(
            f"{text!r:.60} has no name of 1 to {_LONGEST_NAME} printable letters; write NAME=path"
        )
    if not path:
        raise InputError(f"{text}: has no path behind the name; write NAME=path")
    return name, path


def device(cpu: bool) -> torch.device:
    """The device that models run on: the GPU if there is one, unless ``--cpu`` is given."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() and not cpu else "cpu")


def escaped(text: str) -> str:
    """The text as Markdown that shows it as it is."""
    return re.sub(r"([\\`*_<>|\[\]~])", r"\\\1", text)
