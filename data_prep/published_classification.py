"""What the commands of published classification data sets have in common."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from data_prep.binarize import check_new
from data_prep.corpus import InputError
from data_prep.downloads import DownloadError
from data_prep.text_classification import Options, add_options, build_databin, describe
from data_prep.tokenizer_options import tokenizer_files


def published_parser(prog: str, description: str | None) -> argparse.ArgumentParser:
    """A parser with the options of the data-bin and ``--raw-dir``."""
    parser = argparse.ArgumentParser(
        prog=prog, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_options(parser)
    parser.add_argument(
        "--raw-dir", type=Path, help="folder with your own copy (default: download it)"
    )
    return parser


def build_published(
    parser: argparse.ArgumentParser,
    arguments: argparse.Namespace,
    obtain: Callable[[Path | None, Path], dict[str, Path]],
    published: Mapping[str, int],
    regression: bool = False,
) -> None:
    """Make the data-bin and say what it holds; bad input ends the command with one line.

    Args:
        obtain: split -> text, from the user's folder (None: downloads it into the second argument),
            written to the second argument.
        published: split -> examples that the data set is known to have, to compare with.
    """
    destdir = arguments.destdir
    try:
        options = Options(tokenizer_files(arguments), regression)
        check_new(destdir)
        destdir.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=destdir.parent, prefix=".downloads-") as scratch:
            texts = obtain(arguments.raw_dir, Path(scratch))
            summary = build_databin(texts, destdir, options)
    except (InputError, DownloadError, OSError) as error:
        parser.exit(1, f"{parser.prog}: error: {error}\n")
    print(describe(summary, options))
    print("published: " + ", ".join(f"{split} {n:,}" for split, n in published.items()))
