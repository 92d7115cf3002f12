"""The tables of a report: column heads, and rows of cells as HTML."""

from collections.abc import Callable
from typing import Any

from fairseq_cline.evaluation import seeds
from fairseq_cline.evaluation.label_distance import LabelDistance
from fairseq_cline.evaluation.reports.page import text

Table = tuple[list[str], list[list[str]]]
Tabulate = Callable[[list[dict]], Table]
"""The table of reports, one a seed."""

PAIRS = 5  # of classes, named in a cell


class StandardError(float):
    """Stands in a checkpoint's results for the figure that it belongs to."""


def over_seeds(reports: list[dict], decimals: int = 1) -> Table:
    """A row for each checkpoint name: the figures of `evaluation.seeds`."""
    errors = {}
    if len(reports) == 1:  # of several, the spread has this place
        errors = {row["name"]: _errors(row) for row in reports[0]["checkpoints"]}
    return _table(
        {
            name: {
                column: _cell(cell, decimals, errors.get(name, {}).get(column))
                for column, cell in cells.items()
            }
            for name, cells in seeds.summarize(reports).items()
        }
    )


def _errors(row: dict) -> dict[str, StandardError]:
    """Column -> standard error of the figures that have one."""
    found = seeds.figures(_with_errors(row))
    return {column: value for column, value in found.items() if isinstance(value, StandardError)}


def _with_errors(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    if "standard_error" in part:
        return dict.fromkeys(part, StandardError(part["standard_error"]))
    return {key: _with_errors(value) for key, value in part.items()}


def _table(rows: dict[str, dict[str, str]]) -> Table:
    """Of row -> column -> cell; not all rows need have all columns."""
    columns = dict.fromkeys(column for cells in rows.values() for column in cells)
    return ["model", *map(text, columns)], [
        [text(name), *(cells.get(column, "-") for column in columns)]
        for name, cells in rows.items()
    ]


def _cell(cell: seeds.Cell, decimals: int, error: StandardError | None = None) -> str:
    figure = seeds.mean_and_spread(cell, decimals)
    if error is not None:
        figure += f" ± {error:.{decimals}f}"
    if isinstance(cell, seeds.Difference) and cell.p is not None:
        figure += f"<br><small>p = {cell.p:.2g}</small>"
    return figure


def label_distances(reports: list[dict]) -> Table:
    """What was learned, and the pairs of classes that are furthest apart."""
    (report,) = reports
    rows = []
    for row in report["checkpoints"]:
        distance = LabelDistance(**row)
        pairs = distance.farthest_pairs(report["labels"], PAIRS)
        named = "<br>".join(f"{value:.2f}: {text(a)}, {text(b)}" for value, a, b in pairs)
        rows.append([text(distance.name), text(distance.origin()), named or "-"])
    return ["model", "how it came about", "largest distances"], rows


def neighbors(reports: list[dict]) -> Table:
    """A row for each word, a column for each model."""
    (report,) = reports
    found = {row["name"]: row["distances"] for row in report["checkpoints"]}
    words = [*next(iter(found.values()))]
    rows = [
        [text(word), *(text(", ".join(distances[word])) for distances in found.values())]
        for word in words
    ]
    return ["word", *map(text, found)], rows


def completions(reports: list[dict]) -> Table:
    """A row for each model."""
    (report,) = reports
    figures = {
        "perplexity_clean": "perplexity of its own completion",
        "perplexity_attacked": "the same, attacked",
        "text_perplexity_clean": "perplexity of the real continuation",
        "text_perplexity_attacked": "the same, attacked",
    }
    rows = [
        [
            text(row["name"]),
            f"{100 * row['unchanged']:.1f}",
            *(f"{row[key]:.1f}" for key in figures),
        ]
        for row in report["checkpoints"]
    ]
    return ["model", "unchanged completions (%)", *figures.values()], rows


def summary(reports: list[dict]) -> Table:
    """The rows of evaluation.seeds."""
    (report,) = reports
    return _table({name: _summarized(cells) for name, cells in report["rows"].items()})


def evaluations(reports: list[dict]) -> Table:
    """The rows of evaluation.cline_tables, all in one table."""
    (report,) = reports
    rows = {}
    for one in report["evaluations"]:
        share = "" if one["share"] == 1 else f", {100 * one['share']:g}%"
        for name, cells in one["rows"].items():
            origin = {"seeds": str(len(one["seeds"])), "chosen on": text(one["selected_on"] or "-")}
            rows[f"{one['task']}, {one['kind']}{share}: {name}"] = origin | _summarized(cells)
    return _table(rows)


def _summarized(cells: dict[str, dict]) -> dict[str, str]:
    """Column -> cell, of one row."""
    # Of representations, whose figures are small; the file does not say what it is of.
    decimals = 3 if any(column.endswith(": uniformity") for column in cells) else 1
    return {
        column: _cell((seeds.Difference if "p" in cell else seeds.Cell)(**cell), decimals)
        for column, cell in cells.items()
    }
