"""Pairs of sentences: how close they are, and where they lie on a map (DCL, Figures 2 and 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fairseq_cline.evaluation.reports.drawing import frame

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROOM = 1.5  # height of a panel over that of its highest bar: the legend has a place of its own


def cosine_histograms(models: Mapping[str, Mapping[str, Mapping[str, Any] | None]]) -> Figure:
    """Draws the cosines of positive (blue) and random (red) pairs: DCL, Figure 3.

    One column for each model, one row for each kind of vectors.

    Args:
        models: model -> kind of vectors -> "positive" and "random" -> "mean" and "histogram",
            shares in equal steps from -1 to 1; None for a kind that the model does not have.
    """
    kinds = [*next(iter(models.values()))]
    columns, width, height = len(models), 4.0 * len(models), 2.6 * len(kinds)
    figure, axes = frame.panels(columns, width, height, rows=len(kinds), sharex=True)
    for column, (model, vectors) in enumerate(models.items()):
        axes[column - columns].set_xlabel("cosine of the pair")
        for row, kind in enumerate(kinds):
            axis, pairs = axes[row * columns + column], vectors[kind]
            axis.set_title(f"{model}: {kind}", fontsize="medium")
            if column == 0:
                axis.set_ylabel("share of pairs")
            if pairs is None:
                frame.note(axis, f"the model has no {kind}")
                axis.set_yticks([])
                continue
            for name, color in (("positive", "tab:blue"), ("random", "tab:red")):
                shares = pairs[name]["histogram"]
                edges = [2 * step / len(shares) - 1 for step in range(len(shares) + 1)]
                label = f"{name}, mean {pairs[name]['mean']:.4f}"
                axis.stairs(shares, edges, fill=True, alpha=0.6, color=color, label=label)
            highest = max(*pairs["positive"]["histogram"], *pairs["random"]["histogram"])
            axis.set_yticks([tick for tick in axis.get_yticks() if 0.0 <= tick <= highest])
            axis.set_ylim(0.0, _ROOM * highest or 1.0)
            axis.legend(fontsize=8, loc="upper left", frameon=False)
    return figure


def sentence_maps(models: Mapping[str, Sequence[Sequence[Sequence[float]]]]) -> Figure:
    """Draws one panel for each model: sentences as dots, their versions as crosses.

    A line joins the two of a pair, which have a color of their own: DCL, Figure 2.

    Args:
        models: model -> points (2, N, 2) of N originals, then of their versions.
    """
    from matplotlib import colormaps
    from matplotlib.lines import Line2D

    figure, axes = frame.panels(len(models), width=4.5 * len(models), height=5.0)
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
    count = len(next(iter(models.values()))[0])
    title = "Map: do sentences lie with their changed versions, and apart from others?"
    frame.set_title(figure, [title, f"{count:,} pairs, by t-SNE: far distances mean nothing"])
    mark = {"color": "black", "linestyle": ""}
    marks = {
        "sentence": Line2D([], [], marker="o", markersize=4, **mark),
        "its changed version": Line2D([], [], marker="x", markersize=4, **mark),
        "a pair": Line2D([], [], color="black", linewidth=1),
    }
    frame.legend(figure, marks)
    return figure
