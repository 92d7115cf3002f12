"""A published text for language models, from its download or the user's copy to a data-bin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from data_prep.files.published_data import downloads_beside
from data_prep.language_modeling.text_databin import SPLITS, Summary, build_databin, check_ready


@dataclass(frozen=True)
class PublishedText:
    """A text: the way to get it, and its size as a paper counts it."""

    obtain: Callable[[Path | None, Path], list[Path]]
    """(folder of the user's copy, scratch folder) -> the text of each of ``SPLITS``; where there
    is no copy, it is downloaded into the scratch folder."""
    paper_tokens: Mapping[str, str]
    """Split -> tokens that the paper counts."""


def build_published(published: PublishedText, *, raw_dir: Path | None, destdir: Path) -> Summary:
    """Makes the data-bin of a published text.

    Args:
        raw_dir: folder of the user's copy; None downloads the text.
        destdir: the folder to make; it must not exist, or be empty.

    Raises:
        InputError: the user's copy is wrong, or there is something at ``destdir`` already.
        ResourceError: WordNet is not installed.
        DownloadError: the text cannot be fetched.
    """
    check_ready(destdir)
    with downloads_beside(destdir) as scratch:
        texts = published.obtain(raw_dir, scratch)
        return build_databin(dict(zip(SPLITS, texts, strict=True)), destdir)
