"""Matrices of classes: which is taken for which, and how far apart CLLD holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fairseq_cline.evaluation.reports.drawing import frame

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_NUMBERED = 10  # classes; the numbers of more would cover each other


def confusions(labels: Sequence[str], models: Mapping[str, Sequence[Sequence[int]]]) -> Figure:
    """Draws one panel for each model: the share of each class that is taken for each other.

    Args:
        labels: names of the classes.
        models: model -> counts, actual classes down, predicted classes across.
    """
    size = max(3.5, 0.3 * len(labels) + 1.5)
    figure, axes = frame.squares(len(models), size)
    ticks = range(len(labels))
    for axis, (model, matrix) in zip(axes, models.items(), strict=True):
        # A class that does not occur has no shares: its row stays white.
        shares = [[count / max(sum(row), 1) for count in row] for row in matrix]
        image = axis.imshow(shares, vmin=0.0, vmax=1.0, cmap="Blues")
        axis.set_title(model)
        axis.set_xlabel("predicted class")
        axis.set_ylabel("actual class")
        axis.set_xticks(ticks, labels, rotation=90)
        axis.set_yticks(ticks, labels)
        if len(labels) > _MOST_NUMBERED:
            continue
        for i, row in enumerate(matrix):
            for j, count in enumerate(row):
                color = "white" if shares[i][j] > 0.5 else "black"
                axis.text(j, i, f"{count}", ha="center", va="center", color=color, fontsize=8)
    figure.colorbar(image, ax=axes, label="share of the actual class")
    return figure


def label_distances(
    labels: Sequence[str], models: Mapping[str, Sequence[Sequence[float]]]
) -> Figure:
    """Draws one panel for each model: the darker, the larger the distance (CLLD, Figure 2).

    Args:
        labels: names of the classes.
        models: model -> distances, the label of the anchor down, that of the other text across.
    """
    size = max(3.5, 0.2 * len(labels) + 2.0)
    figure, axes = frame.squares(len(models), size)
    distances = [value for matrix in models.values() for row in matrix for value in row]
    # One scale for all; the distance that most pairs have is white, and all are when none differs.
    scale = {"vmin": min(1.0, *distances), "vmax": max(2.0, *distances), "cmap": "Greys"}
    ticks = range(len(labels))
    for axis, (model, matrix) in zip(axes, models.items(), strict=True):
        image = axis.imshow(matrix, **scale)
        axis.set_title(model)
        axis.set_xlabel("class of the other text")
        axis.set_ylabel("class of the anchor")
        axis.set_xticks(ticks, labels, rotation=90, fontsize=8)
        axis.set_yticks(ticks, labels, fontsize=8)
        pairs = [value for i, row in enumerate(matrix) for j, value in enumerate(row) if i != j]
        if all(value == 1.0 for value in pairs):
            frame.note(axis, "every distance is 1:\nnothing was learned")
    figure.colorbar(image, ax=axes, label="label distance")
    return figure
