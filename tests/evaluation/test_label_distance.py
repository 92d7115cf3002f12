"""The command that shows the label distances of checkpoints."""

import csv
import json

import pytest
import torch

from data_prep.errors import InputError
from fairseq_cline.evaluation import label_distance
from fairseq_cline.evaluation.reports.drawing import frame, matrices


def test_the_command_shows_what_the_checkpoint_holds(
    write_clld, opinions, tmp_path, run_main, capsys
):
    ones, matrix = [[1.0, 1.0], [1.0, 1.0]], [[1.0, 2.5], [1.25, 1.0]]
    early = write_clld("early.pt", ones, updates=0, validations=1)
    late = write_clld("late.pt", matrix, updates=2, validations=3)
    run_main(
        label_distance, f"early={early}", f"late={late}", "--data", opinions,
        "--json", tmp_path / "out.json", "--csv", tmp_path / "out.csv",
        "--plot", tmp_path / "out.png", "--cpu",
    )  # fmt: skip
    first, second = json.loads((tmp_path / "out.json").read_text())["checkpoints"]
    assert (first["updates"], first["validations"], first["matrix"]) == (0, 1, ones)
    assert (second["updates"], second["validations"], second["matrix"]) == (2, 3, matrix)
    assert capsys.readouterr().out.splitlines() == [
        (
            "early: this checkpoint was chosen before the first update of Algorithm 1, after "
            "1 validation(s): its training saw no distance but 1"
        ),
        "late: 2 update(s) of Algorithm 1 in 3 validation(s)",
        "    1.88  bad, good",
    ]
    with (tmp_path / "out.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["checkpoint", "label", "bad", "good"]
    assert rows[3] == ["late", "good", "1.25", "1"]
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("classes", [2, 52])
def test_the_figure_grows_with_the_classes(classes, tmp_path):
    labels = [f"class {k}" for k in range(classes)]
    figure = matrices.label_distances(labels, {"a": torch.eye(classes).tolist()})
    frame.write_png(tmp_path / "x.png", figure)
    width, height = (
        int.from_bytes((tmp_path / "x.png").read_bytes()[at : at + 4], "big") for at in (16, 20)
    )
    assert width > height > 15 * classes  # pixels: room for a name each


def test_numbers_have_no_distances(number_databin, run_main):
    with pytest.raises(InputError, match="labels are numbers, but a label distance needs classes"):
        run_main(label_distance, "unread.pt", "--data", number_databin)
