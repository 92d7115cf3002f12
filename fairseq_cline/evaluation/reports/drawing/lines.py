"""Lines: a value of each model against the layer, or against the length of a perturbation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from fairseq_cline.evaluation.reports.drawing import frame

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT = 4.5, 3.8  # inches of a panel


class Curve(NamedTuple):
    """The values of one model, from left to right; nan is left out."""

    means: Sequence[float]
    spreads: Sequence[float] | None  # half the height of the band; None: of one seed


Curves = Mapping[str, Mapping[str, Curve]]
"""Panel -> model -> values."""


def by_layer(panels: Curves, ylabel: str, chance: float, band: str = "") -> Figure:
    """Draws one panel for each measure, with one line for each model, against the layer.

    Args:
        panels: measure -> model -> value for layer 0, 1, ...
        ylabel: what the values are, and their unit.
        chance: value of a model that guesses, drawn as a dotted line.
        band: what the bands are.
    """
    width = _WIDTH * len(panels)
    figure, axes = frame.panels(len(panels), width, _HEIGHT, sharey=True)
    marks: dict[str, Artist] = {}
    for axis, (measure, models) in zip(axes, panels.items(), strict=True):
        layers = len(next(iter(models.values())).means)
        marks |= _draw(axis, [*range(layers)], models)
        marks["guessing"] = axis.axhline(chance, color="grey", linestyle=":", linewidth=1)
        axis.set_title(measure)
        axis.set_xlabel("layer (0: embeddings)")
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0].set_ylabel(ylabel)
    frame.legend(figure, marks, band)
    return figure


def by_epsilon(
    epsilon: Sequence[float], panels: Curves, ylabel: str, unit: str = "", band: str = ""
) -> Figure:
    """Draws one panel for each measure, with one line for each model, against the perturbation.

    Args:
        epsilon: 0 and the lengths of the perturbation, ascending.
        panels: measure -> model -> value at each epsilon.
        ylabel: what the values are.
        unit: of epsilon, as a text behind it.
        band: what the bands are.
    """
    width = _WIDTH * len(panels)
    figure, axes = frame.panels(len(panels), width, _HEIGHT)
    marks: dict[str, Artist] = {}
    for axis, (measure, models) in zip(axes, panels.items(), strict=True):
        marks |= _draw(axis, epsilon, models)
        # Logarithmic, but for the way from 0 to the smallest epsilon.
        axis.set_xscale("symlog", linthresh=epsilon[1])
        axis.set_xticks(epsilon, [f"{value:g}" for value in epsilon])
        axis.set_title(measure)
        axis.set_xlabel(f"ε, length of the perturbation{unit}")
    axes[0].set_ylabel(ylabel)
    frame.legend(figure, marks, band)
    return figure


def _draw(axis: Axes, places: Sequence[float], models: Mapping[str, Curve]) -> dict[str, Artist]:
    """Draws the lines of a panel; returns model -> line."""
    marks: dict[str, Artist] = {}
    for model, style in frame.styles(models).items():
        curve = models[model]
        (marks[model],) = axis.plot(places, curve.means, markersize=4, linewidth=1.2, **style)
        if curve.spreads is not None:
            both = [*zip(curve.means, curve.spreads, strict=True)]
            low, high = [m - s for m, s in both], [m + s for m, s in both]
            axis.fill_between(places, low, high, color=style["color"], alpha=0.12, linewidth=0)
    return marks
