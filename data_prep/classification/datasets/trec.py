"""TREC's questions (Li and Roth 2002), in six classes by what is asked for: TREC-6.

There is no validation split.

SHA-256: as in the releases of Hugging Face's datasets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from data_prep.classification.datasets.rows import Row
from data_prep.classification.datasets.split_files import SplitFiles
from data_prep.errors import InputError
from data_prep.files.lines import read_lines

PUBLISHED = {"train": 5_452, "test": 500}
_QUESTION = re.compile(r"(ABBR|DESC|ENTY|HUM|LOC|NUM):\S+\s+(\S.*)")


def read(path: Path) -> Iterator[Row]:
    """The coarse class and the question of each line like ``NUM:dist How far is it ?``.

    Raises:
        InputError: a line has another form.
    """
    with closing(read_lines(path, path.name, newline="\n", encoding="Latin-1")) as lines:
        for number, line in enumerate(lines, 1):
            found = _QUESTION.match(line)
            if not found:
                raise InputError(
                    f"{path}, line {number}: not a class of TREC-6 and a question, like "
                    "'NUM:dist How far is it ?'; fetch the file again"
                )
            yield [found[1], " ".join(found[2].split())]


DATA = SplitFiles(
    home="https://cogcomp.seas.upenn.edu/Data/QA/QC/",
    folder="QC",
    names={"train": ("train_5500.label",), "test": ("TREC_10.label",)},
    read=read,
    sha256={
        "train_5500.label": "9e4c8bdcaffb96ed61041bd64b564183d52793a8e91d84fc3a8646885f466ec3",
        "TREC_10.label": "033f22c028c2bbba9ca682f68ffe204dc1aa6e1cf35dd6207f2d4ca67f0d0e8e",
    },
)
