"""AG's news topics (Zhang et al. 2015): the title and the description of a news item.

A backslash stands for a line break in these files; it becomes a space. There is no validation
split.

SHA-256: as in the releases of Hugging Face's datasets.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from data_prep.classification.datasets.rows import Row
from data_prep.classification.datasets.split_files import SplitFiles
from data_prep.errors import InputError
from data_prep.files.lines import read_lines

LABELS = {"1": "World", "2": "Sports", "3": "Business", "4": "Sci/Tech"}
PUBLISHED = {"train": 120_000, "test": 7_600}


def read(path: Path) -> Iterator[Row]:
    """A label and a text of each row of class, title and description.

    Raises:
        InputError: a row has another form.
    """
    with closing(read_lines(path, path.name, newline="")) as lines:
        table = csv.reader(lines)
        try:
            for number, title, description in table:
                text = " ".join(f"{title} {description}".replace("\\", " ").split())
                yield [LABELS[number], text] if text else None
        except (csv.Error, ValueError, KeyError) as error:
            raise InputError(
                f"{path}, line {table.line_num}: not a class from 1 to 4, a title and a "
                "description; fetch the file again"
            ) from error


DATA = SplitFiles(
    home="https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/master/data/ag_news_csv/",
    folder="ag_news_csv",
    names={"train": ("train.csv",), "test": ("test.csv",)},
    read=read,
    sha256={
        "train.csv": "76a0a2d2f92b286371fe4d4044640910a04a803fdd2538e0f3f29a5c6f6b672e",
        "test.csv": "521465c2428ed7f02f8d6db6ffdd4b5447c1c701962353eb2c40d548c3c85699",
    },
)
