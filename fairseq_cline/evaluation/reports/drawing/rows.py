"""Models side by side: a row of dots for each, or groups of bars."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from fairseq_cline.evaluation.reports.drawing import frame

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

_LETTER = 0.1  # inches, of a model's name
_BARS = 6.0  # inches of a panel of bars
_LEVEL = 64  # letters below such a panel that fit without a slant


class Dots(NamedTuple):
    """One figure of one model."""

    seeds: Sequence[float]  # empty: the model lacks what is measured
    error: float | None  # half the length of the whisker; None: not known


class Panel(NamedTuple):
    """One figure of all models."""

    unit: str
    models: Mapping[str, Dots]


def dots(panels: Mapping[str, Panel], whisker: str) -> Figure:
    """Draws one panel for each measure: a row for each model, a dot for each seed, the mean.

    Args:
        panels: measure -> unit and models.
        whisker: what the whiskers are.
    """
    models = [*next(iter(panels.values())).models]
    width = 3.2 * len(panels) + _LETTER * max(map(len, models))
    height = 0.35 * len(models) + 1.5
    figure, axes = frame.panels(len(panels), width, height, sharey=True)
    for axis, (measure, panel) in zip(axes, panels.items(), strict=True):
        for place, found in enumerate(panel.models.values()):
            if not found.seeds:
                row = axis.get_yaxis_transform()
                axis.text(0.5, place, "not measured", ha="center", va="center", transform=row)
                continue
            axis.plot(
                found.seeds, [place] * len(found.seeds), "o", markersize=5, alpha=0.6, color="C0"
            )
            axis.errorbar(
                statistics.mean(found.seeds),
                place,
                xerr=found.error,
                fmt="|",
                markersize=13,
                color="black",
                capsize=3,
                linewidth=1,
            )
        axis.set_title(measure)
        axis.set_xlabel(panel.unit)
        axis.grid(axis="x", alpha=0.3)
    axes[0].set_yticks(range(len(models)), models)
    axes[0].set_ylim(len(models) - 0.5, -0.5)  # the first on top
    frame.footnote(figure, whisker)
    return figure


Bars = Mapping[str, Mapping[str, tuple[float, float] | None]]
"""Model -> kind -> value and standard error; None: not measured."""


def bars(panels: Mapping[str, Bars], units: Mapping[str, str] | None = None) -> Figure:
    """Draws one panel for each measure: a group of bars for each kind, in it a bar for each model.

    Args:
        panels: measure -> bars.
        units: measure -> unit of its values; percent, if it is none of these.
    """
    figure, axes = frame.panels(len(panels), width=_BARS * len(panels), height=4.0)
    marks: dict[str, Artist] = {}
    for axis, (measure, models) in zip(axes, panels.items(), strict=True):
        width = 0.8 / len(models)
        kinds = [*next(iter(models.values()))]
        for number, (model, style) in enumerate(frame.styles(models).items()):
            found = {
                place - 0.4 + (number + 0.5) * width: bar
                for place, bar in enumerate(models[model].values())
                if bar is not None
            }
            values, errors = zip(*found.values(), strict=True) if found else ((), ())
            marks[model] = axis.bar(
                [*found], values, width, yerr=errors or None, color=style["color"],
                error_kw={"linewidth": 1, "capsize": 2},
            )  # fmt: skip
        slant = max(map(len, kinds), default=0) * len(kinds) > _LEVEL
        axis.set_xticks(range(len(kinds)), kinds, fontsize="small")
        if slant:
            axis.tick_params(axis="x", labelrotation=30)
            for label in axis.get_xticklabels():
                label.set_horizontalalignment("right")
                label.set_rotation_mode("anchor")
        if not any(bar for models_ in models.values() for bar in models_.values()):
            frame.note(axis, "nothing was measured")
        axis.set_title(measure)
        axis.set_ylabel(f"{(units or {}).get(measure, 'percent')} ± standard error")
        axis.grid(axis="y", alpha=0.3)
        axis.set_axisbelow(True)
    frame.legend(figure, marks)
    return figure
