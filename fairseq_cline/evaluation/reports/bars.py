"""The bars of the results of one seed: what of its report is drawn.

Whiskers are standard errors, where they are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fairseq_cline.evaluation.reports.columns import (
    CONTRAST_MEASURES,
    SIMILARITY_FEATURES,
    SIMILARITY_MEASURES,
    unit_of,
)
from fairseq_cline.evaluation.reports.drawing import rows
from fairseq_cline.evaluation.reports.kind import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
