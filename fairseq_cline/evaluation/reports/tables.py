"""The tables of a page: column heads, and rows of cells, both as HTML."""

from fairseq_cline.evaluation.reports.kind import Report, Results, Table
from fairseq_cline.evaluation.reports.notes import farthest_pairs, label_distance_origin
from fairseq_cline.evaluation.reports.page import text
from fairseq_cline.evaluation.reports.statistics import (
    Cell,
    Difference,
    mean_and_spread,
    summarize,
)

PAIRS = 5  # pairs of classes that a cell names


def over_seeds(results: Results) -> Table:
    """A row for each checkpoint: the columns of its kind, ± their spread or standard error."""
    errors: dict[str, dict[str, float]] = {}
    if len(results.reports) == 1:  # the spread of several has this place
        errors = {row["name"]: _errors(results, row) for (row,) in results.rows()}
    decimals = results.kind.decimals
    return _table(
        {
            name: {
                column: _cell(cell, decimals, errors.get(name, {}).get(column))
                for column, cell in cells.items()
            }
            for name, cells in summarize(results).items()
        }
    )


def _errors(results: Results, row: Report) -> dict[str, float]:
    """Column -> standard error of the figures that have one."""
    return {
        column: value.standard_error
        for column, value in results.kind.columns(row).items()
        if value is not None and value.standard_error is not None
    }


def _table(rows: dict[str, dict[str, str]]) -> Table:
    """A table of row -> column -> cell; not all rows need have all columns."""
    columns = dict.fromkeys(column for cells in rows.values() for column in cells)
    return ["model", *map(text, columns)], [
        [text(name), *(cells.get(column, "-") for column in columns)]
        for name, cells in rows.items()
    ]


def _cell(cell: Cell, decimals: int, error: float | None = None) -> str:
    figure = mean_and_spread(cell, decimals)
    if error is not None:
        figure += f" ± {error:.{decimals}f}"
    if isinstance(cell, Difference) and cell.p is not None:
        figure += f"<br><small>p = {cell.p:.2g}</small>"
    return figure


def label_distances(results: Results) -> Table:
    """How the distances came about, and the pairs of classes that are furthest apart."""
    (report,) = results.reports
    rows = []
    for row in report["checkpoints"]:
        origin = label_distance_origin(row["kind"], row["updates"], row["validations"])
        pairs = farthest_pairs(row["matrix"], report["labels"], PAIRS)
        named = "<br>".join(f"{value:.2f}: {text(a)}, {text(b)}" for value, a, b in pairs)
        rows.append([text(row["name"]), text(origin), named or "-"])
    return ["model", "how it came about", "largest distances"], rows


def neighbors(results: Results) -> Table:
    """A row for each word, a column for each model."""
    (report,) = results.reports
    found = {row["name"]: row["distances"] for row in report["checkpoints"]}
    words = [*next(iter(found.values()))]
    rows = [
        [text(word), *(text(", ".join(distances[word])) for distances in found.values())]
        for word in words
    ]
    return ["word", *map(text, found)], rows


def completions(results: Results) -> Table:
    """A row for each model."""
    (report,) = results.reports
    columns = {
        "perplexity_clean": "perplexity of its completions",
        "perplexity_attacked": "the same, attacked",
        "text_perplexity_clean": "perplexity of whole texts (beginning and completion)",
        "text_perplexity_attacked": "the same, attacked",
    }
    rows = [
        [
            text(row["name"]),
            f"{100 * row['unchanged']:.1f}",
            *(f"{row[key]:.1f}" for key in columns),
        ]
        for row in report["checkpoints"]
    ]
    return ["model", "unchanged completions (%)", *columns.values()], rows


def summarized(rows: dict[str, dict[str, Report]], decimals: int) -> dict[str, dict[str, str]]:
    """Row -> column -> cell of a summary that was written as JSON."""
    return {
        name: {
            column: _cell((Difference if "p" in cell else Cell)(**cell), decimals)
            for column, cell in cells.items()
        }
        for name, cells in rows.items()
    }


def means(results: Results, decimals: int) -> Table:
    """The rows of evaluation.seeds."""
    (report,) = results.reports
    return _table(summarized(report["rows"], decimals))


def evaluations(results: Results) -> Table:
    """The rows of evaluation.cline_tables, all in one table."""
    (report,) = results.reports
    rows = {}
    for one in report["evaluations"]:
        share = "" if one["share"] == 1 else f", {100 * one['share']:g}%"
        for name, cells in summarized(one["rows"], results.kind.decimals).items():
            origin = {"seeds": str(len(one["seeds"])), "chosen on": text(one["selected_on"] or "-")}
            rows[f"{one['task']}, {one['kind']}{share}: {name}"] = origin | cells
    return _table(rows)
