"""The figures of results over their seeds: what of the reports is drawn, and how.

Curves are means over the seeds, bands and whiskers their standard deviation.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from typing import TYPE_CHECKING

from fairseq_cline.evaluation.reports.columns import HITS_MEASURES, unit_of
from fairseq_cline.evaluation.reports.drawing import lines, matrices, pairs, rows
from fairseq_cline.evaluation.reports.kind import Report, Results
from fairseq_cline.evaluation.reports.statistics import standard_errors, summarize

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_PANELS = 3  # more would be too small to read


def hits(results: Results) -> Figure:
    """Hits of each measure against the layer."""
    first = results.reports[0]["checkpoints"][0]
    panels = {
        title: {
            seeds[0]["name"]: _curve([_layers(row, measure) for row in seeds])
            for seeds in results.rows()
        }
        for measure, title in HITS_MEASURES.items()
        if measure in first
    }
    return lines.by_layer(panels, "Hits (%)", chance=50.0, band=_band(results))


def _layers(row: Report, measure: str) -> list[float]:
    """Hits of each layer; the embedding of [CLS] is that of any sentence, and tells nothing."""
    return [math.nan, *row[measure][1:]] if measure == "cls" else row[measure]


def perplexities(results: Results) -> Figure:
    """Perplexity of all tokens, and of those after the perturbed word, against the perturbation."""
    panels = {
        title: {seeds[0]["name"]: _curve([row[key] for row in seeds]) for seeds in results.rows()}
        for key, title in (
            ("perplexity", "all tokens"),
            ("perplexity_after", "after the perturbed word"),
        )
    }
    epsilon = results.reports[0]["checkpoints"][0]["epsilon"]
    return lines.by_epsilon(epsilon, panels, "perplexity", _unit(results), _band(results))


def translations(results: Results) -> Figure:
    """BLEU against the perturbation, for each choice of words."""
    first = results.reports[0]["checkpoints"][0]
    panels = {
        f"attacked: {which}": {
            seeds[0]["name"]: _curve([row["bleu"][which] for row in seeds])
            for seeds in results.rows()
        }
        for which in first["bleu"]
    }
    return lines.by_epsilon(first["epsilon"], panels, "BLEU", _unit(results), _band(results))


def cosines(results: Results) -> Figure:
    """Histograms of the cosines of pairs, of all seeds as one."""
    models = {
        seeds[0]["name"]: {
            kind: vectors and _cosines([row["features"][kind] for row in seeds])
            for kind, vectors in seeds[0]["features"].items()
        }
        for seeds in results.rows()
    }
    return pairs.cosine_histograms(models)


def _cosines(seeds: list[Report]) -> Report:
    return {
        which: {
            "mean": statistics.mean(seed[which]["mean"] for seed in seeds),
            "histogram": _mean(seed[which]["histogram"] for seed in seeds),
        }
        for which in ("positive", "random")
    }


def dots(results: Results) -> Figure:
    """The first figures of the table, seed by seed."""
    summary = summarize(results, against=[])
    errors = standard_errors(results)
    columns = [*next(iter(summary.values()))][:MAX_PANELS]
    panels = {
        results.kind.full_names.get(column, column): rows.Panel(
            unit_of(column),
            {
                name: rows.Dots(
                    [value for value in cells[column].seeds if value is not None],
                    errors.get(name, {}).get(column, cells[column].spread),
                )
                for name, cells in summary.items()
            },
        )
        for column in columns
    }
    whisker = "standard deviation over the seeds; a dot is a seed"
    if len(results.reports) == 1:
        whisker = "standard error over the examples, where it is known; one seed"
    return rows.dots(panels, f"whiskers: ± {whisker}")


def confusions(results: Results) -> Figure | None:
    """Confusion matrices: the counts of all seeds together. A regression has none."""
    labels = results.reports[0]["labels"]
    if not labels:
        return None
    models = {
        seeds[0]["name"]: [
            [sum(counts) for counts in zip(*same, strict=True)]
            for same in zip(*(row["confusion"] for row in seeds), strict=True)
        ]
        for seeds in results.rows()
    }
    return matrices.confusions(labels, models)


def label_distances(results: Results) -> Figure:
    """The matrix of each model."""
    (report,) = results.reports
    models = {row["name"]: row["matrix"] for row in report["checkpoints"]}
    return matrices.label_distances(report["labels"], models)


def _mean(lists: Iterable[list[float]]) -> list[float]:
    """The mean of lists of equal length, element by element."""
    return [statistics.mean(values) for values in zip(*lists, strict=True)]


def _curve(seeds: list[list[float]]) -> lines.Curve:
    """The mean of the seeds, element by element, and their standard deviation."""
    if len(seeds) == 1:
        return lines.Curve(seeds[0], None)
    spreads = [_spread(values) for values in zip(*seeds, strict=True)]
    return lines.Curve(_mean(seeds), spreads)


def _spread(values: tuple[float, ...]) -> float:
    # statistics.stdev refuses nan.
    return math.nan if any(map(math.isnan, values)) else statistics.stdev(values)


def _band(results: Results) -> str:
    count = len(results.reports)
    return f"bands: ± standard deviation over {count} seeds" if count > 1 else "one seed"


def _unit(results: Results) -> str:
    return " / length of the embedding" if results.reports[0]["relative_epsilon"] else ""
