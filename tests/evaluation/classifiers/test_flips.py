"""Flip rates of classifiers: counted by hand, and folders that do not fit."""

import math

import pytest
from toy_classifier import ToyClassifier, toy_data

from data_prep.errors import InputError
from fairseq_cline.evaluation.classifiers.flips import ALL, evaluate, read_sets, table

LABELS = ["bad", "good", "so-so"]
# Kind -> (label, untouched, changed); each number is the class that the toy answers.
SETS = {
    "typo": [
        ("good", "a 1", "b 1"),  # right, stays
        ("good", "c 1", "d 0"),  # flips from right to wrong
        ("bad", "e 1", "f 2"),  # flips from wrong to wrong
        ("bad", "g 1", "h 0"),  # flips from wrong to right
    ],
    "name": [("good", "a 1", "i 0"), ("so-so", "j 2", "k 2")],
}


@pytest.fixture
def folder(tmp_path):
    for kind, rows in SETS.items():
        for ending, column in ((".original.tsv", 1), (".tsv", 2)):
            lines = [f"{row[0]}\t{row[column]}\n" for row in rows]
            (tmp_path / (kind + ending)).write_text("".join(lines))
    return tmp_path


def test_flips_by_hand(folder):
    model = ToyClassifier(LABELS, "toy|model")
    found = evaluate(model, read_sets(str(folder), model.data)).kinds
    values = {
        kind: (i.examples, i.original.value, i.perturbed.value, i.flips.value)
        for kind, i in found.items()
    }
    assert values == {
        "typo": (4, 50.0, 50.0, 75.0),
        "name": (2, 100.0, 50.0, 50.0),
        ALL: (6, pytest.approx(400 / 6), 50.0, pytest.approx(400 / 6)),
    }
    assert found["typo"].flips.standard_error == pytest.approx(100 * math.sqrt(0.75 * 0.25 / 4))
    # Of all, "a 1" counts once: values less the mean, 1/3 twice there, are added before squaring.
    right = [(1 / 3 + 1 / 3), 1 / 3, -2 / 3, -2 / 3, 1 / 3]
    expected = 100 * math.sqrt(sum(value**2 for value in right)) / 6
    assert found[ALL].original.standard_error == pytest.approx(expected)
    assert len(model.asked) == len(set(model.asked)) == 11  # "a 1" once


def test_the_table_has_the_checkpoints_side_by_side(folder):
    model = ToyClassifier(LABELS, "toy|model")
    result = evaluate(model, read_sets(str(folder), model.data))
    lines = table([result, result]).splitlines()
    assert len(lines) == 2 + 2 * 3
    assert lines[4] == lines[5]
    assert lines[4] == r"| typo | 4 | toy\|model | 50.0 ± 25.0 | 50.0 ± 25.0 | 75.0 ± 21.7 |"


def test_folders_that_do_not_fit(folder, tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty")
    for path in (empty, empty / "absent"):
        with pytest.raises(InputError, match=r"no \*.original.tsv in it"):
            read_sets(str(path), toy_data(LABELS))
    (folder / "name.tsv").write_text("good\ti 0\n")
    with pytest.raises(InputError, match=r"name.tsv: its labels are not those of .*name.original"):
        read_sets(str(folder), toy_data(LABELS))
    (folder / "name.tsv").unlink()
    with pytest.raises(InputError, match="name.tsv: no such file"):
        read_sets(str(folder), toy_data(LABELS))
