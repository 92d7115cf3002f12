"""The most confused pairs of classes, from the JSON of evaluation.classify."""

import re

import numpy as np
import pytest

from data_prep.errors import InputError
from fairseq_cline.data.confused_pairs_file import read_label_distances
from fairseq_cline.evaluation import confused_pairs
from fairseq_cline.evaluation.reports.report_file import write_report

LABELS = ["art", "ball game", "car", "dog"]
CONFUSION = [[9, 0, 2, 0], [1, 8, 3, 0], [1, 0, 7, 0], [0, 1, 0, 9]]


@pytest.fixture
def report(tmp_path):
    """Writes valid.json: `report([matrix, ...], split="valid")`."""

    def write(matrices, split="valid", labels=LABELS):
        rows = [{"name": f"seed{k}", "confusion": matrix} for k, matrix in enumerate(matrices)]
        content = {"labels": labels, "split": {"name": split}, "checkpoints": rows}
        write_report(tmp_path / "valid.json", "classify", content)
        return tmp_path / "valid.json"

    return write


def test_training_reads_what_the_command_writes(report, tmp_path, run_main, capsys):
    output = tmp_path / "pairs.tsv"
    run_main(confused_pairs, report([CONFUSION]), "--top", 2, "--distance", 4, "--output", output)
    assert output.read_text() == "art\tcar\t4\nball game\tcar\t4\n"
    expected = np.ones((4, 4))
    expected[[0, 2, 1, 2], [2, 0, 2, 1]] = 4
    assert np.array_equal(read_label_distances(str(output), LABELS, 9.0).numpy(), expected)
    assert "2 pair(s), of 8 wrong answers to 41 examples:\n       3  art, car\n" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"split": "test1"}, "made from the split 'test1', and what is chosen with a test set"),
        (
            {"matrices": [None]},
            r"damaged \(ValueError: no counts of each pair of classes\); make it",
        ),
        ({"labels": ["art"]}, "no counts of each pair of classes"),
        ({"labels": []}, "a regression, which has no classes"),
        ({"labels": ["art", 1, "car", "x"]}, "a label or the split is no text"),
        ({"split": None}, "a label or the split is no text"),
        ({"matrices": []}, "no counts"),
        ({"matrices": [(np.eye(4) * 1e308).tolist()]}, "no counts"),
        ({"matrices": [[[10**30] * 4] * 4]}, "no counts"),
        ({"matrices": [np.eye(4, dtype=int).tolist()]}, "no class is taken for another"),
    ],
)
def test_other_files_are_refused(report, tmp_path, run_main, content, message):
    path = report(**{"matrices": [CONFUSION], **content})
    with pytest.raises(InputError, match=f"^{re.escape(str(path))}: .*{message}"):
        run_main(confused_pairs, path, "--output", tmp_path / "pairs.tsv")
    assert [file.name for file in tmp_path.iterdir()] == ["valid.json"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--top", 0], "--top: '0' is not a whole number from 1 to"),
        (["--distance", "nan"], "--distance nan: must be a number above 0"),
        (["--output", "absent/pairs.tsv"], "--output absent/pairs.tsv: its folder does not exist"),
    ],
)
def test_wrong_options_are_refused(report, tmp_path, run_main, options, message):
    with pytest.raises(InputError, match=message):
        run_main(confused_pairs, report([CONFUSION]), "--output", tmp_path / "x", *options)


def test_the_report_is_not_written_over(report, run_main):
    path = report([CONFUSION])
    before = path.read_bytes()
    with pytest.raises(InputError, match="valid.json: is read by this command; give another file"):
        run_main(confused_pairs, path, "--output", path)
    assert path.read_bytes() == before


def test_a_folder_is_no_output(report, tmp_path, run_main):
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(InputError, match="is a folder; give the name of a file"):
        run_main(confused_pairs, report([CONFUSION]), "--output", folder)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder", "valid.json"]
