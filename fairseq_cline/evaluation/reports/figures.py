"""The figures of results: what of the reports is drawn, and how. Curves are means over the seeds."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from fairseq_cline.evaluation.reports import plots
from fairseq_cline.evaluation.reports.columns import (
    CONTRAST_MEASURES,
    HITS_MEASURES,
    SIMILARITY_FEATURES,
    SIMILARITY_MEASURES,
)
from fairseq_cline.evaluation.reports.kind import Report, Results
from fairseq_cline.evaluation.reports.statistics import summarize

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_PANELS = 3  # more would be too small to read


def hits(results: Results) -> Figure:
    """Hits of each measure against the layer."""
    first = results.reports[0]["checkpoints"][0]
    panels = {
        title: {rows[0]["name"]: _mean(row[measure] for row in rows) for rows in results.rows()}
        for measure, title in HITS_MEASURES.items()
        if measure in first
    }
    return plots.lines_by_layer(panels, ylabel="Hits (%)", chance=50.0)


def perplexities(results: Results) -> Figure:
    """Perplexity of all tokens, and of those after the perturbed word, against the perturbation."""
    panels = {
        title: {rows[0]["name"]: _mean(row[key] for row in rows) for rows in results.rows()}
        for key, title in (
            ("perplexity", "all tokens"),
            ("perplexity_after", "after the perturbed word"),
        )
    }
    epsilon = results.reports[0]["checkpoints"][0]["epsilon"]
    return plots.lines_by_epsilon(epsilon, panels, "perplexity", _unit(results))


def translations(results: Results) -> Figure:
    """BLEU against the perturbation, for each choice of words."""
    first = results.reports[0]["checkpoints"][0]
    panels = {
        which: {
            rows[0]["name"]: _mean(row["bleu"][which] for row in rows) for rows in results.rows()
        }
        for which in first["bleu"]
    }
    return plots.lines_by_epsilon(first["epsilon"], panels, "BLEU", _unit(results))


def cosines(results: Results) -> Figure:
    """Histograms of the cosines of pairs, of all seeds as one."""
    models = {
        rows[0]["name"]: {
            kind: vectors and _cosines([row["features"][kind] for row in rows])
            for kind, vectors in rows[0]["features"].items()
        }
        for rows in results.rows()
    }
    return plots.cosine_histograms(models)


def _cosines(seeds: list[Report]) -> Report:
    return {
        pairs: {
            "mean": statistics.mean(seed[pairs]["mean"] for seed in seeds),
            "histogram": _mean(seed[pairs]["histogram"] for seed in seeds),
        }
        for pairs in ("positive", "random")
    }


def dots(results: Results) -> Figure:
    """The first figures of the table, seed by seed."""
    rows = summarize(results, against=[])
    columns = [*next(iter(rows.values()))][:MAX_PANELS]
    panels = {
        column: {
            name: [value for value in cells[column].seeds if value is not None]
            for name, cells in rows.items()
        }
        for column in columns
    }
    return plots.dots_by_model(panels)


def confusions(results: Results) -> Figure | None:
    """Confusion matrices: the counts of all seeds together. A regression has none."""
    labels = results.reports[0]["labels"]
    if not labels:
        return None
    models = {
        rows[0]["name"]: [
            [sum(counts) for counts in zip(*lines, strict=True)]
            for lines in zip(*(row["confusion"] for row in rows), strict=True)
        ]
        for rows in results.rows()
    }
    return plots.confusion_matrices(labels, models)


def label_distances(results: Results) -> Figure:
    """The matrix of each model."""
    (report,) = results.reports
    matrices = {row["name"]: row["matrix"] for row in report["checkpoints"]}
    return plots.label_distances(report["labels"], matrices)


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
    return plots.bars_by_kind(panels)


def invariance_bars(results: Results) -> Figure:
    """Accuracies and flip rate of one seed, by kind of change."""
    (report,) = results.reports
    return plots.bars_by_kind(
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
    bars = {
        row["name"]: {title: _bar(row[measure]) for measure, title in CONTRAST_MEASURES.items()}
        for row in report["checkpoints"]
    }
    return plots.bars_by_kind({"contrast sets": bars})


def attack_bars(results: Results) -> Figure:
    """Accuracy before and under an attack, of one seed."""
    (report,) = results.reports
    bars = {
        row["name"]: {name: _bar(row["attack"][name]) for name in ("accuracy", "under_attack")}
        for row in report["checkpoints"]
    }
    return plots.bars_by_kind({report["split"]["attack"]: bars})


def example_bars(results: Results) -> Figure:
    """Accuracy on ready adversarial examples, of one seed."""
    (report,) = results.reports
    bars = {
        row["name"]: {"accuracy": _bar(row["metrics"]["accuracy"])} for row in report["checkpoints"]
    }
    return plots.bars_by_kind({"adversarial examples": bars})


def _bar(score: Mapping[str, Any]) -> tuple[float, float]:
    return score["value"], score["standard_error"]


def _mean(lists: Iterable[list[float]]) -> list[float]:
    """The mean of lists of equal length, element by element."""
    return [statistics.mean(values) for values in zip(*lists, strict=True)]


def _unit(results: Results) -> str:
    return " / length of the embedding" if results.reports[0]["relative_epsilon"] else ""
