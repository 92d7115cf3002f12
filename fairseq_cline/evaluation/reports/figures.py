"""The figures of results: what of the reports is drawn, and how.

Curves are means over the seeds, bands and whiskers their standard deviation.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from fairseq_cline.evaluation.reports.columns import (
    CONTRAST_MEASURES,
    HITS_MEASURES,
    SIMILARITY_FEATURES,
    SIMILARITY_MEASURES,
)
from fairseq_cline.evaluation.reports.drawing import lines, matrices, pairs, rows
from fairseq_cline.evaluation.reports.kind import Report, Results
from fairseq_cline.evaluation.reports.statistics import standard_errors, summarize

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_PANELS = 3  # more would be too small to read
# Beginning of a column's name -> what it counts, if not percent.
UNITS = {
    **dict.fromkeys(("STS", "Pearson", "Spearman", "Matthews"), "correlation x 100"),
    "negations": "cosine x 100",
    "queries": "texts",
}


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


def unit_of(column: str) -> str:
    """The unit of a column of figures that are drawn as dots."""
    return next((unit for start, unit in UNITS.items() if column.startswith(start)), "percent")


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


def similarity_bars(results: Results) -> Figure:
    """Every set by each feature, of one seed: a panel for each measure, with its price beside it."""
    (report,) = results.reports
    panels = {
        title: {
            row["name"]: {
                f"{name}, {feature}": _bar(scored["score"])
                for key, feature in SIMILARITY_FEATURES.items()
                for name, scored in row["features"][key][measure].items()
            }
            for row in report["checkpoints"]
        }
        for measure, title in SIMILARITY_MEASURES.items()
        if report["split"].get(measure)
    }
    return rows.bars(panels, {title: unit_of(title) for title in panels})


def invariance_bars(results: Results) -> Figure:
    """Accuracies and flip rate of one seed, by kind of change."""
    (report,) = results.reports
    return rows.bars(
        {
            title: {
                row["name"]: {kind: _bar(found[measure]) for kind, found in row["kinds"].items()}
                for row in report["checkpoints"]
            }
            for title, measure in (
                ("accuracy, untouched", "original"),
                ("accuracy, changed", "perturbed"),
                ("flip rate", "flips"),
            )
        }
    )


def contrast_bars(results: Results) -> Figure:
    """Both accuracies and the consistency of one seed."""
    (report,) = results.reports
    names = results.kind.full_names
    bars = {
        row["name"]: {
            names.get(title, title): _bar(row[measure])
            for measure, title in CONTRAST_MEASURES.items()
        }
        for row in report["checkpoints"]
    }
    return rows.bars({"accuracies and consistency": bars})


def attack_bars(results: Results) -> Figure:
    """Accuracy before and under an attack, of one seed."""
    (report,) = results.reports
    bars = {
        row["name"]: {
            "without attack": _bar(row["attack"]["accuracy"]),
            "under attack": _bar(row["attack"]["under_attack"]),
        }
        for row in report["checkpoints"]
    }
    return rows.bars({f"accuracy, attack: {report['split']['attack']}": bars})


def example_bars(results: Results) -> Figure:
    """Accuracy on ready adversarial examples, of one seed."""
    (report,) = results.reports
    bars = {
        row["name"]: {"accuracy": _bar(row["metrics"]["accuracy"])} for row in report["checkpoints"]
    }
    return rows.bars({"adversarial examples": bars})


def _bar(score: Mapping[str, Any] | None) -> tuple[float, float] | None:
    return score and (score["value"], score["standard_error"])


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
