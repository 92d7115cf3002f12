"""The tasks of GLUE (Wang et al. 2019): their files, and how their tables look.

SHA-256 of the archives: as in the releases of Hugging Face's datasets and TensorFlow Datasets.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from data_prep.classification.datasets.published import Published
from data_prep.classification.datasets.rows import Row, Table
from data_prep.errors import InputError
from data_prep.files.downloads import extract, fetch, find_files
from data_prep.files.tab_separated import read_rows

GLUE = "https://dl.fbaipublicfiles.com/glue/data/"
SENTEVAL = "https://dl.fbaipublicfiles.com/senteval/senteval_data/"


@dataclass(frozen=True)
class Task:
    """One task: where it is, and how its tables look."""

    columns: tuple[str, ...]
    """Columns of the label and of the texts."""
    published: tuple[int, ...]
    """Examples that each split is known to have."""
    archive: str = ""
    sha256: str = ""
    splits: tuple[str, ...] = ("train", "dev")
    """Names of the tables."""
    header: tuple[str, ...] | None = None
    """The name of every column, where the tables do not begin with the names."""


TASKS = {
    "CoLA": Task(
        ("label", "sentence"),
        (8_551, 1_043),
        "CoLA.zip",
        "f212fcd832b8f7b435fb991f101abf89f96b933ab400603bf198960dfc32cbff",
        header=("source", "label", "author's label", "sentence"),
    ),
    "SST-2": Task(
        ("label", "sentence"),
        (67_349, 872),
        "SST-2.zip",
        "d67e16fb55739c1b32cdce9877596db1c127dc322d93c082281f64057c16deaa",
    ),
    "MRPC": Task(("Quality", "#1 String", "#2 String"), (3_668, 408)),
    "STS-B": Task(
        ("score", "sentence1", "sentence2"),
        (5_749, 1_500),
        "STS-B.zip",
        "e60a6393de5a8b5b9bac5020a1554b54e3691f9d600b775bd131e613ac179c85",
    ),
    "QQP": Task(
        ("is_duplicate", "question1", "question2"),
        (363_846, 40_430),
        "QQP-clean.zip",
        "40e7c862c04eb26ee04b67fd900e76c45c6ba8e6d8fab4f8f1f8072a1a3fbae0",
    ),
    "MNLI": Task(
        ("gold_label", "sentence1", "sentence2"),
        (392_702, 9_815, 9_832),
        "MNLI.zip",
        "e7c1d896d26ed6caf700110645df426cc2d8ebf02a5ab743d5a5c68ac1c83633",
        splits=("train", "dev_matched", "dev_mismatched"),
    ),
    "QNLI": Task(
        ("label", "question", "sentence"),
        (104_743, 5_463),
        "QNLIv2.zip",
        "e634e78627a29adaecd4f955359b22bf5e70f2cbd93b493f2d624138a0c0e5f5",
    ),
    "RTE": Task(
        ("label", "sentence1", "sentence2"),
        (2_490, 277),
        "RTE.zip",
        "6bf86de103ecd335f3441bd43574d23fef87ecc695977a63b82d5efb206556ee",
    ),
}
REGRESSION = "STS-B"
MAX_SCORE = 5.0  # STS-B
SPLITS = ("train", "valid", "valid1")
PAIRS = ("#1 ID", "#2 ID")  # columns of MRPC that name its pairs
MRPC_FILES = {
    "msr_paraphrase_train.txt": (
        SENTEVAL,
        "60a9b09084528f0673eedee2b69cb941920f0b8cd0eeccefc464a98768457f89",
    ),
    "mrpc_dev_ids.tsv": (
        GLUE,
        "971d7767d81b997fd9060ade0ec23c4fc31cbb226a55d1bd4a1bac474eb81dc7",
    ),
}


def download(name: str, scratch: Path) -> None:
    """Puts the task's files into ``scratch``."""
    task = TASKS[name]
    if name == "MRPC":
        for file, (source, sha256) in MRPC_FILES.items():
            fetch([source + file], sha256, scratch / file)
    else:
        archive = scratch / task.archive
        fetch([GLUE + task.archive], task.sha256, archive)
        extract(archive, [f"{name}/{split}.tsv" for split in task.splits], scratch)


def split_mrpc(pairs: Path, dev_ids: Path) -> list[Table]:
    """GLUE's training and development tables, made of Microsoft's training pairs.

    Raises:
        InputError: a row lacks a column, or no row belongs to one of the tables.
    """
    dev = {tuple(row) for row in read_rows(dev_ids, PAIRS, PAIRS) if row}
    columns = TASKS["MRPC"].columns
    tables: tuple[list[Row], list[Row]] = ([], [])
    for row in read_rows(pairs, (*columns, *PAIRS)):
        if row is None:
            raise InputError(f"{pairs}: a row lacks a column; fetch the file again")
        tables[tuple(row[len(columns) :]) in dev].append(row[: len(columns)])
    if not all(tables):
        raise InputError(
            f"{dev_ids}: names {len(tables[1]):,} of the pairs of {pairs}; fetch both files again"
        )
    return [Table(pairs, iter(rows)) for rows in tables]


def read_tables(name: str, raw_dir: Path) -> list[Table]:
    """The tables of a task in a folder, MRPC's also made of its two files.

    Raises:
        InputError: they are not there.
    """
    task = TASKS[name]
    names = [f"{split}.tsv" for split in task.splits]
    if name == "MRPC" and not any((raw_dir / place / names[0]).is_file() for place in (".", name)):
        return split_mrpc(*find_files(raw_dir, list(MRPC_FILES), name))
    paths = find_files(raw_dir, names, name)
    tables = [(path, read_rows(path, task.columns, task.header)) for path in paths]
    return [
        Table(path, scaled(rows, path) if name == REGRESSION else rows) for path, rows in tables
    ]


def obtain(name: str, raw_dir: Path | None, scratch: Path) -> dict[str, Table]:
    """Split -> its rows, of the user's copy or of a download into ``scratch``."""
    if raw_dir is None:
        download(name, scratch)
    return dict(zip(SPLITS, read_tables(name, raw_dir or scratch), strict=False))


def published_task(name: str) -> Published:
    """The data set of one of ``TASKS``."""
    sizes = dict(zip(SPLITS, TASKS[name].published, strict=False))
    return Published(partial(obtain, name), sizes)


def scaled(rows: Generator[Row], table: Path) -> Iterator[Row]:
    """STS-B's rows with scores from 0 to 1.

    Raises:
        InputError: a score is no number.
    """
    with closing(rows):
        for row in rows:
            if row is not None:
                try:
                    row[0] = f"{float(row[0]) / MAX_SCORE:.6g}"
                except ValueError as error:
                    raise InputError(
                        f"{table}: '{row[0]}' is not a score from 0 to 5; fetch the file again"
                    ) from error
            yield row
