"""A published classification data set, from its download or the user's copy to a data-bin."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from data_prep.classification.labeled_databin import Options, build_databin, describe
from data_prep.files.whole import check_new


@dataclass(frozen=True)
class Published:
    """A data set: how it is had, and how large it is."""

    obtain: Callable[[Path | None, Path], dict[str, Path]]
    """Split -> labeled text, written to the second folder; of the user's copy in the first, or,
    when that is None, of a download into the second."""
    examples: Mapping[str, int] | None = None
    """Split -> examples that it is known to have, to compare with."""


def build_published(
    published: Published, raw_dir: Path | None, destdir: Path, options: Options
) -> str:
    """Make the data-bin; what it holds, for the eye.

    Raises:
        InputError: the user's copy or an option is wrong, or ``destdir`` exists.
        DownloadError: the data cannot be fetched.
    """
    check_new(destdir)
    destdir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destdir.parent, prefix=".downloads-") as scratch:
        texts = published.obtain(raw_dir, Path(scratch))
        summary = build_databin(texts, destdir, options)
    text = describe(summary, options)
    if published.examples:
        sizes = ", ".join(f"{split} {size:,}" for split, size in published.examples.items())
        text += f"\npublished: {sizes}"
    return text
