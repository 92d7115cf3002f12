"""WikiText-103 (Merity et al. 2017) as a data-bin for fairseq's language modeling tasks.

Example::

    python -m data_prep.wikitext103 --destdir data-bin/wikitext-103

It downloads the published word-level text (190 MB; 750 MB of temporary space beside the data-bin),
or takes your own copy of its three files. All words are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data_prep.files.downloads import extract, fetch, find_files
from data_prep.lm_text import SPLITS, published_command

SOURCES = ("https://s3.amazonaws.com/research.metamind.io/wikitext/wikitext-103-v1.zip",)
SHA256 = "242ba0f20b329cfdf1ccc61e9e9e5b59becf189db7f7a81cd2a0e2fc31539590"
FOLDER = "wikitext-103"
FILES = [f"wiki.{split}.tokens" for split in SPLITS]
PAPER_TOKENS = {"train": "~103M", "valid": "~218k", "test": "~246k"}  # ATCL, Table 1


def texts(raw_dir: Path | None, scratch: Path) -> list[Path]:
    """The three texts: the user's, or downloaded into ``scratch``."""
    if raw_dir is None:
        archive = scratch / f"{FOLDER}.zip"
        fetch(SOURCES, SHA256, archive)
        extract(archive, [f"{FOLDER}/{name}" for name in FILES], scratch)
        raw_dir = scratch
    return find_files(raw_dir, FILES, FOLDER)


def main(argv: Sequence[str] | None = None) -> None:
    published_command("wikitext103", __doc__, texts, PAPER_TOKENS, argv)


if __name__ == "__main__":
    main()
