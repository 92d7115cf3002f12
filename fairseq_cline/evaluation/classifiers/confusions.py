"""Pairs of classes that classifiers confuse, as static label distances for CLLD."""

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data_prep.errors import InputError
from data_prep.files.whole import write_text
from fairseq_cline.evaluation.reports.report_file import read_report
from fairseq_cline.evaluation.reports.result_files import damage_named


@dataclass(frozen=True)
class ConfusedPair:
    """Two classes of which one is taken for the other."""

    first: str
    second: str
    confused: int  # examples, both directions


def read_confusions(path: str) -> tuple[list[str], np.ndarray]:
    """Reads the labels and the sum of the confusion matrices of all checkpoints, (K, K).

    Raises:
        InputError: the file is no result of evaluation.classify, or one of a test set.
    """
    report = read_report(path, "classify")
    with damage_named(path):
        labels, split = [*report["labels"]], report["split"]["name"]
        if not labels:
            raise ValueError("a regression, which has no classes")
        if not all(isinstance(name, str) for name in (*labels, split)):
            raise TypeError("a label or the split is no text")
        counts = np.array([row["confusion"] for row in report["checkpoints"]])  # (models, K, K)
        shape = (len(counts), len(labels), len(labels))
        if counts.dtype.kind != "i" or counts.shape != shape or counts.min() < 0:
            raise ValueError("no counts of each pair of classes")
    if split.startswith("test"):
        raise InputError(
            f"{path}: made from the split '{split}', and what is chosen with a test set cannot be "
            "tested on it; give a result of --split valid"
        )
    return labels, counts.sum(axis=0)


def most_confused(labels: Sequence[str], matrix: np.ndarray, top: int) -> list[ConfusedPair]:
    """The first `top` pairs of those that are confused at all; ties in the order of the labels."""
    pairs = [
        ConfusedPair(labels[i], labels[j], int(matrix[i, j] + matrix[j, i]))
        for i, j in itertools.combinations(range(len(labels)), 2)
    ]
    pairs.sort(key=lambda pair: pair.confused, reverse=True)  # stable, for the ties
    return [pair for pair in pairs[:top] if pair.confused]


def write_label_distances(
    path: str | os.PathLike[str], pairs: Sequence[ConfusedPair], distance: float
) -> None:
    """Writes the file of ``--label-distance-file``, all pairs equally far apart."""
    write_text(path, "".join(f"{pair.first}\t{pair.second}\t{distance:g}\n" for pair in pairs))
