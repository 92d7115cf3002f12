"""Label distances in checkpoints: how they came about, and which are the largest."""

import pytest
import torch

from data_prep.errors import InputError
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin
from fairseq_cline.evaluation.classifiers.learned_distances import (
    LearnedDistances,
    describe,
    read_distances,
)


def distances(matrix, kind="adaptive", updates=2, validations=30) -> LearnedDistances:
    return LearnedDistances("a", "", kind, updates, validations, matrix)


def test_a_checkpoint_of_clld_is_a_classifier_that_names_its_classes(write_clld, opinions):
    """Its configuration has -1 for their number: the task counts them."""
    path = write_clld("a.pt", [[1.0, 2.0], [3.0, 1.0]], updates=1, validations=2)
    assert torch.load(path, weights_only=True)["cfg"]["task"]["num_classes"] == -1
    classifier = load_classifier(str(path), open_databin(str(opinions)))
    assert classifier.probabilities(["the film was fine"]).shape == (1, 2)


def test_the_farthest_pairs_come_first_by_the_mean_of_both_directions():
    matrix = [[1.0, 1.5, 5.0], [1.5, 1.0, 1.0], [2.0, 1.0, 1.0]]
    lines = describe(distances(matrix), ["art", "car", "dog"], top=5).splitlines()
    assert lines[1:] == ["    3.50  art, dog", "    1.50  art, car"]
    assert describe(distances(matrix), ["art", "car", "dog"], top=1).count("\n") == 1


@pytest.mark.parametrize("kind", ["static", "none"])
def test_a_matrix_that_was_given_is_not_taken_for_a_learned_one(kind):
    text = describe(distances([[1.0, 5.0], [5.0, 1.0]], kind, 0), ["a", "b"], 1)
    assert text.splitlines() == [
        f"a: --label-distance {kind}: nothing was learned",
        "    5.00  a, b",
    ]


def test_a_checkpoint_without_distances_is_refused(opinions, opinion_classifier):
    with pytest.raises(InputError, match="checkpoint_last.pt: no label distances in it; give"):
        read_distances(str(opinion_classifier), open_databin(str(opinions)), "a")


def test_a_checkpoint_of_other_classes_is_refused(write_clld, pair_databin):
    path = write_clld("a.pt", [[1.0, 2.0], [3.0, 1.0]], updates=1, validations=2)
    with pytest.raises(InputError, match="a.pt knows 2 classes, .* has 3; give"):
        read_distances(str(path), open_databin(str(pair_databin)), "a")
