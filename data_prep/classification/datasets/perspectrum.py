"""PERSPECTRUM (Chen et al. 2019): is a perspective for (pos) or against (neg) a claim?

The labels are named as in the contrast sets of Gardner et al. (2020).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data_prep.classification.datasets.rows import Row
from data_prep.classification.datasets.split_files import SplitFiles
from data_prep.errors import InputError
from data_prep.files.tab_separated import read_rows

HEADER = ("stance", "", "", "claim", "perspective")
COLUMNS = ("stance", "claim", "perspective")
LABELS = {"0": "neg", "1": "pos"}


def read(path: Path) -> Iterator[Row]:
    """Stance, claim and perspective of each row.

    Raises:
        InputError: a stance is unknown.
    """
    for row in read_rows(path, COLUMNS, HEADER):
        if row is not None and row[0] not in LABELS:
            raise InputError(f"{path}: '{row[0]}' is not the stance 0 or 1; fetch the file again")
        yield row and [LABELS[row[0]], *row[1:]]


DATA = SplitFiles(
    home="https://github.com/CogComp/perspectrum/tree/master/data/dataset/perspective_stances",
    folder="perspective_stances",
    names={"train": ("train.tsv",), "valid": ("dev.tsv",), "test": ("test.tsv",)},
    read=read,
)
