"""The options of a command that fetches published data, and the place for its downloads."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data_prep.files.scratch import scratch_folder
from data_prep.files.whole import DESTDIR_HELP, check_new, errors_name


def add_published_options(parser: argparse.ArgumentParser) -> None:
    """Adds ``--destdir`` and ``--raw-dir``."""
    parser.add_argument("--destdir", type=Path, required=True, help=DESTDIR_HELP)
    parser.add_argument(
        "--raw-dir",
        type=Path,
        help="folder with your own copy of the published data (default: download it)",
    )


@contextmanager
def downloads_beside(destdir: Path) -> Iterator[Path]:
    """Yields a folder for downloads, on the disk of ``destdir``, that is removed at the end.

    Raises:
        InputError: there is something at ``destdir`` already.
    """
    check_new(destdir)
    place = Path(os.path.realpath(destdir))
    with errors_name(destdir), scratch_folder(place, "downloads") as folder:
        yield folder
