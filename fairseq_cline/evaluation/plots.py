"""Figures of evaluations; importing this module needs matplotlib."""

import os

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
    figure.savefig(path + ".tmp", format="png", dpi=150)
    os.replace(path + ".tmp", path)
