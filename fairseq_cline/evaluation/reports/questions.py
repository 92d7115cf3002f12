"""The questions that a page answers about results, and what tells that a classifier is at chance."""

import re
from collections.abc import Sequence

from fairseq_cline.evaluation.reports.kind import Question, Report

_ATTACKED = re.compile(r"(?P<where>.*)ε = (?P<epsilon>[\d.e+-]+)")
# Standard errors: nearer to chance than this, a figure is not told from it.
_NEAR = 2.0


def hits(columns: Sequence[str]) -> list[Question]:
    """Hits of each measure."""
    return [Question(column) for column in columns if column.startswith("Hits ")]


def similarities(columns: Sequence[str]) -> list[Question]:
    """The means of all sets: similarity and opposites, by each feature."""
    return [Question(one) for one in columns if one.startswith(("STS by", "opposites by"))]


def invariances(columns: Sequence[str]) -> list[Question]:
    """Accuracy, and the flips of all kinds of changes."""
    return [Question("accuracy"), Question("flip rate", greater_is_better=False)]


def perplexities(columns: Sequence[str]) -> list[Question]:
    """Perplexity without attack, and under the strongest."""
    asked = [column for column in columns if not _ATTACKED.fullmatch(column)]
    return [Question(one, greater_is_better=False) for one in [*asked, *_strongest(columns)]]


def translations(columns: Sequence[str]) -> list[Question]:
    """BLEU without attack, under the strongest of each choice of words, and each other wording."""
    asked = [column for column in columns if not _ATTACKED.fullmatch(column)]
    return [*map(Question, [*asked, *_strongest(columns)])]


def _strongest(columns: Sequence[str]) -> list[str]:
    """The columns of the largest ε, which comes last, of those that differ in ε alone."""
    matches = [match for match in map(_ATTACKED.fullmatch, columns) if match]
    return [*{match["where"]: match[0] for match in matches}.values()]


def sees_the_future(row: Report) -> str:
    """The reason why the perplexity of a language model is no result; "" if it is one."""
    return "it sees the words that it predicts" if row.get("leaks_future") else ""


def guessed_class(row: Report, report: Report) -> str:
    """The reason why a classification or regression is at chance; "" if it is not."""
    metrics = row["metrics"]
    if "accuracy" not in metrics:
        pearson = metrics["Pearson"]
        return "a correlation of 0" if _near(pearson, 0.0) else ""
    counts = [sum(line) for line in row.get("confusion") or []]
    if not sum(counts):
        return ""
    largest = 100.0 * max(counts) / sum(counts)
    return (
        f"{largest:.1f}, that of the largest class alone"
        if _near(metrics["accuracy"], largest)
        else ""
    )


def one_answer(row: Report, report: Report) -> str:
    """The reason why a model of contrast sets is at chance; "" if it is not."""
    if _near(row["consistency"], 0.0):
        return "no set right, as if one class were given to all texts"
    return ""


def guessed_of_classes(accuracy: Report, report: Report) -> str:
    """The reason why an accuracy is at chance; "" if it is not, or the classes are not known."""
    labels = report.get("labels")
    if not labels:
        return ""
    chance = 100.0 / len(labels)
    return f"{chance:.1f}, that of a guess" if _near(accuracy, chance) else ""


def _near(score: Report, chance: float) -> bool:
    """Whether a figure is at chance, within its error, or below."""
    return score["value"] <= chance + _NEAR * (score["standard_error"] or 0.0)
