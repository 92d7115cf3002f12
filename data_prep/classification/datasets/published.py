"""A published classification data set, from its download or the user's copy to a data-bin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from data_prep.classification.datasets.rows import Table, read_table
from data_prep.classification.labeled_databin import Options, build_databin, describe
from data_prep.files.published_data import downloads_beside


@dataclass(frozen=True)
class Published:
    """A data set: the way to get it, and its size."""

    obtain: Callable[[Path | None, Path], Mapping[str, Table]]
    """(folder of the user's copy, scratch folder) -> the rows of each split; where there is no
    copy, the files are downloaded into the scratch folder."""
    examples: Mapping[str, int] | None = None
    """Split -> examples that it is known to have, to compare with."""


def build_published(
    published: Published, *, raw_dir: Path | None, destdir: Path, options: Options
) -> str:
    """Makes the data-bin of a published data set, and says what it holds.

    Args:
        raw_dir: folder of the user's copy; None downloads the files.
        destdir: the folder to make; it must not exist, or be empty.

    Raises:
        InputError: the user's copy or an option is wrong, or there is something at ``destdir``.
        DownloadError: the data cannot be fetched.
    """
    texts, lines = {}, []
    with downloads_beside(destdir) as scratch:
        for split, table in published.obtain(raw_dir, scratch).items():
            texts[split], damaged = read_table(table)
            if damaged:
                lines.append(f"{table.source.name}: {damaged:,} damaged rows left out")
        lines.append(describe(build_databin(texts, destdir, options), options))
    if published.examples:
        sizes = ", ".join(f"{split} {size:,}" for split, size in published.examples.items())
        lines.append(f"published: {sizes}")
    return "\n".join(lines)
