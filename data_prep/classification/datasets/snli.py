"""SNLI (Bowman et al. 2015): does the first sentence entail or contradict the second, or neither?

The user's copy may be the official tables, snli_1.0_train.txt and so on, or those as .jsonl. Pairs
without a gold label ("-") are left out, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data_prep.classification.datasets.rows import Row, Table
from data_prep.files.downloads import extract, fetch, find_files
from data_prep.files.json_lines import read_objects
from data_prep.files.tab_separated import read_rows

SOURCES = ("https://nlp.stanford.edu/projects/snli/snli_1.0.zip",)
# As in the releases of Hugging Face's datasets.
SHA256 = "afb3d70a5af5d8de0d9d81e2637e0fb8c22d1235c2749d83125ca43dab0dbd3e"
FOLDER = "snli_1.0"
SPLITS = {"train": "train", "valid": "dev", "test": "test"}
COLUMNS = ("gold_label", "sentence1", "sentence2")
NO_LABEL = "-"
PUBLISHED = {"train": 549_367, "valid": 9_842, "test": 9_824}  # with a gold label


def file_names(ending: str) -> list[str]:
    """The files of the three splits, as tables ("txt") or as objects ("jsonl")."""
    return [f"{FOLDER}_{name}.{ending}" for name in SPLITS.values()]


def read_json(path: Path) -> Iterator[Row]:
    """The three columns of a .jsonl file, as ``read_rows`` gives them."""
    for values in read_objects(path, dict.fromkeys(COLUMNS, str)):
        row = [" ".join(value.split()) for value in values]
        yield row if all(row) else None


def read_labeled(path: Path) -> Iterator[Row]:
    """The three columns of a file in either format, without the pairs that have no gold label."""
    rows = read_json(path) if path.suffix == ".jsonl" else read_rows(path, COLUMNS)
    return (row for row in rows if row is None or row[0] != NO_LABEL)


def obtain(raw_dir: Path | None, scratch: Path) -> dict[str, Table]:
    """Split -> its rows, of the user's copy or of a download into ``scratch``."""
    names = file_names("txt")
    if raw_dir is None:
        archive = scratch / f"{FOLDER}.zip"
        fetch(SOURCES, SHA256, archive)
        extract(archive, [f"{FOLDER}/{name}" for name in names], scratch)
        raw_dir = scratch
    elif any((raw_dir / place / file_names("jsonl")[0]).is_file() for place in (".", FOLDER)):
        names = file_names("jsonl")
    paths = find_files(raw_dir, names, FOLDER)
    return {
        split: Table(path, read_labeled(path)) for split, path in zip(SPLITS, paths, strict=True)
    }
