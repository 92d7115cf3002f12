"""The figures of a report: from the JSON of one evaluation, one a seed, to a PNG.

Curves are means over the seeds. Importing this module needs matplotlib.
"""

import os
import statistics
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace

import matplotlib

from fairseq_cline.evaluation import seeds
from fairseq_cline.evaluation.hits import MEASURES
from fairseq_cline.evaluation.reports import plots

Draw = Callable[[str, list[dict]], None]
"""Draws reports, one a seed, into a file."""

MAX_PANELS = 3  # more would be too small to read


def png(draw: Draw, reports: list[dict]) -> bytes:
    """What `draw` draws, names with a $ in them as they are."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "figure.png")
        with matplotlib.rc_context({"text.parse_math": False}):
            draw(path, reports)
        return Path(path).read_bytes()


def hits(path: str, reports: list[dict]) -> None:
    panels = {
        title: {rows[0]["name"]: _mean([row[measure] for row in rows]) for rows in _rows(reports)}
        for measure, title in MEASURES.items()
        if measure in reports[0]["checkpoints"][0]
    }
    plots.lines_by_layer(path, panels, ylabel="Hits (%)", chance=50.0)


def perplexities(path: str, reports: list[dict]) -> None:
    panels = {
        title: {rows[0]["name"]: _mean([row[key] for row in rows]) for rows in _rows(reports)}
        for key, title in (
            ("perplexity", "all tokens"),
            ("perplexity_after", "after the perturbed word"),
        )
    }
    epsilon = reports[0]["checkpoints"][0]["epsilon"]
    plots.lines_by_epsilon(path, epsilon, panels, "perplexity", _unit(reports))


def translations(path: str, reports: list[dict]) -> None:
    first = reports[0]["checkpoints"][0]
    panels = {
        which: {
            rows[0]["name"]: _mean([row["bleu"][which] for row in rows]) for rows in _rows(reports)
        }
        for which in first["bleu"]
    }
    plots.lines_by_epsilon(path, first["epsilon"], panels, "BLEU", _unit(reports))


def cosines(path: str, reports: list[dict]) -> None:
    """Histograms of all seeds, as one."""
    models = {
        rows[0]["name"]: {
            kind: vectors
            and SimpleNamespace(
                **{
                    pairs: SimpleNamespace(
                        mean=statistics.mean(row["features"][kind][pairs]["mean"] for row in rows),
                        histogram=_mean(
                            [row["features"][kind][pairs]["histogram"] for row in rows]
                        ),
                    )
                    for pairs in ("positive", "random")
                }
            )
            for kind, vectors in rows[0]["features"].items()
        }
        for rows in _rows(reports)
    }
    plots.cosine_histograms(path, models)


def dots(path: str, reports: list[dict]) -> None:
    """The first figures of the table, seed by seed."""
    rows = seeds.summarize(reports, against=[])
    columns = [*next(iter(rows.values()))][:MAX_PANELS]
    panels = {
        column: {
            name: [value for value in cells[column].seeds if value is not None]
            for name, cells in rows.items()
        }
        for column in columns
    }
    plots.dots_by_model(path, panels)


def confusions(path: str, reports: list[dict]) -> None:
    """Counts of all seeds together."""
    models = {
        rows[0]["name"]: [
            [sum(counts) for counts in zip(*lines, strict=True)]
            for lines in zip(*(row["confusion"] for row in rows), strict=True)
        ]
        for rows in _rows(reports)
    }
    plots.confusion_matrices(path, reports[0]["labels"], models)


def label_distances(path: str, reports: list[dict]) -> None:
    (report,) = reports
    matrices = {row["name"]: row["matrix"] for row in report["checkpoints"]}
    plots.label_distances(path, report["labels"], matrices)


def _rows(reports: list[dict]) -> Iterable[tuple[dict, ...]]:
    """For each checkpoint name what was found, seed by seed."""
    return zip(*(report["checkpoints"] for report in reports), strict=True)


def _mean(lists: list[list[float]]) -> list[float]:
    """Element by element."""
    return [statistics.mean(values) for values in zip(*lists, strict=True)]


def _unit(reports: list[dict]) -> str:
    return " / length of the embedding" if reports[0]["relative_epsilon"] else ""
