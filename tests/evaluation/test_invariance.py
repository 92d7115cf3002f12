"""The command for invariance: its table, its report and its figure."""

import json

import pytest
from toy_classifier import ToyClassifier, toy_data

from data_prep.errors import InputError
from fairseq_cline.evaluation import invariance

LABELS = ["bad", "good"]


@pytest.fixture
def folder(tmp_path):
    """Two kinds of change; one of the second flips."""
    for kind, changed in (("typo", "b 1"), ("name", "i 0")):
        (tmp_path / f"{kind}.original.tsv").write_text("good\ta 1\nbad\tj 0\n")
        (tmp_path / f"{kind}.tsv").write_text(f"good\t{changed}\nbad\tk 0\n")
    return tmp_path


def test_the_command(folder, run_main, monkeypatch, capsys):
    monkeypatch.setattr(invariance, "open_classes", lambda *_, **__: toy_data(LABELS))
    monkeypatch.setattr(
        invariance, "load_classifier", lambda path, data, name, device: ToyClassifier(LABELS, name)
    )
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
        f"{kind}{ending}" for kind in ("typo", "name") for ending in (".original.tsv", ".tsv")
    }
    assert "| name | 2 | model.pt | 100.0 ± 0.0 | 50.0 ± 35.4 | " in capsys.readouterr().out
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_numbers_do_not_flip(number_databin, folder, run_main):
    with pytest.raises(InputError, match="its labels are numbers"):
        run_main(invariance, "unread.pt", "--data", number_databin, "--sets", folder)
