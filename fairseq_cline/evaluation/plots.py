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


def _save(figure: Figure, path: str) -> None:
    figure.savefig(path + ".tmp", format="png", dpi=150)
    os.replace(path + ".tmp", path)
