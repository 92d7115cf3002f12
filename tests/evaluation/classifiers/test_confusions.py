"""Pairs of classes that are confused most, from confusion matrices."""

import numpy as np

from fairseq_cline.evaluation.classifiers.confusions import most_confused, read_confusions
from fairseq_cline.evaluation.reports.report_file import write_report

LABELS = ["art", "ball game", "car", "dog"]
CONFUSION = [[9, 0, 2, 0], [1, 8, 3, 0], [1, 0, 7, 0], [0, 1, 0, 9]]


def test_both_directions_count_and_ties_keep_the_order_of_the_labels():
    pairs = most_confused(LABELS, np.array(CONFUSION), top=9)
    assert [(pair.first, pair.second, pair.confused) for pair in pairs] == [
        ("art", "car", 3),
        ("ball game", "car", 3),
        ("art", "ball game", 1),
        ("ball game", "dog", 1),
    ]
    assert most_confused(LABELS, np.array(CONFUSION), top=1) == pairs[:1]


def test_the_checkpoints_of_a_file_are_added(tmp_path):
    other = [[9, 0, 0, 0], [0, 9, 0, 0], [0, 0, 9, 0], [0, 9, 0, 0]]
    rows = [{"name": "a", "confusion": CONFUSION}, {"name": "b", "confusion": other}]
    content = {"labels": LABELS, "split": {"name": "valid"}, "checkpoints": rows}
    write_report(tmp_path / "valid.json", "classify", content)
    labels, matrix = read_confusions(str(tmp_path / "valid.json"))
    [pair] = most_confused(labels, matrix, top=1)
    assert (pair.first, pair.second, pair.confused) == ("ball game", "dog", 10)
