"""Label distances that a checkpoint of CLLD holds (Lan et al., 2021, Figure 2)."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from fairseq.tasks.sentence_prediction import SentencePredictionConfig

from data_prep.errors import InputError
from data_prep.files.checksums import file_sha256
from data_prep.files.whole import write_text
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData
from fairseq_cline.evaluation.encoders.stored_models import rows, stored_state, task_settings
from fairseq_cline.evaluation.reports.notes import farthest_pairs, label_distance_origin

_PARTS = ("matrix", "updates", "validations")


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
    state = stored_state(path)
    saved = state["criterion"] or {}
    without = "no label distances in it; give a checkpoint trained with --criterion clld"
    if not saved.keys() >= {f"label_distance.{part}" for part in _PARTS}:
        raise InputError(f"{path}: {without}")
    settings = task_settings(path, state, SentencePredictionConfig, without)
    matrix, updates, validations = (saved[f"label_distance.{part}"] for part in _PARTS)
    if [*matrix.shape] != [len(data.labels)] * 2 or updates.numel() * validations.numel() != 1:
        raise InputError(
            f"{path} knows {rows(matrix)} classes, {data.folder} has {len(data.labels)}; give "
            "--data the data-bin of its training"
        )
    return LearnedDistances(
        name=name,
        sha256=file_sha256(path),
        kind=str(settings.get("label_distance")),
        updates=int(updates),
        validations=int(validations),
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
            writer.writerow([distances.name, label, *(f"{value:.9g}" for value in row)])
    write_text(path, content.getvalue())
