"""Results over seeds: mean, spread, and differences from a baseline seed by seed."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from data_prep.errors import InputError
from data_prep.files.name_lists import listed
from data_prep.files.text_tables import markdown
from fairseq_cline.evaluation.reports.kind import Results, Value


@dataclass(frozen=True)
class Cell:
    """One figure of one row over all seeds."""

    seeds: list[float | None]  # None: a model without this part
    mean: float | None
    spread: float | None  # standard deviation (n - 1); None of a single seed too


@dataclass(frozen=True)
class Difference(Cell):
    """The difference of a row from a baseline."""

    p: float | None  # p of a paired t-test; None: fewer than three seeds, or equal differences


Summary = dict[str, dict[str, Cell]]
"""Row -> column -> figure; the columns that a row is compared in are Differences."""


def summarize(results: Results, against: Sequence[str] | None = None) -> Summary:
    """The figures of all checkpoints over all seeds; the column that is compared comes first.

    Args:
        against: rows to compare the others with (default: the first, if there are others and
            the kind of results has a column to compare).

    Raises:
        InputError: there is no such row, or such results are not compared.
    """
    rows = {
        seeds[0]["name"]: [results.kind.columns(row) for row in seeds] for seeds in results.rows()
    }
    first = next(iter(rows))
    columns = [*rows[first][0]]
    compared = results.kind.compared(columns)
    if against is None:
        against = [first] if compared and len(rows) > 1 else []
    for baseline in against:
        if baseline not in rows:
            raise InputError(f"--against {baseline}: no such row; there are {listed(rows)}")
        if compared is None:
            raise InputError(f"--against {baseline}: '{columns[0]}' is not compared; leave it out")
    result: Summary = {}
    for name, seeds in rows.items():
        cells = {column: _cell([_number(seed[column]) for seed in seeds]) for column in columns}
        result[name] = {compared: cells.pop(compared)} if compared else {}
        for baseline in against:
            result[name][f"against {baseline}"] = (
                _difference(seeds, rows[baseline], compared)
                if name != baseline
                else Difference([None] * len(seeds), None, None, None)
            )
        result[name] |= cells
    return result


def compare(results: Results, column: str, baseline: str) -> dict[str, Difference]:
    """The difference of each other row from a baseline in one column, seed by seed.

    Rows that lack the figure are left out.
    """
    rows = {
        seeds[0]["name"]: [results.kind.columns(row) for row in seeds] for seeds in results.rows()
    }
    return {
        name: _difference(seeds, rows[baseline], column)
        for name, seeds in rows.items()
        if name != baseline and all(seed[column] for seed in seeds)
    }


def standard_errors(results: Results) -> dict[str, dict[str, float]]:
    """Row -> column -> standard error over the examples, of one seed; several have a spread."""
    if len(results.reports) > 1:
        return {}
    return {
        row["name"]: {
            column: value.standard_error
            for column, value in results.kind.columns(row).items()
            if value is not None and value.standard_error is not None
        }
        for (row,) in results.rows()
    }


def _number(value: Value | None) -> float | None:
    return None if value is None else value.value


def _cell(values: list[float | None]) -> Cell:
    if None in values:
        return Cell(values, None, None)
    spread = statistics.stdev(values) if len(values) > 1 else None
    return Cell(values, statistics.mean(values), spread)


def _difference(seeds: list, baseline: list, column: str) -> Difference:
    pairs = zip(seeds, baseline, strict=True)
    cell = _cell([ours[column].value - theirs[column].value for ours, theirs in pairs])
    p = None
    if len(cell.seeds) > 2 and cell.spread > 1e-9:  # less is rounding
        from scipy.stats import ttest_1samp  # slow to import

        # The paired test is that of the differences.
        p = float(ttest_1samp(cell.seeds, 0.0).pvalue)
    return Difference(**vars(cell), p=p)


def seeds_table(summary: Summary, seeds: int, decimals: int) -> str:
    """One row a checkpoint, in Markdown: mean ± spread of each figure; from three seeds on, p."""
    rows = []
    for name, cells in summary.items():
        columns, texts = [""], [name]
        for column, cell in cells.items():
            columns.append(column)
            texts.append(mean_and_spread(cell, decimals))
            if isinstance(cell, Difference) and seeds > 2:
                columns.append("p")
                texts.append("-" if cell.p is None else f"{cell.p:.2g}")
        rows.append(texts)
    return markdown(columns, rows)


def mean_and_spread(cell: Cell, decimals: int) -> str:
    """The text of a cell: the mean ± the spread, "-" without a figure, a difference signed."""
    if cell.mean is None:
        return "-"
    mean = f"{cell.mean:{'+' if isinstance(cell, Difference) else ''}.{decimals}f}"
    return mean if cell.spread is None else f"{mean} ± {cell.spread:.{decimals}f}"
