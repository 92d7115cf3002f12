"""MR (Pang and Lee 2005), sentences of movie reviews, negative or positive.

The splits are those of PTE (Tang et al. 2015), which Text GCN (Yao et al. 2019) and CLLD use: a
file of sentences and a file of their labels each, in Windows-1252. There is no validation split.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from data_prep.classification.datasets.rows import Row
from data_prep.classification.datasets.split_files import SplitFiles
from data_prep.errors import InputError
from data_prep.files.lines import read_lines

LABELS = {"0": "neg", "1": "pos"}
PUBLISHED = {"train": 7_108, "test": 3_554}


def read(texts: Path, labels: Path) -> Iterator[Row]:
    """A label and a text of each line.

    Raises:
        InputError: a label is unknown, or the files have different numbers of lines.
    """
    with (
        closing(read_lines(texts, texts.name, newline="\n", encoding="Windows-1252")) as first,
        closing(read_lines(labels, newline="\n")) as second,
    ):
        number = 0
        for number, line in enumerate(first, 1):
            label = next(second, "").strip()
            if label not in LABELS:
                raise InputError(
                    f"{labels}, line {number}: '{label}' is not 0 or 1; fetch the file again"
                )
            text = " ".join(line.split())
            yield [LABELS[label], text] if text else None
        if next(second, None) is not None:
            raise InputError(
                f"{texts}: ends after {number:,} lines, before {labels.name}; fetch the file again"
            )


DATA = SplitFiles(
    home="https://github.com/yao8839836/text_gcn/tree/master/data/mr",
    folder="mr",
    names={split: (f"text_{split}.txt", f"label_{split}.txt") for split in ("train", "test")},
    read=read,
)
