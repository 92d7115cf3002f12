"""Correlations of numbers in percent, each with its standard error (bootstrap).

Shapes: N examples, `...` any leading dimensions. Correlations are from -1 to 1; what is undefined
is 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

RESAMPLES = 1000
SEED = 1  # seed of the resamples
_AT_ONCE = 1 << 23  # examples of the resamples that are in memory

Correlation = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Score:
    """A metric in percent, as GLUE gives every one, with its standard error."""

    value: float
    standard_error: float

    def __str__(self) -> str:
        return f"{self.value:.1f} ± {self.standard_error:.1f}"

    @classmethod
    def of(cls, value: np.ndarray, resamples: np.ndarray) -> "Score":
        """The score of a metric, and of its values (R,) on R resamples of the examples."""
        return cls(100.0 * float(value), 100.0 * float(resamples.std(ddof=1)))


def pearson(actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Correlation of numbers: (..., N), (..., N) -> (...)"""
    varies = (np.ptp(actual, axis=-1) > 0) & (np.ptp(predicted, axis=-1) > 0)
    actual, predicted = (x - x.mean(-1, keepdims=True) for x in (actual, predicted))
    norms = np.linalg.norm(actual, axis=-1) * np.linalg.norm(predicted, axis=-1)
    return share((actual * predicted).sum(-1), norms * varies)


def spearman(actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Correlation of ranks: (..., N), (..., N) -> (...)"""
    return pearson(rankdata(actual, axis=-1), rankdata(predicted, axis=-1))


def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """The quotient, 0 where the whole is not above 0."""
    return np.divide(part, whole, out=np.zeros(np.shape(whole)), where=np.asarray(whole) > 0)


def correlation_score(metric: Correlation, actual: np.ndarray, predicted: np.ndarray) -> Score:
    """A correlation of (N,) and (N,) numbers, with its error from resampled examples."""
    rng, examples = np.random.default_rng(SEED), len(actual)
    resamples: list[np.ndarray] = []
    while (left := RESAMPLES - sum(map(len, resamples))) > 0:
        shape = (min(left, max(1, _AT_ONCE // examples)), examples)
        drawn = rng.integers(examples, size=shape)
        resamples.append(metric(actual[drawn], predicted[drawn]))
    return Score.of(metric(actual, predicted), np.concatenate(resamples))
