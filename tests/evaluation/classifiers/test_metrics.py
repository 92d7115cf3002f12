"""Metrics of classification against scikit-learn and SciPy, and their standard errors."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics

from fairseq_cline.evaluation.classifiers import metrics

RNG = np.random.default_rng(3)
CASES = {
    "two classes": (RNG.integers(2, size=60), RNG.integers(2, size=60), 2),
    "five classes": (RNG.integers(5, size=200), RNG.integers(5, size=200), 5),
    "mostly right": (np.arange(90) % 3, (np.arange(90) + (np.arange(90) % 7 == 0)) % 3, 3),
    "one is never predicted": (RNG.integers(3, size=50), RNG.integers(2, size=50), 3),
    "one does not occur": (RNG.integers(2, size=50), RNG.integers(3, size=50), 4),
    "all the same": (np.zeros(9, dtype=int), np.zeros(9, dtype=int), 2),
}


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


def test_metrics_are_those_of_scikit_learn(case):
    actual, predicted, classes = case
    matrix = metrics.confusion_matrix(actual, predicted, classes)
    labels = range(classes)
    theirs = sklearn.metrics.confusion_matrix(actual, predicted, labels=labels)
    assert np.array_equal(matrix, theirs)
    assert metrics.accuracy(matrix) == pytest.approx((actual == predicted).mean())
    macro = sklearn.metrics.f1_score(actual, predicted, average="macro")
    assert metrics.macro_f1(matrix) == pytest.approx(macro)
    matthews = sklearn.metrics.matthews_corrcoef(actual, predicted)
    assert metrics.matthews(matrix) == pytest.approx(matthews)
    if classes == 2:
        positive = sklearn.metrics.f1_score(actual, predicted, zero_division=0)
        assert metrics.f1(matrix) == pytest.approx(positive)


def test_many_matrices_at_once_are_one_by_one():
    matrices = RNG.integers(9, size=(4, 5, 3, 3))
    for metric in (metrics.accuracy, metrics.macro_f1, metrics.f1, metrics.matthews):
        together = metric(matrices)
        assert together.shape == (4, 5)
        for index in np.ndindex(4, 5):
            assert together[index] == pytest.approx(float(metric(matrices[index])))


def test_correlations_are_those_of_scipy():
    actual = np.round(RNG.normal(size=80), 1)  # with ties
    predicted = actual + RNG.normal(size=80)
    assert metrics.pearson(actual, predicted) == pytest.approx(
        scipy.stats.pearsonr(actual, predicted).statistic
    )
    assert metrics.spearman(actual, predicted) == pytest.approx(
        scipy.stats.spearmanr(actual, predicted).statistic
    )


def test_a_constant_prediction_has_no_correlation():
    constant = np.full(7, 0.1)  # its mean is not exactly 0.1
    scores = metrics.regression_scores(np.arange(7.0), constant)
    assert {name: score.value for name, score in scores.items()} == {"Pearson": 0, "Spearman": 0}


def test_scores_are_percentages_with_a_standard_error():
    matrix = np.array([[300, 100], [50, 550]])
    scores = metrics.classification_scores(matrix)
    assert list(scores) == ["accuracy", "macro-F1", "Matthews", "F1"]
    assert scores["accuracy"].value == pytest.approx(85.0)
    assert scores["F1"].value == pytest.approx(100 * 1100 / 1250)
    binomial = 100 * np.sqrt(0.85 * 0.15 / 1000)
    assert scores["accuracy"].standard_error == pytest.approx(binomial, rel=0.1)
    assert scores == metrics.classification_scores(matrix)  # the same resamples
    assert "F1" not in metrics.classification_scores(np.eye(3, dtype=int))


def test_the_standard_error_of_a_correlation():
    actual = RNG.normal(size=400)
    predicted = 0.6 * actual + 0.8 * RNG.normal(size=400)
    score = metrics.regression_scores(actual, predicted)["Pearson"]
    expected = 100 * (1 - (score.value / 100) ** 2) / np.sqrt(400)  # for normal variables
    assert score.standard_error == pytest.approx(expected, rel=0.2)


def test_the_error_of_independent_values_is_that_of_a_share():
    values = (RNG.random(50) < 0.3).tolist()
    share = np.mean(values)
    score = metrics.clustered_share(values, range(50))
    assert score.value == pytest.approx(100 * share)
    assert score.standard_error == pytest.approx(100 * np.sqrt(share * (1 - share) / 50))
    # Each value four times is no new information.
    again = metrics.clustered_share(values * 4, [*range(50)] * 4)
    assert again.standard_error == pytest.approx(score.standard_error)
