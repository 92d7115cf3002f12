"""WikiText-103 (Merity et al. 2017): the published word-level text of Wikipedia's good articles."""

from __future__ import annotations

from pathlib import Path

from data_prep.files.downloads import extract, fetch, find_files
from data_prep.language_modeling.published_texts import PublishedText
from data_prep.language_modeling.text_databin import SPLITS

SOURCES = ("https://s3.amazonaws.com/research.metamind.io/wikitext/wikitext-103-v1.zip",)
SHA256 = "242ba0f20b329cfdf1ccc61e9e9e5b59becf189db7f7a81cd2a0e2fc31539590"
FOLDER = "wikitext-103"
FILES = [f"wiki.{split}.tokens" for split in SPLITS]


def texts(raw_dir: Path | None, scratch: Path) -> list[Path]:
    """The three texts: the user's, or downloaded into ``scratch``."""
    if raw_dir is None:
        archive = scratch / f"{FOLDER}.zip"
        fetch(SOURCES, SHA256, archive)
        extract(archive, [f"{FOLDER}/{name}" for name in FILES], scratch)
        raw_dir = scratch
    return find_files(raw_dir, FILES, FOLDER)


# ATCL, Table 1.
WIKITEXT_103 = PublishedText(texts, {"train": "~103M", "valid": "~218k", "test": "~246k"})
