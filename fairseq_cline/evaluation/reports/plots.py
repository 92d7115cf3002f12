"""Figures of plain values, as reports have them; drawing one needs matplotlib."""

from __future__ import annotations

import io
import os
import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from data_prep.files.whole import whole_file

if TYPE_CHECKING:  # a command that draws nothing does not wait for matplotlib
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Curves = Mapping[str, Mapping[str, Sequence[float]]]
"""Panel -> model -> values."""


def png(figure: Figure) -> bytes:
    """The figure as a PNG file; names with a $ in them are shown as they are."""
    from matplotlib import rc_context
    from matplotlib.text import Text

    content = io.BytesIO()
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    with rc_context({"text.parse_math": False}):
        figure.savefig(content, format="png", bbox_inches="tight", dpi=150)
    return content.getvalue()


def write_png(path: str | os.PathLike[str], figure: Figure) -> None:
    """Writes a figure as a PNG file, whole or not at all."""
    content = png(figure)
    with whole_file(path) as temporary:
        temporary.write_bytes(content)


def lines_by_layer(panels: Curves, ylabel: str, chance: float) -> Figure:
    """Draws one panel for each measure, with one line for each model, against the layer.

    Args:
        panels: measure -> model -> value for layer 0, 1, ...
        ylabel: what the values are, and their unit.
        chance: value of a model that guesses, drawn as a dotted line.
    """
    figure, axes = _panels(len(panels), width=4.5 * len(panels), height=3.5, sharey=True)
    for axis, (measure, models) in zip(axes, panels.items(), strict=True):
        for model, values in models.items():
            axis.plot(range(len(values)), values, marker="o", markersize=3, label=model)
        axis.axhline(chance, color="grey", linestyle=":", linewidth=1)
        axis.set_title(measure)
        axis.set_xlabel("layer (0: embeddings)")
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0].set_ylabel(ylabel)
    axes[0].legend()
    return figure


def lines_by_epsilon(
    epsilon: Sequence[float], panels: Curves, ylabel: str, unit: str = ""
) -> Figure:
    """Draws one panel for each measure, with one line for each model, against the perturbation.

    Args:
        epsilon: 0 and the lengths of the perturbation, ascending.
        panels: measure -> model -> value at each epsilon.
        ylabel: what the values are.
        unit: of epsilon, as a text behind it.
    """
    figure, axes = _panels(len(panels), width=4.5 * len(panels), height=3.5)
    for axis, (measure, models) in zip(axes, panels.items(), strict=True):
        for model, values in models.items():
            axis.plot(epsilon, values, marker="o", markersize=3, label=model)
        # Logarithmic, but for the way from 0 to the smallest epsilon.
        axis.set_xscale("symlog", linthresh=epsilon[1])
        axis.set_xticks(epsilon, [f"{value:g}" for value in epsilon])
        axis.set_title(measure)
        axis.set_xlabel(f"ε{unit}")
    axes[0].set_ylabel(ylabel)
    axes[0].legend()
    return figure


def confusion_matrices(
    labels: Sequence[str], models: Mapping[str, Sequence[Sequence[int]]]
) -> Figure:
    """Draws one panel for each model: the share of each class that is taken for each other.

    Args:
        labels: names of the classes.
        models: model -> counts, actual classes down, predicted classes across.
    """
    size = max(3.5, 0.3 * len(labels) + 1.5)
    figure, axes = _panels(len(models), width=size * len(models), height=size)
    ticks = range(len(labels))
    for axis, (model, matrix) in zip(axes, models.items(), strict=True):
        # A class that does not occur has no shares: its row stays white.
        shares = [[count / max(sum(row), 1) for count in row] for row in matrix]
        axis.imshow(shares, vmin=0.0, vmax=1.0, cmap="Blues")
        axis.set_title(model)
        axis.set_xlabel("predicted")
        axis.set_xticks(ticks, labels, rotation=90)
        axis.set_yticks(ticks, labels)
        if len(labels) > 10:
            continue  # the numbers would cover each other
        for i, row in enumerate(matrix):
            for j, count in enumerate(row):
                color = "white" if shares[i][j] > 0.5 else "black"
                axis.text(j, i, f"{count}", ha="center", va="center", color=color, fontsize=8)
    axes[0].set_ylabel("actual")
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
    width = size * len(models) + 1.0
    figure, axes = _panels(len(models), width=width, height=size, layout="constrained")
    distances = [value for matrix in models.values() for row in matrix for value in row]
    # One scale for all; the distance that most pairs have is white, and all are when none differs.
    scale = {"vmin": min(1.0, *distances), "vmax": max(2.0, *distances), "cmap": "Greys"}
    ticks = range(len(labels))
    for axis, (model, matrix) in zip(axes, models.items(), strict=True):
        image = axis.imshow(matrix, **scale)
        axis.set_title(model)
        axis.set_xticks(ticks, labels, rotation=90, fontsize=8)
        axis.set_yticks(ticks, labels, fontsize=8)
    figure.colorbar(image, ax=axes, label="label distance")
    return figure


def bars_by_kind(
    panels: Mapping[str, Mapping[str, Mapping[str, tuple[float, float]]]],
) -> Figure:
    """Draws one panel for each measure: a group of bars for each kind, in it a bar for each model.

    Args:
        panels: measure -> model -> kind -> (percentage, its standard error).
    """
    figure, axes = _panels(len(panels), width=5.5 * len(panels), height=3.5)
    for axis, (measure, models) in zip(axes, panels.items(), strict=True):
        width = 0.8 / len(models)
        for i, (model, kinds) in enumerate(models.items()):
            left = [place - 0.4 + (i + 0.5) * width for place in range(len(kinds))]
            values, errors = zip(*kinds.values(), strict=True)
            axis.bar(left, values, width, yerr=errors, label=model, error_kw={"linewidth": 1})
            axis.set_xticks(range(len(kinds)), list(kinds), rotation=30)
        axis.set_title(measure)
    axes[0].set_ylabel("percent ± standard error")
    axes[0].legend()
    return figure


def cosine_histograms(models: Mapping[str, Mapping[str, Mapping[str, Any] | None]]) -> Figure:
    """Draws the cosines of positive (blue) and random (red) pairs: DCL, Figure 3.

    One column for each model, one row for each kind of vectors.

    Args:
        models: model -> kind of vectors -> "positive" and "random" -> "mean" and "histogram",
            shares in equal steps from -1 to 1; None for a kind that the model does not have.
    """
    kinds = list(next(iter(models.values())))
    columns, width, height = len(models), 4.0 * len(models), 2.5 * len(kinds)
    figure, axes = _panels(columns, width, height, rows=len(kinds), sharex=True)
    for column, (model, vectors) in enumerate(models.items()):
        axes[column].set_title(model)
        axes[column - columns].set_xlabel("cosine")
        for row, kind in enumerate(kinds):
            axis, pairs = axes[row * columns + column], vectors[kind]
            if column == 0:
                axis.set_ylabel(f"{kind}\nshare of pairs")
            if pairs is None:
                axis.text(0.0, 0.5, f"no {kind}", ha="center", transform=axis.get_xaxis_transform())
                axis.set_yticks([])
                continue
            for name, color in (("positive", "tab:blue"), ("random", "tab:red")):
                shares = pairs[name]["histogram"]
                edges = [2 * step / len(shares) - 1 for step in range(len(shares) + 1)]
                label = f"{name}, mean {pairs[name]['mean']:.4f}"
                axis.stairs(shares, edges, fill=True, alpha=0.6, color=color, label=label)
            axis.legend(fontsize=8)
    return figure


def sentence_maps(models: Mapping[str, Sequence[Sequence[Sequence[float]]]]) -> Figure:
    """Draws one panel for each model: sentences as dots, their versions as crosses.

    A line joins the two of a pair, which have a color of their own: DCL, Figure 2.

    Args:
        models: model -> points (2, N, 2) of N originals, then of their versions.
    """
    from matplotlib import colormaps

    figure, axes = _panels(len(models), width=4.5 * len(models), height=4.5)
    for axis, (model, (original, version)) in zip(axes, models.items(), strict=True):
        colors = colormaps["hsv"]([pair / len(original) for pair in range(len(original))])
        for start, end, color in zip(original, version, colors, strict=True):
            axis.plot(*zip(start, end, strict=True), color=color, linewidth=1)
            axis.plot(*start, marker="o", markersize=4, color=color)
            axis.plot(*end, marker="x", markersize=4, color=color)
        axis.set_title(model)
        axis.set_aspect("equal", adjustable="datalim")
        axis.set_xticks([])  # a map has no units
        axis.set_yticks([])
    return figure


def dots_by_model(panels: Curves) -> Figure:
    """Draws one panel for each measure: a row for each model, a dot for each seed, a bar at the mean.

    Args:
        panels: measure -> model -> value of each seed; [] of a model without this measure.
    """
    models = list(next(iter(panels.values())))
    width, height = 3.5 * len(panels) + 1.5, 0.35 * len(models) + 1.2
    figure, axes = _panels(len(panels), width, height, sharey=True)
    for axis, (measure, rows) in zip(axes, panels.items(), strict=True):
        for place, values in enumerate(rows.values()):
            axis.plot(values, [place] * len(values), "o", markersize=5, alpha=0.6, color="tab:blue")
            if values:
                axis.plot(statistics.mean(values), place, "|", markersize=14, color="black")
        axis.set_title(measure)
        axis.grid(axis="x", alpha=0.3)
    axes[0].set_yticks(range(len(models)), models)
    axes[0].set_ylim(len(models) - 0.5, -0.5)  # the first on top
    return figure


def _panels(
    columns: int,
    width: float,
    height: float,
    *,
    rows: int = 1,
    layout: str = "tight",
    **shared: Any,
) -> tuple[Figure, list[Axes]]:
    """An empty figure of this size in inches, and its panels, row by row."""
    from matplotlib.figure import Figure  # not pyplot, which would look for a screen

    figure = Figure(figsize=(width, height), layout=layout)
    return figure, [*figure.subplots(rows, columns, squeeze=False, **shared).flat]
