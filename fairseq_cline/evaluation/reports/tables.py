"""The tables of a page: column heads, and rows of cells, both as HTML.

A wide table becomes several, one below the other, so that none is wider than a page.
"""

import re

from fairseq_cline.evaluation.reports.kind import Report, Results, Table
from fairseq_cline.evaluation.reports.notes import farthest_pairs, label_distance_origin
from fairseq_cline.evaluation.reports.page import text
from fairseq_cline.evaluation.reports.statistics import (
    Cell,
    Difference,
    mean_and_spread,
    standard_errors,
    summarize,
)

NONE = "-"  # no figure
_MOST_COLUMNS = 7
_GROUP = re.compile(r"(.+?)(?:: |, (?=ε))(.+)")  # group and name of a column

PAIRS = 5  # pairs of classes that a cell names


def over_seeds(results: Results) -> list[Table]:
    """A row for each checkpoint: the columns of its kind, ± their spread or standard error."""
    errors = standard_errors(results)
    decimals = results.kind.decimals
    rows = {
        name: {
            results.kind.full_names.get(column, column): _cell(
                cell, decimals, errors.get(name, {}).get(column)
            )
            for column, cell in cells.items()
        }
        for name, cells in summarize(results).items()
    }
    return _tables(rows)


def _tables(rows: dict[str, dict[str, str]], caption: str = "") -> list[Table]:
    """Tables of row -> column -> cell; not all rows need have all columns. None is too wide."""
    columns = dict.fromkeys(column for cells in rows.values() for column in cells)
    filled = [
        column
        for column in columns
        if any(cells.get(column, NONE) != NONE for cells in rows.values())
    ]
    return [
        Table(
            ["model", *map(text, heads.values())],
            [
                [text(name), *(cells.get(column, NONE) for column in heads)]
                for name, cells in rows.items()
            ],
            text(": ".join(filter(None, [caption, group]))),
        )
        for group, heads in _parts(filled)
    ]


def _parts(columns: list[str]) -> list[tuple[str, dict[str, str]]]:
    """The columns of each table: its caption, and column -> head. Groups stay together."""
    if len(columns) <= _MOST_COLUMNS:
        return [("", {column: column for column in columns})]
    parts: list[tuple[str, dict[str, str]]] = []
    for column in columns:
        match = _GROUP.fullmatch(column)
        group, head = match.groups() if match else ("", column)
        if not parts or parts[-1][0] != group or len(parts[-1][1]) == _MOST_COLUMNS:
            parts.append((group, {}))
        parts[-1][1][column] = head
    return parts


def _cell(cell: Cell, decimals: int, error: float | None = None) -> str:
    figure = mean_and_spread(cell, decimals)
    if error is not None:
        figure += f" ± {error:.{decimals}f}"
    if isinstance(cell, Difference) and cell.p is not None:
        figure += f"<br><small>p = {cell.p:.2g}</small>"
    return figure


def label_distances(results: Results) -> list[Table]:
    """How the distances came about, and the pairs of classes that are furthest apart."""
    (report,) = results.reports
    rows = []
    for row in report["checkpoints"]:
        origin = label_distance_origin(row["kind"], row["updates"], row["validations"])
        pairs = farthest_pairs(row["matrix"], report["labels"], PAIRS)
        named = "<br>".join(f"{value:.2f}: {text(a)}, {text(b)}" for value, a, b in pairs)
        rows.append([text(row["name"]), text(origin), named or NONE])
    return [Table(["model", "how it came about", "largest distances"], rows)]


def neighbors(results: Results) -> list[Table]:
    """A row for each word, a column for each model."""
    (report,) = results.reports
    found = {row["name"]: row["distances"] for row in report["checkpoints"]}
    words = [*next(iter(found.values()))]
    rows = [
        [text(word), *(text(", ".join(distances[word])) for distances in found.values())]
        for word in words
    ]
    return [Table(["word", *map(text, found)], rows)]


def completions(results: Results) -> list[Table]:
    """A row for each model."""
    (report,) = results.reports
    columns = {
        "perplexity_clean": "perplexity of its completions",
        "perplexity_attacked": "of its completions, attacked",
        "text_perplexity_clean": "perplexity of beginning and completion",
        "text_perplexity_attacked": "of both, attacked",
    }
    rows = [
        [
            text(row["name"]),
            f"{100 * row['unchanged']:.1f}",
            *(f"{row[key]:.1f}" for key in columns),
        ]
        for row in report["checkpoints"]
    ]
    return [Table(["model", "unchanged completions (%)", *columns.values()], rows)]


def summarized(rows: dict[str, dict[str, Report]], decimals: int) -> dict[str, dict[str, str]]:
    """Row -> column -> cell of a summary that was written as JSON."""
    return {
        name: {
            column: _cell((Difference if "p" in cell else Cell)(**cell), decimals)
            for column, cell in cells.items()
        }
        for name, cells in rows.items()
    }


def means(results: Results, decimals: int) -> list[Table]:
    """The rows of evaluation.seeds."""
    (report,) = results.reports
    return _tables(summarized(report["rows"], decimals))


def evaluations(results: Results) -> list[Table]:
    """The rows of evaluation.cline_tables: a table for each kind of evaluation."""
    (report,) = results.reports
    kinds: dict[str, dict[str, dict[str, str]]] = {}
    for one in report["evaluations"]:
        share = "" if one["share"] == 1 else f", {100 * one['share']:g}%"
        rows = kinds.setdefault(one["kind"], {})
        for name, cells in summarized(one["rows"], results.kind.decimals).items():
            origin = {
                "seeds": str(len(one["seeds"])),
                "chosen on": text(one["selected_on"] or NONE),
            }
            rows[f"{one['task']}{share}: {name}"] = origin | cells
    return [table for kind, rows in kinds.items() for table in _tables(rows, _in_words(kind))]


def _in_words(kind: str) -> str:
    """The kind of an evaluation, as evaluation.cline_tables calls it, for readers."""
    known = {"contrast": "Contrast sets", "adversarial": "Adversarial examples"}
    return known.get(kind) or kind.replace("attack-", "Attack by ", 1)
