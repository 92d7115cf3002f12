"""Invariance of classifiers: flips counted by hand, errors of clusters, bad folders."""

import json
import math

import pytest
import torch

from data_prep.errors import InputError
from fairseq_cline.evaluation import invariance
from fairseq_cline.evaluation.classifiers import classifier as classifiers
from fairseq_cline.evaluation.classifiers.labeled_text import ClassificationData
from fairseq_cline.evaluation.invariance import ALL, evaluate, mean_and_error, read_sets, table

LABELS = ["bad", "good", "so-so"]
# Kind -> (label, untouched, changed); each number is the class that the stand-in model answers.
SETS = {
    "typo": [
        ("good", "a 1", "b 1"),  # right, stays
        ("good", "c 1", "d 0"),  # flips from right to wrong
        ("bad", "e 1", "f 2"),  # flips from wrong to wrong
        ("bad", "g 1", "h 0"),  # flips from wrong to right
    ],
    "name": [("good", "a 1", "i 0"), ("so-so", "j 2", "k 2")],
}


def data_bin(labels=LABELS) -> ClassificationData:
    return ClassificationData("data-bin", labels, 1, dictionary=None, tokenizer=None)


class StandIn:
    """Answers with the class that ends a text, and counts what it is asked."""

    name, sha256 = "stand|in", "0" * 64

    def __init__(self) -> None:
        self.data, self.asked = data_bin(), []

    def probabilities(self, texts, progress) -> torch.Tensor:
        self.asked += texts
        classes = torch.tensor([int(text[0][-1]) for text in texts])
        return torch.nn.functional.one_hot(classes, 3).float()


@pytest.fixture
def folder(tmp_path):
    for kind, rows in SETS.items():
        for ending, column in ((".original.tsv", 1), (".tsv", 2)):
            lines = [f"{row[0]}\t{row[column]}\n" for row in rows]
            (tmp_path / (kind + ending)).write_text("".join(lines))
    return tmp_path


def test_flips_by_hand(folder):
    model = StandIn()
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


def test_the_error_of_independent_values_is_that_of_a_share():
    values = torch.rand(50, generator=torch.Generator().manual_seed(1)) < 0.3
    share = values.double().mean().item()
    score = mean_and_error(values.tolist(), range(50))
    assert score.value == pytest.approx(100 * share)
    assert score.standard_error == pytest.approx(100 * math.sqrt(share * (1 - share) / 50))
    # Each value four times is no new information.
    again = mean_and_error(values.tolist() * 4, [*range(50)] * 4)
    assert again.standard_error == pytest.approx(score.standard_error)


def test_the_table_has_the_checkpoints_side_by_side(folder):
    model = StandIn()
    result = evaluate(model, read_sets(str(folder), model.data))
    lines = table([result, result]).splitlines()
    assert len(lines) == 2 + 2 * 3
    assert lines[4] == lines[5]
    assert lines[4] == r"| typo | 4 | stand\|in | 50.0 ± 25.0 | 50.0 ± 25.0 | 75.0 ± 21.7 |"


def test_the_command(folder, run_main, monkeypatch, capsys):
    monkeypatch.setattr(invariance, "open_databin", lambda path: data_bin())
    monkeypatch.setattr(classifiers, "load", lambda *_: StandIn())
    report, plot = folder / "report.json", folder / "plot.png"
    run_main(
        invariance, "model.pt", "--data", "data-bin", "--sets", folder, "--cpu",
        "--json", report, "--plot", plot,
    )  # fmt: skip
    results = json.loads(report.read_text())
    (row,) = results["checkpoints"]
    assert row["kinds"]["name"]["flips"] == {
        "value": 50.0, "standard_error": pytest.approx(35.355339),
    }  # fmt: skip
    assert set(results["split"]) == {
        f"{kind}{ending}" for kind in SETS for ending in (".original.tsv", ".tsv")
    }
    assert "| name | 2 | stand" in capsys.readouterr().out
    assert plot.read_bytes().startswith(b"\x89PNG")
    monkeypatch.setattr(invariance, "open_databin", lambda path: data_bin(labels=[]))
    with pytest.raises(InputError, match="its labels are numbers"):
        run_main(invariance, "model.pt", "--data", "data-bin", "--sets", folder)


def test_folders_that_do_not_fit(folder, tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty")
    for path in (empty, empty / "absent"):
        with pytest.raises(InputError, match=r"no \*.original.tsv in it"):
            read_sets(str(path), data_bin())
    (folder / "name.tsv").write_text("good\ti 0\n")
    with pytest.raises(InputError, match=r"name.tsv: its labels are not those of .*name.original"):
        read_sets(str(folder), data_bin())
    (folder / "name.tsv").unlink()
    with pytest.raises(InputError, match="name.tsv: cannot be read"):
        read_sets(str(folder), data_bin())
