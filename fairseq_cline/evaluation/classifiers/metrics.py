"""Metrics of classifiers and of regressions, each with its standard error.

A resample of the examples (bootstrap) is a draw of the confusion matrix, so all metrics are
functions of that matrix and of many at once. Shapes: K classes, N examples, R resamples, `...` any
leading dimensions. Shares are from 0 to 1, correlations from -1 to 1; what is undefined is 0.
"""

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from fairseq_cline.evaluation.encoders.correlations import (
    RESAMPLES,
    SEED,
    Score,
    correlation_score,
    pearson,
    share,
    spearman,
)


def confusion_matrix(actual: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts (K, K) of class numbers (N,) and (N,): actual classes down, predicted across."""
    cells = np.bincount(actual * classes + predicted, minlength=classes * classes)
    return cells.reshape(classes, classes)


def accuracy(matrix: np.ndarray) -> np.ndarray:
    """Share of the examples on the diagonal: (..., K, K) -> (...)"""
    return share(np.trace(matrix, axis1=-2, axis2=-1), matrix.sum((-2, -1)))


def f1_of_each(matrix: np.ndarray) -> np.ndarray:
    """F1 of each class: (..., K, K) -> (..., K)"""
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)
    return share(2 * hits, matrix.sum(-1) + matrix.sum(-2))


def f1(matrix: np.ndarray) -> np.ndarray:
    """F1 of the last class, in GLUE the positive one: (..., K, K) -> (...)"""
    return f1_of_each(matrix)[..., -1]


def macro_f1(matrix: np.ndarray) -> np.ndarray:
    """Mean F1 of the classes that occur or are predicted: (..., K, K) -> (...)"""
    there = (matrix.sum(-1) + matrix.sum(-2)) > 0
    return f1_of_each(matrix).sum(-1) / there.sum(-1)


def matthews(matrix: np.ndarray) -> np.ndarray:
    """Matthews' correlation, for K classes that of Gorodkin (2004): (..., K, K) -> (...)"""
    matrix = matrix.astype(np.float64)
    hits, total = np.trace(matrix, axis1=-2, axis2=-1), matrix.sum((-2, -1))
    actual, predicted = matrix.sum(-1), matrix.sum(-2)
    spread = [total**2 - (counts**2).sum(-1) for counts in (actual, predicted)]
    return share(hits * total - (actual * predicted).sum(-1), np.sqrt(spread[0] * spread[1]))


def classification_scores(matrix: np.ndarray) -> dict[str, Score]:
    """The metrics of a confusion matrix (K, K); F1 of two classes only."""
    metrics: dict[str, Callable] = {
        "accuracy": accuracy,
        "macro-F1": macro_f1,
        "Matthews": matthews,
    }
    if len(matrix) == 2:
        metrics["F1"] = f1
    cells, examples = matrix.ravel(), int(matrix.sum())
    drawn = np.random.default_rng(SEED).multinomial(examples, cells / examples, RESAMPLES)
    resamples = drawn.reshape(RESAMPLES, *matrix.shape)
    return {name: Score.of(f(matrix), f(resamples)) for name, f in metrics.items()}


def regression_scores(actual: np.ndarray, predicted: np.ndarray) -> dict[str, Score]:
    """Both correlations of (N,) and (N,) numbers."""
    metrics = {"Pearson": pearson, "Spearman": spearman}
    return {name: correlation_score(f, actual, predicted) for name, f in metrics.items()}


def clustered_share(values: Sequence[bool], clusters: Sequence[Hashable]) -> Score:
    """Share of the N values that are True; those of one cluster are not independent.

    The standard error is that of a mean of clusters: sqrt(sum over clusters of (sum of v - mean)^2)
    / N. With clusters of one it is that of a share, sqrt(p (1 - p) / N).

    Args:
        clusters: what each value belongs to.
    """
    numbers: dict[Hashable, int] = {}
    cluster = np.array([numbers.setdefault(key, len(numbers)) for key in clusters])
    value = np.array(values, dtype=np.float64)
    sums = np.bincount(cluster, weights=value - value.mean())
    return Score(100.0 * float(value.mean()), 100.0 * float(np.sqrt((sums**2).sum())) / len(value))
