"""Figures of evaluations; importing this module needs matplotlib."""

import os
import statistics
from typing import Any

from matplotlib import colormaps
from matplotlib.figure import Figure  # not pyplot, which would look for a screen


def lines_by_layer(
    path: str, panels: dict[str, dict[str, list[float]]], ylabel: str, chance: float
) -> None:
    """Draw one panel for each measure, with one line for each model, against the layer.

    Args:
        path: the PNG file to write; it appears only when it is whole.
        panels: measure -> model -> value for layer 0, 1, ...
        ylabel: what the values are, and their unit.
        chance: value of a model that guesses, drawn as a dotted line.
    """
    figure = Figure(figsize=(4.5 * len(panels), 3.5), layout="tight")
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)
    for axis, (measure, models) in zip(axes[0], panels.items(), strict=True):
        for model, values in models.items():
            axis.plot(range(len(values)), values, marker="o", markersize=3, label=model)
        axis.axhline(chance, color="grey", linestyle=":", linewidth=1)
        axis.set_title(measure)
        axis.set_xlabel("layer (0: embeddings)")
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0][0].set_ylabel(ylabel)
    axes[0][0].legend()
    _save(figure, path)


def lines_by_epsilon(
    path: str,
    epsilon: list[float],
    panels: dict[str, dict[str, list[float]]],
    ylabel: str,
    unit: str = "",
) -> None:
    """Draw one panel for each measure, with one line for each model, against the perturbation.

    Args:
        path: the PNG file to write; it appears only when it is whole.
        epsilon: 0 and the lengths of the perturbation, ascending.
        panels: measure -> model -> value at each epsilon.
        ylabel: what the values are.
        unit: of epsilon, as a text behind it.
    """
    figure = Figure(figsize=(4.5 * len(panels), 3.5), layout="tight")
    axes = figure.subplots(1, len(panels), squeeze=False)
    for axis, (measure, models) in zip(axes[0], panels.items(), strict=True):
        for model, values in models.items():
            axis.plot(epsilon, values, marker="o", markersize=3, label=model)
        # Logarithmic, but for the way from 0 to the smallest epsilon.
        axis.set_xscale("symlog", linthresh=epsilon[1])
        axis.set_xticks(epsilon, [f"{value:g}" for value in epsilon])
        axis.set_title(measure)
        axis.set_xlabel(f"ε{unit}")
    axes[0][0].set_ylabel(ylabel)
    axes[0][0].legend()
    _save(figure, path)


def confusion_matrices(path: str, labels: list[str], models: dict[str, list[list[int]]]) -> None:
    """Draw one panel for each model: the share of each class that is taken for each other.

    Args:
        path: the PNG file to write; it appears only when it is whole.
        labels: names of the classes.
        models: model -> counts, actual classes down, predicted classes across.
    """
    size = max(3.5, 0.3 * len(labels) + 1.5)
    figure = Figure(figsize=(size * len(models), size), layout="tight")
    axes = figure.subplots(1, len(models), squeeze=False)
    ticks = range(len(labels))
    for axis, (model, matrix) in zip(axes[0], models.items(), strict=True):
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
    axes[0][0].set_ylabel("actual")
    _save(figure, path)


def label_distances(path: str, labels: list[str], models: dict[str, list[list[float]]]) -> None:
    """Draw one panel for each model: the darker, the larger the distance (CLLD, Figure 2).

    Args:
        path: the PNG file to write; it appears only when it is whole.
        labels: names of the classes.
        models: model -> distances, the label of the anchor down, that of the other text across.
    """
    size = max(3.5, 0.2 * len(labels) + 2.0)
    figure = Figure(figsize=(size * len(models) + 1.0, size), layout="constrained")
    axes = figure.subplots(1, len(models), squeeze=False)
    distances = [value for matrix in models.values() for row in matrix for value in row]
    # One scale for all; the distance that most pairs have is white, and all are when none differs.
    scale = {"vmin": min(1.0, *distances), "vmax": max(2.0, *distances), "cmap": "Greys"}
    ticks = range(len(labels))
    for axis, (model, matrix) in zip(axes[0], models.items(), strict=True):
        image = axis.imshow(matrix, **scale)
        axis.set_title(model)
        axis.set_xticks(ticks, labels, rotation=90, fontsize=8)
        axis.set_yticks(ticks, labels, fontsize=8)
    figure.colorbar(image, ax=list(axes[0]), label="label distance")
    _save(figure, path)


def bars_by_kind(path: str, panels: dict[str, dict[str, dict[str, tuple[float, float]]]]) -> None:
    """Draw one panel for each measure: a group of bars for each kind, in it a bar for each model.

    Args:
        path: the PNG file to write; it appears only when it is whole.
        panels: measure -> model -> kind -> (percentage, its standard error).
    """
    figure = Figure(figsize=(5.5 * len(panels), 3.5), layout="tight")
    axes = figure.subplots(1, len(panels), squeeze=False)
    for axis, (measure, models) in zip(axes[0], panels.items(), strict=True):
        width = 0.8 / len(models)
        for i, (model, kinds) in enumerate(models.items()):
            left = [place - 0.4 + (i + 0.5) * width for place in range(len(kinds))]
            values, errors = zip(*kinds.values(), strict=True)
            axis.bar(left, values, width, yerr=errors, label=model, error_kw={"linewidth": 1})
            axis.set_xticks(range(len(kinds)), list(kinds), rotation=30)
        axis.set_title(measure)
    axes[0][0].set_ylabel("percent ± standard error")
    axes[0][0].legend()
    _save(figure, path)


def cosine_histograms(path: str, models: dict[str, dict[str, Any]]) -> None:
    """Draw the cosines of positive (blue) and random (red) pairs: DCL, Figure 3.

    One column for each model, one row for each kind of vectors.

    Args:
        path: the PNG file to write; it appears only when it is whole.
        models: model -> kind of vectors -> None or what has `positive` and `random`, with the
            `mean` and the `histogram` of each: shares in equal steps from -1 to 1.
    """
    kinds = list(next(iter(models.values())))
    figure = Figure(figsize=(4.0 * len(models), 2.5 * len(kinds)), layout="tight")
    axes = figure.subplots(len(kinds), len(models), sharex=True, squeeze=False)
    for column, (model, vectors) in enumerate(models.items()):
        axes[0][column].set_title(model)
        axes[-1][column].set_xlabel("cosine")
        for row, kind in enumerate(kinds):
            axis = axes[row][column]
            if vectors[kind] is None:
                axis.text(0.0, 0.5, f"no {kind}", ha="center", transform=axis.get_xaxis_transform())
                axis.set_yticks([])
                continue
            for name, color in (("positive", "tab:blue"), ("random", "tab:red")):
                cosines = getattr(vectors[kind], name)
                steps = len(cosines.histogram)
                edges = [2 * step / steps - 1 for step in range(steps + 1)]
                label = f"{name}, mean {cosines.mean:.4f}"
                axis.stairs(
                    cosines.histogram, edges, fill=True, alpha=0.6, color=color, label=label
                )
            axis.legend(fontsize=8)
    for row, kind in enumerate(kinds):
        axes[row][0].set_ylabel(f"{kind}\nshare of pairs")
    _save(figure, path)


def sentence_maps(path: str, models: dict[str, Any]) -> None:
    """Draw one panel for each model: sentences as dots, their versions as crosses.

    A line joins the two of a pair, which have a color of their own: DCL, Figure 2.

    Args:
        path: the PNG file to write; it appears only when it is whole.
        models: model -> points (2, N, 2) of N originals, then of their versions.
    """
    figure = Figure(figsize=(4.5 * len(models), 4.5), layout="tight")
    axes = figure.subplots(1, len(models), squeeze=False)
    for axis, (model, points) in zip(axes[0], models.items(), strict=True):
        original, version = points.tolist()
        colors = colormaps["hsv"]([pair / len(original) for pair in range(len(original))])
        for start, end, color in zip(original, version, colors, strict=True):
            axis.plot(*zip(start, end, strict=True), color=color, linewidth=1)
            axis.plot(*start, marker="o", markersize=4, color=color)
            axis.plot(*end, marker="x", markersize=4, color=color)
        axis.set_title(model)
        axis.set_aspect("equal", adjustable="datalim")
        axis.set_xticks([])  # a map has no units
        axis.set_yticks([])
    _save(figure, path)


def dots_by_model(path: str, panels: dict[str, dict[str, list[float]]]) -> None:
    """Draw one panel for each measure: a row for each model, a dot for each seed, a bar at the mean.

    Args:
        path: the PNG file to write; it appears only when it is whole.
        panels: measure -> model -> value of each seed; [] of a model without this measure.
    """
    models = list(next(iter(panels.values())))
    figure = Figure(figsize=(3.5 * len(panels) + 1.5, 0.35 * len(models) + 1.2), layout="tight")
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)
    for axis, (measure, rows) in zip(axes[0], panels.items(), strict=True):
        for place, values in enumerate(rows.values()):
            axis.plot(values, [place] * len(values), "o", markersize=5, alpha=0.6, color="tab:blue")
            if values:
                axis.plot(statistics.mean(values), place, "|", markersize=14, color="black")
        axis.set_title(measure)
        axis.grid(axis="x", alpha=0.3)
    axes[0][0].set_yticks(range(len(models)), models)
    axes[0][0].set_ylim(len(models) - 0.5, -0.5)  # the first on top
    _save(figure, path)


def _save(figure: Figure, path: str) -> None:
    figure.savefig(path + ".tmp", format="png", bbox_inches="tight", dpi=150)
    os.replace(path + ".tmp", path)
