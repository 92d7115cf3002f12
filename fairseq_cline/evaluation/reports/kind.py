"""A kind of evaluation: how its reports are read, compared, tabulated, drawn and explained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # a command that draws nothing does not wait for matplotlib
    from matplotlib.figure import Figure

Report = dict[str, Any]
"""The content of a JSON file."""


class Value(NamedTuple):
    """One figure of one checkpoint."""

    value: float
    standard_error: float | None = None  # over the examples; None: not known


Values = dict[str, Value | None]
"""Column -> figure; None: the model lacks the part that it is of."""

Columns = Callable[[Report], Values]
"""Finds the figures in a checkpoint's part of a report."""


class Table(NamedTuple):
    """A table of a page, all as HTML."""

    heads: list[str]
    rows: list[list[str]]  # the first cell of each is its name
    caption: str = ""


class Question(NamedTuple):
    """A column that a page answers by a sentence: which model is better?"""

    column: str
    greater_is_better: bool = True


Ask = Callable[[Sequence[str]], list[Question]]
"""The questions to results with these columns."""


@dataclass(frozen=True)
class Results:
    """The reports of one evaluation, one a seed."""

    kind: Kind
    reports: list[Report]

    def rows(self) -> Iterator[tuple[Report, ...]]:
        """Yields for each checkpoint its part of the reports, seed by seed."""
        return zip(*(report["checkpoints"] for report in self.reports), strict=True)


Draw = Callable[[Results], "Figure | None"]
"""Draws results; None: these have nothing to draw."""


@dataclass(frozen=True)
class Kind:
    """A kind of evaluation; an entry of `kinds.KINDS`."""

    title: str
    meaning: str  # the figures explained, in words for any reader
    sample: Callable[[Report], str]  # the data behind the figures, in words
    columns: Columns | None = None  # None: it has no figures to average over seeds
    primary: tuple[str, ...] = ()  # column to compare models by, the first that results have
    greater_is_better: bool = True  # whether greater values of the primary column are better
    decimals: int = 1
    ask: Ask | None = None  # None: the primary column
    full_names: Mapping[str, str] = field(default_factory=dict)  # of columns, on a page
    unfit: Callable[[Report], str] | None = None  # why a model's figures are no result, or ""
    chance: Callable[[Report, Report], str] | None = None  # why a row of a report is at chance
    tabulate: Callable[[Results], list[Table]] | None = None  # None: that of the columns
    words: bool = False  # the table has words, not figures
    draw: Draw | None = None  # the figure on a page
    plot: Draw | None = None  # the figure of --plot; None: that on a page
    folded: Mapping[str, Draw] = field(default_factory=dict)  # more on a page, by their titles

    def compared(self, columns: Iterable[str]) -> str | None:
        """The column of these that models are compared by; None: models are not compared."""
        return next((column for column in self.primary if column in columns), None)

    def unfit_models(self, results: Results) -> dict[str, str]:
        """Model -> why its figures are no result."""
        if self.unfit is None:
            return {}
        reasons = {row["name"]: self.unfit(row) for seeds in results.rows() for row in seeds}
        return {name: reason for name, reason in reasons.items() if reason}

    def questions(self, columns: Sequence[str]) -> list[Question]:
        """The questions that a page answers about results with these columns."""
        if self.ask:
            return self.ask(columns)
        compared = self.compared(columns)
        return [Question(compared, self.greater_is_better)] if compared else []
