"""Correlations with their error: many examples are resampled in parts."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from fairseq_cline.evaluation.encoders import correlations
from fairseq_cline.evaluation.encoders.correlations import correlation_score, spearman


def test_spearman_with_ties():
    rng = np.random.default_rng(1)
    actual, predicted = rng.integers(5, size=50), rng.integers(9, size=50)
    expected = spearmanr(actual, predicted).statistic
    assert spearman(actual, predicted) == pytest.approx(expected)


def test_the_error_hardly_depends_on_the_parts(monkeypatch):
    rng = np.random.default_rng(1)
    actual = rng.normal(size=60)
    predicted = actual + rng.normal(size=60)
    whole = correlation_score(spearman, actual, predicted)
    monkeypatch.setattr(correlations, "_AT_ONCE", 60 * 7)  # 143 parts, the last one smaller
    parts = correlation_score(spearman, actual, predicted)
    assert parts.value == whole.value
    assert parts.standard_error == pytest.approx(whole.standard_error, rel=0.1)
    assert correlation_score(spearman, actual, predicted) == parts


def test_what_is_undefined_is_zero():
    score = correlation_score(spearman, np.ones(5), np.arange(5.0))
    assert (score.value, score.standard_error) == (0.0, 0.0)
