"""BoolQ (Clark et al. 2019): does a passage say yes (True) or no (False) to a question?

The answers to the official test set are secret: the development set, from which the contrast sets
of Gardner et al. (2020) are made, is the split ``test``, and the validation split is drawn from
the training set.

SHA-256: as in the releases of Hugging Face's datasets.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data_prep.classification.datasets.rows import Row
from data_prep.classification.datasets.split_files import SplitFiles
from data_prep.files.json_lines import read_objects

KEYS = {"answer": bool, "question": str, "passage": str}
PUBLISHED = {"train": 9_427, "test": 3_270}


def read(path: Path) -> Iterator[Row]:
    """Answer, question and passage of each line."""
    for row in read_objects(path, KEYS):
        cells = [" ".join(str(value).split()) for value in row]
        yield cells if all(cells) else None


DATA = SplitFiles(
    home="https://storage.googleapis.com/boolq/",
    folder="boolq",
    names={"train": ("train.jsonl",), "test": ("dev.jsonl",)},
    read=read,
    sha256={
        "train.jsonl": "cc7a79d44479867e8323a7b0c5c1d82edf516ca34912201f9384c3a3d098d8db",
        "dev.jsonl": "ebc29ea3808c5c611672384b3de56e83349fe38fc1fe876fd29b674d81d0a80a",
    },
)
