"""The command that compares classifiers."""

import json

import numpy as np
import pytest

from data_prep.errors import InputError
from fairseq_cline.evaluation import classify, seeds
from fairseq_cline.evaluation.classifiers.accuracy import evaluate
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin
from fairseq_cline.evaluation.classifiers.metrics import regression_scores


@pytest.fixture
def reports(opinions, opinion_classifier, tmp_path, run_main, capsys):
    """The command on one checkpoint under two names: its table and its files' folder."""
    run_main(
        classify, f"a={opinion_classifier}", f"b={opinion_classifier}", "--data", opinions,
        "--json", tmp_path / "out.json", "--plot", tmp_path / "out.png",
        "--predictions", tmp_path / "out", "--cpu",
    )  # fmt: skip
    return capsys.readouterr().out, tmp_path


def test_the_command_writes_what_it_prints(reports, opinions, opinion_classifier):
    output, folder = reports
    report = json.loads((folder / "out.json").read_text())
    assert report["labels"] == ["bad", "good"] and report["split"]["examples"] == 41
    row = report["checkpoints"][0]
    assert list(row["metrics"]) == ["accuracy", "macro-F1", "Matthews", "F1"]
    assert sum(map(sum, row["confusion"])) == 41
    lines = output.splitlines()
    assert lines[0] == "test, n = 41: percent ± standard error"
    cells = lines[3].replace("±", "").split()
    accuracy = row["metrics"]["accuracy"]
    assert cells[:3] == ["a", f"{accuracy['value']:.2f}", f"{accuracy['standard_error']:.1f}"]
    assert (folder / "out.png").read_bytes().startswith(b"\x89PNG")

    header, *predictions = (folder / "out" / "b.tsv").read_text().splitlines()
    assert header == "label\tpredicted\tp(bad)\tp(good)\ttext"
    raw = (opinions / "raw" / "test.tsv").read_text().splitlines()
    cells = [line.split("\t") for line in predictions]
    assert [f"{cell[0]}\t{cell[4]}" for cell in cells] == raw
    right = sum(cell[0] == cell[1] for cell in cells)
    assert 100 * right / 41 == pytest.approx(accuracy["value"])
    numbers = np.array([cell[2:4] for cell in cells], dtype=np.float32)
    assert np.array_equal(numbers[:, 1] > numbers[:, 0], [cell[1] == "good" for cell in cells])
    data = open_databin(str(opinions))
    _, outputs = evaluate(load_classifier(str(opinion_classifier), data), data.read_split("test"))
    assert np.array_equal(numbers, outputs.numpy())


def test_seeds_are_put_together(reports, run_main, capsys):
    run_main(seeds, reports[1] / "out.json")
    header, _, first, second = capsys.readouterr().out.splitlines()
    assert header == "| | accuracy | against a | macro-F1 | Matthews | F1 |"
    assert first.startswith("| a |") and "| +0.0 |" in second


def test_a_regression_has_correlations(
    number_databin, write_classifier, tmp_path, run_main, capsys
):
    path = write_classifier(
        tmp_path / "model.pt", number_databin, "--num-classes=1", "--regression-target"
    )
    run_main(
        classify, path, "--data", number_databin, "--json", tmp_path / "out.json", "--cpu",
        "--predictions", tmp_path,
    )  # fmt: skip
    row = json.loads((tmp_path / "out.json").read_text())["checkpoints"][0]
    assert list(row["metrics"]) == ["Pearson", "Spearman"] and row["confusion"] is None
    assert "Pearson" in capsys.readouterr().out
    header, *lines = (tmp_path / "model.pt.tsv").read_text().splitlines()
    assert header == "label\tpredicted\ttext" and lines[0].startswith("0.0\t")
    # The untrained model tells the texts apart by less than a ten-thousandth.
    actual, predicted = np.array([line.split("\t")[:2] for line in lines], dtype=np.float32).T
    again = regression_scores(actual.astype(float), predicted.astype(float))
    for name, score in again.items():
        assert score.value == pytest.approx(row["metrics"][name]["value"], abs=1e-3)


def test_what_is_cut_is_said(pair_databin, write_classifier, tmp_path, run_main, capsys):
    path = write_classifier(tmp_path / "model.pt", pair_databin, "--num-classes=3")
    run_main(classify, path, "--data", pair_databin, "--cpu")
    assert "model.pt: 1 examples cut to fit the model" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("number_databin", ["--plot", "x.png"], "--plot draws classes"),
        ("opinions", ["--split", "no"], "raw/no.tsv: no such file; give another --split"),
        ("opinions", ["--json", "no/x.json"], "--json no/x.json: its folder does not exist"),
    ],
)
def test_a_wrong_option_is_refused_before_the_work(kind, options, message, request, run_main):
    databin = request.getfixturevalue(kind)
    with pytest.raises(InputError, match=message):
        run_main(classify, "unread.pt", "--data", databin, *options)
