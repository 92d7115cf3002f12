"""The frame of every drawing: panels, one legend that covers nothing, titles, PNG files."""

from __future__ import annotations

import io
import os
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import TYPE_CHECKING, Any

from data_prep.files.whole import whole_file

if TYPE_CHECKING:  # a command that draws nothing does not wait for matplotlib
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DOTS_PER_INCH = 150
_PAGE_DOTS_PER_INCH = 110
_COLORS = 128
_ACROSS = 4  # square panels in a row
_LETTER = 0.085  # inches, of small words
_MARKERS = "os^Dv<>P*X"


def panels(
    columns: int, width: float, height: float, *, rows: int = 1, **shared: Any
) -> tuple[Figure, list[Axes]]:
    """An empty figure of this size in inches, and its panels, row by row."""
    from matplotlib.figure import Figure  # not pyplot, which would look for a screen

    figure = Figure(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.1)  # inches: room for half a number at the edge
    return figure, [*figure.subplots(rows, columns, squeeze=False, **shared).flat]


def squares(count: int, size: float) -> tuple[Figure, list[Axes]]:
    """An empty figure of so many panels of this size in inches, a few a row, and a color bar."""
    across = min(count, _ACROSS)
    down = -(-count // across)
    figure, axes = panels(across, size * across + 1.0, size * down, rows=down)
    for unused in axes[count:]:
        unused.remove()
    return figure, axes[:count]


def styles(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Color and marker of each model: told apart without seeing colors, the same in all panels."""
    marks = zip(cycle(f"C{number}" for number in range(10)), cycle(_MARKERS))
    return {
        name: {"color": color, "marker": marker}
        for name, (color, marker) in zip(names, marks, strict=False)
    }


def legend(figure: Figure, marks: dict[str, Artist], title: str = "") -> None:
    """Explains what is drawn, below all panels.

    Args:
        marks: name -> what stands for it.
        title: a line above the names.
    """
    longest = max(map(len, [*marks]))
    across = max(1, int(figure.get_figwidth() / (0.7 + _LETTER * longest)))
    # matplotlib leaves out names that begin with _.
    names = [f" {name}" if name.startswith("_") else name for name in marks]
    figure.legend(
        [*marks.values()],
        names,
        loc="outside lower center",
        ncols=min(across, len(names)),
        title=title or None,
        fontsize="small",
        title_fontsize="small",
        frameon=False,
    )


def note(axis: Axes, words: str) -> None:
    """Says in a panel why nothing, or not all, is drawn there."""
    axis.text(0.5, 0.5, words, ha="center", va="center", color="dimgrey", transform=axis.transAxes)


def footnote(figure: Figure, words: str) -> None:
    """Says below all panels what their marks are."""
    across = int(figure.get_figwidth() / _LETTER)
    figure.supxlabel(textwrap.fill(words, across), fontsize="small")


def set_title(figure: Figure, lines: Sequence[str]) -> None:
    """Gives a figure that stands alone its title; the first line is that, others explain."""
    figure.suptitle("\n".join(lines), fontsize="medium")


def stacked(figure: Figure) -> bool:
    """Puts the panels one below the other, for a narrow page; False: there is only one."""
    axes = [axis for axis in figure.axes if axis.get_subplotspec() is not None]
    if len(axes) < 2:
        return False
    grid = axes[0].get_gridspec()
    width, height = figure.get_size_inches()
    figure.set_size_inches(width / grid.ncols, height / grid.nrows * len(axes))
    below = figure.add_gridspec(len(axes), 1)
    for place, axis in enumerate(axes):
        axis.set_subplotspec(below[place, 0])
        axis.tick_params(labelleft=True, labelbottom=True)
        axis.set_xlabel(axis.get_xlabel() or axes[-1].get_xlabel())
        axis.set_ylabel(axis.get_ylabel() or axes[0].get_ylabel())
    for old in [*figure.legends]:
        names = [text.get_text() for text in old.get_texts()]
        old.remove()
        marks = dict(zip(names, old.legend_handles, strict=True))
        legend(figure, marks, old.get_title().get_text())
    if words := figure.get_supxlabel():
        footnote(figure, words)
    return True


@contextmanager
def _as_written(figure: Figure) -> Iterator[None]:
    """Shows names with a $ in them as they are, and names without end at all."""
    from matplotlib import rc_context
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_parse_math(False)
    with rc_context({"text.parse_math": False}), warnings.catch_warnings():
        # Names so long that no room is left for the panels: they are drawn all the same.
        warnings.filterwarnings("ignore", "constrained_layout not applied")
        yield


def png(figure: Figure) -> bytes:
    """The figure as a PNG file."""
    content = io.BytesIO()
    with _as_written(figure):
        figure.savefig(content, format="png", bbox_inches="tight", dpi=_DOTS_PER_INCH)
    return content.getvalue()


def small_png(figure: Figure) -> bytes:
    """The figure as a PNG file of few colors, for a page that holds many."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image  # comes with matplotlib

    figure.set_dpi(_PAGE_DOTS_PER_INCH)
    canvas = FigureCanvasAgg(figure)
    with _as_written(figure):
        canvas.draw()
    content = io.BytesIO()
    size = canvas.get_width_height(physical=True)
    image = Image.frombuffer("RGBA", size, canvas.buffer_rgba()).convert("RGB")
    few = image.quantize(_COLORS, dither=Image.Dither.NONE)
    few.save(content, format="png", optimize=True)
    return content.getvalue()


def write_png(path: str | os.PathLike[str], figure: Figure) -> None:
    """Writes a figure as a PNG file, whole or not at all."""
    content = png(figure)
    with whole_file(path) as temporary:
        temporary.write_bytes(content)
