"""Label distances that a checkpoint of CLLD holds (Lan et al., 2021, Figure 2)."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from fairseq import checkpoint_utils

import fairseq_cline.plugin  # noqa: F401 - registers what a checkpoint may name
from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.whole import write_text
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData
from fairseq_cline.evaluation.reports.notes import farthest_pairs, label_distance_origin


@dataclass(frozen=True)
class LearnedDistances:
    """The matrix of one checkpoint, and how it came about."""

    name: str
    sha256: str
    kind: str  # adaptive, static or none: --label-distance of the training
    updates: int  # steps of Algorithm 1 that the training went on with
    validations: int  # until the checkpoint was saved
    matrix: list[list[float]]  # (K, K), the label of the anchor down


def read_distances(path: str, data: ClassificationData, name: str) -> LearnedDistances:
    """Reads the label distances in a checkpoint.

    Args:
        data: the data-bin of its training.
        name: what tables and messages call it.

    Raises:
        InputError: there are none, or they are of other labels than those of the data-bin.
    """
    state = checkpoint_utils.load_checkpoint_to_cpu(path)
    saved, task = state.get("criterion") or {}, state["cfg"]["task"]
    if "label_distance.matrix" not in saved:
        raise InputError(
            f"{path}: no label distances in it; give a checkpoint trained with --criterion clld"
        )
    matrix = saved["label_distance.matrix"]
    if len(matrix) != len(data.labels):
        raise InputError(
            f"{path} knows {len(matrix)} classes, {data.folder} has {len(data.labels)}; give "
            "--data the data-bin of its training"
        )
    return LearnedDistances(
        name=name,
        sha256=file_sha256(path),
        kind=str(task.label_distance),
        updates=int(saved["label_distance.updates"]),
        validations=int(saved["label_distance.validations"]),
        matrix=matrix.tolist(),
    )


def describe(distances: LearnedDistances, labels: Sequence[str], top: int) -> str:
    """The distances in words: how they came about, and the `top` pairs of the largest."""
    origin = label_distance_origin(distances.kind, distances.updates, distances.validations)
    pairs = farthest_pairs(distances.matrix, labels, top)
    return "\n".join(
        [f"{distances.name}: {origin}"]
        + [f"  {distance:6.2f}  {first}, {second}" for distance, first, second in pairs]
    )


def write_csv(path: str, labels: Sequence[str], models: Sequence[LearnedDistances]) -> None:
    """Writes a row for each checkpoint and label of the anchor, with a header."""
    content = io.StringIO(newline="")
    writer = csv.writer(content)
    writer.writerow(["checkpoint", "label", *labels])
    for distances in models:
        for label, row in zip(labels, distances.matrix, strict=True):
            writer.writerow([distances.name, label, *(f"{value:.4f}" for value in row)])
    write_text(path, content.getvalue())
