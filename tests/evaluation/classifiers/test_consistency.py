"""Contrast consistency: scores against a slow version, and bad files."""

import math
import random

import pytest
from toy_classifier import CLASSES, ToyClassifier, toy_data

from data_prep.errors import InputError
from fairseq_cline.evaluation.classifiers.consistency import (
    contrast_scores,
    evaluate,
    examples_of,
    read_sets,
)


def test_scores_by_hand(sets_file):
    sets = read_sets(str(sets_file), toy_data(CLASSES))
    assert [[example.texts for example in examples_of([found])] for found in sets] == [
        [("x 1",), ("y 0",)],
        [("x 1",), ("y 1",), ("y 0",)],
        [("x 0",), ("z 0",)],
    ]
    result = evaluate(ToyClassifier(CLASSES), sets)
    assert result.original.value == pytest.approx(200 / 3)  # not c
    assert result.contrast.value == 75.0  # one of b is wrong
    assert result.consistency.value == pytest.approx(100 / 3)  # a alone


def slow_scores(sets: list[list[bool]]) -> tuple[float, float, float]:
    """Gardner et al. (2020), a set at a time."""
    originals = contrast = examples = consistent = 0
    for one in sets:
        originals += one[0]
        wrong = 0
        for answer in one[1:]:
            examples += 1
            contrast += answer
            wrong += not answer
        if one[0] and wrong == 0:
            consistent += 1
    return (
        100 * originals / len(sets),
        100 * contrast / examples,
        100 * consistent / len(sets),
    )


def test_against_the_slow_version():
    rng = random.Random(1)
    for size in (1, 2, 7, 300):
        sets = [[rng.random() < 0.7 for _ in range(1 + rng.randint(1, 5))] for _ in range(size)]
        scores = contrast_scores(sets)
        assert [score.value for score in scores.values()] == pytest.approx(slow_scores(sets))


def test_errors_are_those_of_independent_sets():
    rng = random.Random(1)
    sets = [[rng.random() < 0.8, *[rng.random() < 0.6] * 4] for _ in range(400)]
    scores = contrast_scores(sets)
    for score in scores.values():
        # The four contrast examples of a set are alike: no more information than one.
        share = score.value / 100
        error = 100 * math.sqrt(share * (1 - share) / len(sets))
        assert score.standard_error == pytest.approx(error, rel=0.1)
    assert contrast_scores(sets) == scores  # the resamples have a seed
    certain = contrast_scores([[True, True]] * 5)
    assert {score.standard_error for score in certain.values()} == {0.0}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a\toriginal\tgood", "line 8: not set<TAB>original|contrast<TAB>label<TAB>text; make"),
        ("a\tother\tgood\tx", "line 8: not set<TAB>original"),
        ("a\tcontrast\tpos\tx", "line 8: the label 'pos' is not one of data-bin .* --labels"),
        ("a\toriginal\tgood\tx", "set a has not one original and a contrast example"),
        ("d\tcontrast\tgood\tx", "set d has not one original"),
        ("d\toriginal\tgood\tx", "set d has not one original"),
    ],
)
def test_a_wrong_file(sets_file, line, message):
    with sets_file.open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(InputError, match=message.replace("|", r"\|")):
        read_sets(str(sets_file), toy_data(CLASSES))
    with pytest.raises(InputError, match="sets.tsv, line 1: not .*<TAB>text<TAB>text"):
        read_sets(str(sets_file), toy_data(CLASSES, texts=2))


def test_no_sets(tmp_path):
    (tmp_path / "empty.tsv").write_text("")
    for name, message in (("absent.tsv", "no such file; give sets.tsv"), ("empty.tsv", "no set")):
        with pytest.raises(InputError, match=f"{name}: {message}"):
            read_sets(str(tmp_path / name), toy_data(CLASSES))
