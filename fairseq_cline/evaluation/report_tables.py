"""The tables of a report: column heads, and rows of cells as HTML."""

from collections.abc import Callable

from fairseq_cline.evaluation import seeds
from fairseq_cline.evaluation.label_distance import LabelDistance
from fairseq_cline.evaluation.report_page import text

Table = tuple[list[str], list[list[str]]]
Tabulate = Callable[[list[dict]], Table]
"""The table of reports, one a seed."""

PAIRS = 5  # of classes, named in a cell


def over_seeds(reports: list[dict], decimals: int = 1) -> Table:
    """A row for each checkpoint name: the figures of `evaluation.seeds`."""
    rows = seeds.summarize(reports)
    columns = ["model", *map(text, next(iter(rows.values())))]
    return columns, [
        [text(name), *(_cell(cell, decimals) for cell in cells.values())]
        for name, cells in rows.items()
    ]


def _cell(cell: seeds.Cell, decimals: int) -> str:
    figure = seeds.mean_and_spread(cell, decimals)
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


def neighbours(reports: list[dict]) -> Table:
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
