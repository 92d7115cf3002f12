"""The label distances of checkpoints of fairseq-train --criterion clld, and their figure."""

import csv
import json
import shutil
from pathlib import Path

import pytest
import torch

from data_prep.errors import InputError
from fairseq_cline.evaluation import label_distance
from fairseq_cline.evaluation.classifiers import classifier as classifiers
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin
from fairseq_cline.evaluation.label_distance import LabelDistance
from fairseq_cline.evaluation.reports import plots

SMALL = ["--arch", "roberta", "--max-positions", 40, "--encoder-layers", 1]
SMALL += ["--encoder-embed-dim", 16, "--encoder-ffn-embed-dim", 32, "--encoder-attention-heads", 2]
SMALL += ["--init-token", 0, "--shorten-method", "truncate", "--cpu", "--num-workers", 0]
SMALL += ["--optimizer", "adam", "--lr", 2e-4, "--batch-size", 80, "--max-epoch", 3]
SMALL += ["--log-format", "simple", "--label-distance-interval", 1]


@pytest.fixture(scope="session")
def clld(opinions, tmp_path_factory, run_fairseq) -> Path:
    """Checkpoints of three epochs; before the second and the third come updates of Algorithm 1."""
    folder = tmp_path_factory.mktemp("clld")
    done = run_fairseq(
        "train", opinions, "--task", "clld_classification", "--criterion", "clld", *SMALL,
        "--save-dir", folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def distance(matrix, kind="adaptive", updates=2, validations=30) -> LabelDistance:
    return LabelDistance("a", "", kind, updates, validations, matrix)


def test_the_command_shows_what_the_checkpoint_holds(clld, opinions, tmp_path, run_main, capsys):
    run_main(
        label_distance, f"early={clld / 'checkpoint1.pt'}", f"late={clld / 'checkpoint3.pt'}",
        "--data", opinions, "--json", tmp_path / "out.json", "--csv", tmp_path / "out.csv",
        "--plot", tmp_path / "out.png", "--cpu",
    )  # fmt: skip
    early, late = json.loads((tmp_path / "out.json").read_text())["checkpoints"]
    assert (early["updates"], early["validations"]) == (0, 1)
    assert (late["updates"], late["validations"]) == (2, 3)
    matrix = torch.load(clld / "checkpoint3.pt", weights_only=True)["criterion"][
        "label_distance.matrix"
    ]
    assert torch.equal(torch.tensor(late["matrix"]), matrix)
    assert early["matrix"] == [[1, 1], [1, 1]] and matrix.max() > 1

    first, second, pair = capsys.readouterr().out.splitlines()
    assert first == (
        "early: this checkpoint was chosen before the first update of Algorithm 1, after "
        "1 validation(s): its training saw no distance but 1"
    )
    assert second == "late: 2 update(s) of Algorithm 1 in 3 validation(s)"
    assert pair.split() == [f"{(matrix[0, 1] + matrix[1, 0]) / 2:.2f}", "bad,", "good"]
    with (tmp_path / "out.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["checkpoint", "label", "bad", "good"]
    assert rows[3] == ["late", "good", f"{matrix[1, 0]:.4f}", "1.0000"]
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_a_checkpoint_of_clld_is_a_classifier_that_names_its_classes(clld, opinions):
    """Its configuration has -1 for their number: the task counts them."""
    path = str(clld / "checkpoint3.pt")
    assert torch.load(path, weights_only=True)["cfg"]["task"]["num_classes"] == -1
    data = open_databin(str(opinions))
    classifier = classifiers.load("x", path, data, torch.device("cpu"))
    assert classifier.probabilities(["the film was fine"]).shape == (1, 2)


def test_the_farthest_pairs_come_first_by_the_mean_of_both_directions():
    matrix = [[1.0, 1.5, 5.0], [1.5, 1.0, 1.0], [2.0, 1.0, 1.0]]
    lines = label_distance.describe(distance(matrix), ["art", "car", "dog"], top=5).splitlines()
    assert lines[1:] == ["    3.50  art, dog", "    1.50  art, car"]
    assert label_distance.describe(distance(matrix), ["art", "car", "dog"], top=1).count("\n") == 1


@pytest.mark.parametrize("kind", ["static", "none"])
def test_a_matrix_that_was_given_is_not_taken_for_a_learned_one(kind):
    text = label_distance.describe(distance([[1.0, 5.0], [5.0, 1.0]], kind, 0), ["a", "b"], 1)
    assert text.splitlines() == [
        f"a: --label-distance {kind}: nothing was learned",
        "    5.00  a, b",
    ]


@pytest.mark.parametrize("classes", [2, 52])
def test_the_figure_grows_with_the_classes(classes, tmp_path):
    labels = [f"class {k}" for k in range(classes)]
    plots.label_distances(str(tmp_path / "x.png"), labels, {"a": torch.eye(classes).tolist()})
    width, height = (
        int.from_bytes((tmp_path / "x.png").read_bytes()[at : at + 4], "big") for at in (16, 20)
    )
    assert width > height > 15 * classes  # pixels: room for a name each


def test_a_checkpoint_without_distances_is_refused(opinions, opinion_classifier, run_main):
    with pytest.raises(InputError, match="checkpoint_last.pt: no label distances in it; give"):
        run_main(label_distance, opinion_classifier, "--data", opinions)


def test_a_checkpoint_of_other_classes_is_refused(clld, opinions, tmp_path, run_main):
    other = tmp_path / "other"
    shutil.copytree(opinions, other)
    with (other / "label" / "dict.txt").open("a") as labels:
        labels.write("fair 1\n")
    with pytest.raises(InputError, match="checkpoint3.pt knows 2 classes, .*other has 3; give"):
        run_main(label_distance, clld / "checkpoint3.pt", "--data", other)
